//! Words that stand together in Python code: what goes before a dot, and what behind it.
//!
//! An attribute is taken nowhere else, but for what a call asks for (`getattr(a, "b")`, what
//! `import_module("a")` gives), and where a comment stands between.

/// A dot between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    /// Where the dot stands.
    pub(crate) dot: usize,
    /// The word before it, or before the brackets that close there, as in `(a).b`.
    pub(crate) owner: &'a str,
    /// The word behind it.
    pub(crate) name: &'a str,
    /// A comment may stand between: neither word is sure to be one of the chain.
    pub(crate) parted: bool,
}

/// Returns what stands around each dot, in order; also in strings and comments.
pub(crate) fn pairs(source: &str) -> impl Iterator<Item = Pair<'_>> {
    source.match_indices('.').map(move |(dot, _)| {
        let behind = source[dot + 1..].trim_start_matches(is_blank);
        let before = ending(&source[..dot]);
        let between = &source[before.len()..dot];
        let line = before.rfind('\n').map_or(before, |at| &before[at..]);
        let commented = between.contains('\n') && line.contains('#');
        let (owner, name) = (last_word(before), first_word(behind));
        Pair { dot, owner, name, parted: commented || behind.starts_with('#') }
    })
}

/// Cuts off what a chain closes, as in `(a).b` and `getattr(c, "a").b`: it is of no matter here.
pub(crate) fn ending(text: &str) -> &str {
    text.trim_end_matches(|it: char| matches!(it, ')' | '"' | '\'') || is_blank(it))
}

pub(crate) fn last_word(text: &str) -> &str {
    &text[text.trim_end_matches(is_letter).len()..]
}

pub(crate) fn first_word(text: &str) -> &str {
    &text[..text.len() - text.trim_start_matches(is_letter).len()]
}

fn is_letter(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

pub(crate) fn is_blank(letter: char) -> bool {
    letter == '\\' || letter.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let shown = |it: Pair<'_>| {
            format!("{} {}{}", it.owner, it.name, if it.parted { " parted" } else { "" })
        };
        assert_eq!(pairs(source).map(shown).collect::<Vec<_>>(), expected, "{source}");
    }

    #[test]
    fn an_attribute_stands_beside_its_owner() {
        check("a.b.c(d.e)", &["a b", "b c", "d e"]);
        check("a \\\n . \\\n b", &["a b"]);
        check("((a\n).b)", &["a b"]);
        check("f('a.b').c", &["a b", "b c"]);
        check("x[0].b, 1.5", &[" b", "1 5"]);
    }

    #[test]
    fn a_comment_may_stand_between() {
        check("(a  # x\n .b)", &["x b parted"]);
        check("(a  # x\n).b", &["x b parted"]);
        check("(a.  # x\n b)", &["a  parted"]);
        check("x = 1  # y\na.b  # c.d", &["a b", "c d"]);
    }
}
