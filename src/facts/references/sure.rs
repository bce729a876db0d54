//! Is a mention what it looks like, and nothing else? Where the format says so, or where it is all
//! that a value says.

use super::Form;
use super::kinds::Family;
use super::values::Means;
use super::words::{Hit, Reader};
use crate::text::Span;

impl Reader<'_> {
    /// Tells whether a mention in a stretch of the text is no chance.
    pub(super) fn is_sure(&self, hit: &Hit<'_>, region: &Span) -> bool {
        let escaped = self.source[hit.span.clone()].contains('\\');
        // `a*` means `ab`, too.
        let starred = hit.form == Form::Dotted && self.source[hit.span.end..].starts_with('*');
        if starred && self.listing.has_sibling_that_goes_on(hit.subject) {
            return false;
        }
        match self.means {
            Some(Means::Modules | Means::Assigned | Means::Paths) => !escaped,
            Some(Means::Command) => !escaped && !hit.open && !self.is_behind_cd(hit),
            Some(Means::Pattern) => hit.form == Form::Path && !hit.open,
            Some(Means::Whole) => !escaped && !hit.open && self.is_all(hit, region),
            Some(Means::Other) => false,
            None => self.family == Family::Python && !escaped && self.is_string(hit, region),
        }
    }

    /// Tells whether the value names this and nothing beside: `a/b.py`, `./a:/app/a`, `a.b:main`,
    /// `--config=a/b.py`.
    fn is_all(&self, hit: &Hit<'_>, region: &Span) -> bool {
        let value = self.source[region.clone()].trim();
        let before = self.source[region.start..hit.span.start].trim_start();
        let after = self.source[hit.span.end..region.end].trim_end();
        let begins = before.is_empty() || before.ends_with(['=', ':', '/', '@', '\'', '"']);
        let goes_on = |marks: &[char]| after.is_empty() || after.starts_with(marks);
        let ends = match hit.form {
            Form::Dotted => goes_on(&[':', '.', '\'', '"']) && before.is_empty(),
            Form::Path | Form::RelativePath => goes_on(&['/', ':', '#', '?', '\'', '"']),
            Form::Key | Form::Word | Form::Within => false,
        };
        !value.contains(char::is_whitespace) && begins && ends
    }

    /// Tells whether a string of Python code is a file of Python code, or the only env file of its name, or
    /// a line of it an entry point.
    fn is_string(&self, hit: &Hit<'_>, region: &Span) -> bool {
        let quoted = |at: &str, end: bool| match end {
            true => at.starts_with(['"', '\'']),
            false => at.ends_with(['"', '\'']),
        };
        let named = &self.source[hit.span.clone()];
        match hit.form {
            Form::Path => {
                let is_code = named.ends_with(".py") || named.ends_with(".pyi");
                let is_env = || named.starts_with(".env") && !self.listing.has_other(hit.subject);
                hit.span == *region
                    && !hit.open
                    && (named.contains('/') && is_code || is_env())
                    && quoted(&self.source[..region.start], false)
                    && quoted(&self.source[region.end..], true)
            }
            Form::Dotted => {
                let before = &self.source[region.start..hit.span.start];
                let after = &self.source[hit.span.end..region.end];
                let name = before.rsplit('\n').next().unwrap_or_default().trim();
                let value = after.split('\n').next().unwrap_or_default();
                is_entry_point(name, value)
            }
            Form::RelativePath | Form::Key | Form::Word | Form::Within => false,
        }
    }

    /// Tells whether a path counts from where the command went before.
    fn is_behind_cd(&self, hit: &Hit<'_>) -> bool {
        let line = self.line_before(&hit.span);
        let mut words = line.split_whitespace();
        matches!(hit.form, Form::Path | Form::RelativePath)
            && !line.ends_with(['/', '$'])
            && words.any(|it| matches!(it.trim_start_matches('('), "cd" | "pushd"))
    }
}

/// Tells whether `run = ` and `:main [extra]` stand around a module.
fn is_entry_point(before: &str, after: &str) -> bool {
    let is_name = |it: &str| {
        let of_name = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.');
        !it.is_empty() && it.chars().all(of_name)
    };
    let (name, attribute) = (before.strip_suffix('='), after.trim().strip_prefix(':'));
    let attribute = attribute.map(|it| it.split('[').next().unwrap_or_default().trim());
    name.is_some_and(|it| is_name(it.trim())) && attribute.is_some_and(is_name)
}
