//! Regular expressions over text. Looking for one hit takes time in proportion to the text, and an
//! expression that would fill the memory is refused, so a playbook cannot make a plan wait for ever.

use regex_automata::meta;
use regex_automata::util::captures::Captures;
use regex_automata::util::interpolate;

use super::Span;

/// As much as a compiled expression may take, in bytes.
const LARGEST: usize = 10 << 20;

/// A regular expression.
#[derive(Debug, Clone)]
pub struct Regex {
    pattern: String,
    compiled: meta::Regex,
}

/// A place where a regular expression matches.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Where.
    pub span: Span,
    groups: Captures,
}

impl Regex {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let config = meta::Config::new().nfa_size_limit(Some(LARGEST));
        let compiled = meta::Builder::new().configure(config).build(pattern).map_err(|error| {
            let what = match (error.syntax_error(), error.size_limit()) {
                (Some(syntax), _) => syntax.to_string(),
                (None, Some(_)) => "it would need too much memory".to_owned(),
                (None, None) => error.to_string(),
            };
            // Of a drawing with the expression and a mark below it, the last line says what it is.
            let last = what.lines().last().unwrap_or_default();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        })?;
        Ok(Self { pattern: pattern.to_owned(), compiled })
    }

    /// Returns the expression as it was written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Finds all hits that do not overlap, from the left.
    pub fn hits(&self, text: &str) -> impl Iterator<Item = Hit> {
        let found = self.compiled.captures_iter(text.as_bytes());
        found.filter_map(|groups| Some(Hit { span: groups.get_match()?.range(), groups }))
    }

    /// Puts the groups of a hit into a template: `${1}`, `${name}`; `$$` is a dollar.
    #[must_use]
    pub fn expand(&self, hit: &Hit, text: &str, template: &str) -> String {
        let mut out = String::new();
        interpolate::string(
            template,
            |group, out| {
                let span = hit.groups.get_group(group);
                out.push_str(span.and_then(|it| text.get(it.range())).unwrap_or_default());
            },
            |name| self.group(name),
            &mut out,
        );
        out
    }

    /// Returns a group that a template names and the expression does not have.
    #[must_use]
    pub fn unknown_group(&self, template: &str) -> Option<String> {
        let (mut name, mut number) = (None, None);
        interpolate::string(
            template,
            |group, _| number = number.or((group >= self.compiled.captures_len()).then_some(group)),
            |text| {
                let found = self.group(text);
                if found.is_none() && name.is_none() {
                    name = Some(text.to_owned());
                }
                found
            },
            &mut String::new(),
        );
        name.or(number.map(|it: usize| it.to_string()))
    }

    fn group(&self, name: &str) -> Option<usize> {
        self.compiled.group_info().to_index(regex_automata::PatternID::ZERO, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, template: &str, text: &str, expected: &[&str]) {
        let regex = Regex::new(pattern).unwrap();
        assert_eq!(regex.unknown_group(template), None);
        let found: Vec<String> =
            regex.hits(text).map(|hit| regex.expand(&hit, text, template)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn groups_go_into_templates() {
        check(r"(\w+)=(?<to>\w+)", "${to}=$1", "a=b é=ü", &["b=a", "ü=é"]);
        check("(a)|b", "[$1]", "ab", &["[a]", "[]"]);
        check("a", "$$1", "a", &["$1"]);
        check("(?m)^", "> ", "a\nb", &["> ", "> "]);
    }

    #[test]
    fn unknown_groups_are_named() {
        let regex = Regex::new("(a)").unwrap();
        assert_eq!(regex.unknown_group("${1} $2").as_deref(), Some("2"));
        assert_eq!(regex.unknown_group("$1st").as_deref(), Some("1st"));
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        assert_eq!(Regex::new("(a").unwrap_err(), "unclosed group");
        assert_eq!(Regex::new(r"(a)\1").unwrap_err(), "backreferences are not supported");
        assert_eq!(Regex::new(r"((\w{99}){99}){99}").unwrap_err(), "it would need too much memory");
    }

    #[test]
    fn no_expression_takes_for_ever() {
        let text = "a".repeat(20_000);
        assert_eq!(Regex::new("(a|aa|a*)*(a+)+$").unwrap().hits(&text).count(), 1);
        assert_eq!(Regex::new("(a+)+b").unwrap().hits(&text).count(), 0);
    }
}
