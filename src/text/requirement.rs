//! One requirement as PEP 508 writes it, and whether any version satisfies what it asks for.
//!
//! Sets of versions are compared at the places where the answer can change: at each version that is
//! named, and right before and behind it. Whatever is allowed at all is allowed at one of these.

use std::fmt;
use std::str::FromStr as _;

use pep440_rs::{LocalSegment, Operator, Prerelease, Version, VersionSpecifier, VersionSpecifiers};

/// What a project asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The distribution, as it is written.
    pub name: String,
    /// The extras, as they are written.
    pub extras: Vec<String>,
    /// Which versions are wanted.
    pub versions: Versions,
    /// Where it comes from, if that is said.
    pub url: Option<String>,
    /// When it is wanted, without the `;`.
    pub marker: Option<String>,
}

/// Which versions are wanted, and how that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    text: String,
    specifiers: VersionSpecifiers,
}

/// Two requirements that nothing satisfies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no version satisfies both")]
pub struct Conflict;

/// Returns the one spelling of a distribution's name: lower case, `-` between its parts.
#[must_use]
pub fn normalised(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

impl Requirement {
    /// Reads a requirement; `None` where PEP 508 does not know it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
        let (name, rest) = text.split_at(text.find(|it| !is_name(it)).unwrap_or(text.len()));
        let ends_well = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
        if !ends_well(name.chars().next()) || !ends_well(name.chars().last()) {
            return None;
        }
        let (extras, rest) = match rest.trim_start().strip_prefix('[') {
            Some(inner) => {
                let (inner, rest) = inner.split_once(']')?;
                let names = inner.split(',').map(str::trim).filter(|it| !it.is_empty());
                (names.map(str::to_owned).collect::<Vec<_>>(), rest.trim_start())
            }
            None => (Vec::new(), rest.trim_start()),
        };
        if extras.iter().any(|it| !it.chars().all(is_name)) {
            return None;
        }
        let (url, versions, marker) = match rest.strip_prefix('@') {
            Some(url) => {
                // An address may hold a `;`, so blanks go before that of a marker.
                let (url, marker) = url.split_once(" ;").map_or((url, None), |(a, b)| (a, Some(b)));
                let url = url.trim();
                if url.is_empty() || url.contains(char::is_whitespace) {
                    return None;
                }
                (Some(url.to_owned()), "", marker)
            }
            None => {
                let (versions, marker) =
                    rest.split_once(';').map_or((rest, None), |(a, b)| (a, Some(b)));
                (None, versions.trim(), marker)
            }
        };
        let inner = versions.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        let versions = Versions::parse(inner.unwrap_or(versions).trim())?;
        let marker = marker.map(|it| it.trim().to_owned());
        if marker.as_ref().is_some_and(String::is_empty) {
            return None;
        }
        Some(Self { name: name.to_owned(), extras, versions, url, marker })
    }

    /// Returns what tells requirements apart that stand beside each other: the name, and the marker.
    #[must_use]
    pub fn key(&self) -> (String, String) {
        let marker = self.marker.as_deref().unwrap_or_default().replace('\'', "\"");
        let is_operator = |it: char| matches!(it, '<' | '>' | '=' | '!' | '~' | '(' | ')');
        let parts = marker.split_inclusive(is_operator).flat_map(|it| {
            let (text, operator) = it.split_at(it.trim_end_matches(is_operator).len());
            [text.split_whitespace().collect::<Vec<_>>().join(" "), operator.to_owned()]
        });
        (normalised(&self.name), parts.collect())
    }

    /// Returns what asks for all that both ask for, written as this one is.
    ///
    /// # Errors
    /// When no version satisfies both, or they come from different places.
    pub fn merged(&self, other: &Self) -> Result<Self, Conflict> {
        let mut extras = self.extras.clone();
        for extra in &other.extras {
            if !extras.iter().any(|it| normalised(it) == normalised(extra)) {
                extras.push(extra.clone());
            }
        }
        let (url, versions) = match (&self.url, &other.url) {
            (Some(one), Some(two)) if one != two => return Err(Conflict),
            (Some(one), None) if other.versions.is_any() => {
                (Some(one.clone()), self.versions.clone())
            }
            (None, Some(two)) if self.versions.is_any() => {
                (Some(two.clone()), self.versions.clone())
            }
            (Some(_), None) | (None, Some(_)) => return Err(Conflict),
            (one, _) => (one.clone(), self.versions.merged(&other.versions)?),
        };
        Ok(Self { extras, url, versions, ..self.clone() })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.extras.is_empty() {
            write!(f, "[{}]", self.extras.join(","))?;
        }
        if let Some(url) = &self.url {
            write!(f, " @ {url}")?;
        }
        f.write_str(&self.versions.text)?;
        match &self.marker {
            Some(marker) => write!(f, " ; {marker}"),
            None => Ok(()),
        }
    }
}

impl Versions {
    /// Reads version specifiers; `None` where PEP 440 does not know them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let specifiers = VersionSpecifiers::from_str(text).ok()?;
        Some(Self { text: text.to_owned(), specifiers })
    }

    /// Tells whether every version is wanted.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.specifiers.is_empty()
    }

    /// Tells whether there can be a version that satisfies all of these.
    #[must_use]
    pub fn can_be(all: &[&Self]) -> bool {
        places(all).iter().any(|version| all.iter().all(|it| it.allow(version)))
    }

    /// Tells whether each version that this allows is allowed by `other`, too.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        let places = places(&[self, other]);
        places.iter().filter(|it| self.allow(it)).all(|it| other.allow(it))
    }

    fn merged(&self, other: &Self) -> Result<Self, Conflict> {
        if !Self::can_be(&[self, other]) {
            return Err(Conflict);
        }
        if self.is_within(other) {
            return Ok(self.clone());
        }
        if other.is_within(self) {
            return Ok(other.clone());
        }
        let known: Vec<String> = self.specifiers.iter().map(ToString::to_string).collect();
        let new = other.text.split(',').map(str::trim);
        let new = new.filter(|it| !known.iter().any(|known| known == it));
        let parts: Vec<&str> = std::iter::once(self.text.as_str()).chain(new).collect();
        Self::parse(&parts.join(",")).ok_or(Conflict)
    }

    fn allow(&self, version: &Version) -> bool {
        self.specifiers.iter().all(|it| allows(it, version))
    }
}

/// Tells whether a version satisfies a specifier, pre-releases not held back.
fn allows(specifier: &VersionSpecifier, version: &Version) -> bool {
    let named = specifier.version();
    let public = version.clone().without_local();
    let same_final =
        || named.epoch() == version.epoch() && named.only_release() == version.only_release();
    let is_equal = || if named.is_local() { version == named } else { public == *named };
    match specifier.operator() {
        Operator::Equal => is_equal(),
        Operator::NotEqual => !is_equal(),
        Operator::EqualStar => begins_with(&public, named, named.release().len()),
        Operator::NotEqualStar => !begins_with(&public, named, named.release().len()),
        Operator::TildeEqual => {
            public >= *named && begins_with(&public, named, named.release().len() - 1)
        }
        Operator::ExactEqual => version.to_string() == named.to_string(),
        Operator::GreaterThanEqual => public >= *named,
        Operator::LessThanEqual => public <= *named,
        // A pre-release of what is named is not below it, a post-release not above.
        Operator::LessThan => {
            version < named
                && (named.any_prerelease() || !version.any_prerelease() || !same_final())
        }
        Operator::GreaterThan => {
            version > named
                && (named.is_post() || !version.is_post() || !same_final())
                && !(version.is_local() && same_final())
        }
    }
}

/// Tells whether a version begins with the first numbers of another one.
fn begins_with(version: &Version, named: &Version, length: usize) -> bool {
    let number = |at: usize| version.release().get(at).copied().unwrap_or(0);
    let mut numbers = named.release().iter().take(length).enumerate();
    version.epoch() == named.epoch() && numbers.all(|(at, it)| number(at) == *it)
}

/// Returns versions at, right before and right behind every version that is named, and the first one.
fn places(all: &[&Versions]) -> Vec<Version> {
    let named = || all.iter().flat_map(|it| it.specifiers.iter()).map(VersionSpecifier::version);
    let length = named().map(|it| it.release().len()).max().unwrap_or(1);
    let mut found = vec![Version::new([0]).with_dev(Some(0))];
    for version in named() {
        let public = version.clone().without_local();
        let final_one = public.clone().with_pre(None).with_post(None).with_dev(None);
        let local = |it: &Version| it.clone().with_local(vec![LocalSegment::Number(0)]);
        found.extend([version.clone(), local(&public), local(&final_one)]);
        found.extend([public.clone(), final_one.clone()]);
        found.push(public.clone().with_dev(Some(public.dev().map_or(0, |it| it + 1))));
        found.push(final_one.clone().with_dev(Some(0)));
        // Behind it, its local versions aside.
        let next_post = Some(public.post().map_or(0, |it| it + 1));
        let post = public.clone().with_post(next_post).with_dev(None);
        found.extend([post.clone().with_dev(Some(0)), post]);
        if let Some(pre) = public.pre() {
            let next = Prerelease { kind: pre.kind, number: pre.number + 1 };
            let next = final_one.clone().with_pre(Some(next));
            found.extend([next.clone().with_dev(Some(0)), next]);
        }
        // Behind all that belongs to it, and behind all that begins as it does.
        let mut release = public.release().to_vec();
        release.resize(length, 0);
        release.push(1);
        let deeper = final_one.clone().with_release(release);
        found.extend([deeper.clone().with_dev(Some(0)), deeper]);
        for end in 1..=public.release().len() {
            let mut release = public.release()[..end].to_vec();
            release[end - 1] += 1;
            let next = final_one.clone().with_release(release);
            found.extend([next.clone().with_dev(Some(0)), next]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        let shown = (!shown.is_empty()).then(|| shown.to_owned());
        assert_eq!(Requirement::parse(text).map(|it| it.to_string()), shown);
    }

    #[track_caller]
    fn check_merged(one: &str, two: &str, expected: &str) {
        let [one, two] = [one, two].map(|it| Requirement::parse(it).unwrap());
        let merged = one.merged(&two);
        assert_eq!(merged.as_ref().map_or("-".to_owned(), ToString::to_string), expected);
        if let Ok(merged) = merged {
            assert_eq!(merged.merged(&two).as_ref(), Ok(&merged), "a second time");
        }
    }

    #[test]
    fn requirements_are_read() {
        check("redis", "redis");
        check("Flask [async, dotenv] (>=2.0, <3)", "Flask[async,dotenv]>=2.0, <3");
        check("a.b>=1;python_version<'3.9'", "a.b>=1 ; python_version<'3.9'");
        check(
            "torch @ https://example.org/t;x.whl ; os_name == 'nt'",
            "torch @ https://example.org/t;x.whl ; os_name == 'nt'",
        );
        for wrong in [
            "",
            "-e .",
            "a b",
            "a>=",
            "a=1",
            "./a.whl",
            "https://example.org",
            "a>=1.*",
            "a_",
            "a;",
        ] {
            check(wrong, "");
        }
    }

    #[test]
    fn markers_tell_apart_and_their_spelling_does_not() {
        let key = |text: &str| Requirement::parse(text).unwrap().key();
        assert_eq!(
            key("A_b ; os_name=='nt' and x  in 'a b'"),
            key("a.b; os_name == \"nt\" and x in \"a b\"")
        );
        assert_ne!(key("a ; os_name == 'nt'"), key("a ; os_name != 'nt'"));
        assert_ne!(key("a ; os_name == 'nt'"), key("a"));
    }

    #[test]
    fn what_both_ask_for() {
        check_merged("a", "A>=1", "a>=1");
        check_merged("a>=4", "a==4.5", "a==4.5");
        check_merged("a>=1,<3", "a!=2.*", "a>=1,<3,!=2.*");
        check_merged("a[x]>=1", "a[Y,X]", "a[x,Y]>=1");
        check_merged("a @ https://x.org/a", "a", "a @ https://x.org/a");
        check_merged("a @ https://x.org/a", "a>=1", "-");
        check_merged("a<1", "a>=1", "-");
        check_merged("a==1.1.*", "a==1", "-");
        check_merged("a~=1.4", "a>=1.5,<1.6", "a>=1.5,<1.6");
        check_merged("a>1", "a<1.0.post1", "-");
        check_merged("a<1", "a>=1rc1", "-");
    }
}
