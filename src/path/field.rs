//! Paths and patterns as fields of a playbook: a bad one is an error where it is written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};

use super::{Pattern, RepoPath};

impl<'de> Deserialize<'de> for RepoPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

impl JsonSchema for RepoPath {
    fn schema_name() -> Cow<'static, str> {
        "Path".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "description": "A path relative to the repository's root, with `/` between its parts.",
        })
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "description": "A pattern anchored at the repository's root: `*` stays in one folder, `**` is any depth.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Fields {
        path: RepoPath,
        pattern: Pattern,
    }

    #[test]
    fn a_bad_path_is_an_error_where_it_is_written() {
        let good: Fields = toml::from_str("path = './a/'\npattern = 'a/*'").unwrap();
        assert_eq!((good.path.to_string().as_str(), good.pattern.as_text()), ("a", "a/*"));
        let error = toml::from_str::<Fields>("path = 'a'\npattern = '../x'").unwrap_err();
        assert_eq!(error.message(), "`../x` leads outside the repository");
        assert_eq!(error.span(), Some(21..27));
    }
}
