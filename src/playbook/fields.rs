//! The tables of a playbook as they are written. From these types comes the schema, too.
//!
//! `vars` and `step` are missing here: variables are read before all other strings can be, and what
//! a step holds is up to its kind.

use std::borrow::Cow;
use std::num::NonZeroU64;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error as _};
use toml::Spanned;

use crate::finding::RULES;
use crate::path::{Pattern, Patterns, RepoPath};
use crate::python;

/// The keys of a playbook that are read apart from [`Fields`].
pub(super) const APART: [&str; 2] = ["vars", "step"];

/// A clean-up of a Python repository, for `overhaul plan` and `overhaul apply`.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Playbook")]
pub(super) struct Fields {
    /// Part of the name of the branch that a run makes: letters, digits, `-`, `_` and `.`.
    #[schemars(with = "String")]
    pub(super) name: Spanned<String>,
    /// What it is for.
    #[serde(default)]
    pub(super) description: String,
    /// The versions of overhaul that it is written for, such as `>=0.1`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) requires: Option<Spanned<String>>,
    /// How the Python code is laid out; detected where it is not given.
    #[serde(default)]
    pub(super) python: Python,
    /// What stays as it is.
    #[serde(default)]
    pub(super) keep: Keep,
    /// The sprints, in order.
    #[serde(default)]
    pub(super) sprint: Vec<Sprint>,
    /// What has to hold for the repository to be ready.
    #[serde(default)]
    #[schemars(with = "Vec<Check>")]
    pub(super) check: Vec<Spanned<Check>>,
    /// How the result is proved.
    #[serde(default)]
    pub(super) verify: Verify,
}

/// How the Python code is laid out.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Python {
    /// The folders from which absolute imports resolve.
    pub(super) roots: Option<Vec<RepoPath>>,
    /// The Python version of the code, such as `3.12`.
    pub(super) target: Option<Target>,
    /// The files that are started by something outside the repository.
    #[serde(default)]
    pub(super) entry_points: PatternList,
}

/// What stays as it is.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Keep {
    /// Not moved or removed; their imports still follow.
    #[serde(default)]
    pub(super) paths: PatternList,
    /// Not a byte of them changes.
    #[serde(default)]
    pub(super) frozen: PatternList,
}

/// A named group of steps with a goal.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Sprint {
    /// Its name, as steps use it.
    #[schemars(with = "String")]
    pub(super) name: Spanned<String>,
    /// How urgent it is: `P0` before `P1`.
    pub(super) priority: Option<Priority>,
    /// What holds when it is done.
    pub(super) goal: Option<String>,
}

/// How urgent a sprint is.
#[derive(Debug, Clone, Copy, serde::Deserialize, JsonSchema)]
pub(super) enum Priority {
    /// Nothing else before it.
    P0,
    /// High.
    P1,
    /// Ordinary.
    P2,
    /// Low.
    P3,
    /// Some day.
    P4,
}

/// A readiness check: of a rule, or ticked by hand.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Check {
    /// An audit rule.
    #[schemars(with = "Option<Rule>")]
    pub(super) rule: Option<Spanned<String>>,
    /// The most findings of the rule that are fine; none where it is not given.
    pub(super) max: Option<u64>,
    /// What a person has to make sure of.
    pub(super) manual: Option<String>,
    /// Whether that is done.
    pub(super) done: Option<bool>,
}

/// How the result is proved, beside the imports.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Verify {
    /// Commands that must succeed in a throw-away checkout of the result.
    #[serde(default)]
    pub(super) run: Vec<String>,
    /// The seconds after which each of them is ended, with all that it started; 600 where it is not given.
    pub(super) timeout: Option<NonZeroU64>,
    /// Whether a new import-time cycle fails the plan.
    #[serde(default)]
    pub(super) cycles: Cycles,
}

/// What a new import-time cycle does.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Cycles {
    /// Fails the plan.
    #[default]
    Fail,
    /// Is reported.
    Warn,
}

/// What every step may have, whatever its kind.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Common {
    /// Its name for `--only` and `--skip`; made of its number and kind where it is not given.
    #[schemars(with = "Option<String>")]
    pub(super) id: Option<Spanned<String>>,
    /// The sprint that it belongs to.
    #[schemars(with = "Option<String>")]
    pub(super) sprint: Option<Spanned<String>>,
    /// Why it is wanted: part of the commit message.
    pub(super) why: Option<String>,
    /// The condition under which it runs.
    #[schemars(with = "Option<When>")]
    pub(super) when: Option<Spanned<When>>,
    /// Also applies the edits of this step that are only probably right.
    pub(super) include: Option<Include>,
    /// Leaves alone what something that stays still uses.
    #[serde(default)]
    pub(super) unless_used: bool,
    /// Puts imports that it edits where they belong, where the imports around them were in order.
    #[serde(default)]
    pub(super) sort: bool,
    /// Leaves alone what is not byte-identical to this file.
    pub(super) same_as: Option<RepoPath>,
}

impl Common {
    /// The keys of the table.
    pub(super) const KEYS: [&str; 8] =
        ["id", "sprint", "why", "when", "include", "unless-used", "sort", "same-as"];
}

/// Which edits are applied beside the safe ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Include {
    /// Those that a person should look at.
    Review,
}

/// A condition: all parts that are given have to hold.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct When {
    /// A path that exists when the step's turn comes.
    pub(super) exists: Option<RepoPath>,
    /// A path that does not.
    pub(super) missing: Option<RepoPath>,
    /// A variable that is neither empty, `false` nor `0`.
    #[schemars(with = "Option<String>")]
    pub(super) var: Option<Spanned<String>>,
}

/// A Python version: `3.12`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target(pub(super) (u8, u8));

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let minor = text.strip_prefix("3.").and_then(|it| it.parse().ok());
        let is_plain = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
        let (_, newest) = python::NEWEST;
        match minor.filter(|_| is_plain) {
            Some(minor) if minor <= newest => Ok(Self((3, minor))),
            Some(_) => Err(D::Error::custom(format!(
                "`{text}` is newer than every Python that is known, up to `3.{newest}`"
            ))),
            None => Err(D::Error::custom(format!("`{text}` is no Python version such as `3.12`"))),
        }
    }
}

impl JsonSchema for Target {
    fn schema_name() -> Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": r"^3\.[0-9]+$" })
    }
}

/// The schema of the name of a rule; that a name is one is checked where it can be suggested.
struct Rule;

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "enum": RULES })
    }
}

/// Patterns of which later ones with a leading `!` take back what earlier ones cover.
#[derive(Debug, Default)]
pub(super) struct PatternList(pub(super) Patterns);

impl<'de> Deserialize<'de> for PatternList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Vec::<Row>::deserialize(deserializer)?;
        let texts = rows.iter().map(|Row(text)| text.as_str());
        Patterns::new(texts).map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for PatternList {
    fn schema_name() -> Cow<'static, str> {
        "Patterns".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Vec<Pattern>>()
    }

    fn inline_schema() -> bool {
        true
    }
}

/// One row of a [`PatternList`], checked where it is written.
struct Row(String);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Patterns::new([text.as_str()]).map_err(D::Error::custom)?;
        Ok(Self(text))
    }
}
