//! Lists of replacements, applied in one pass.

use super::Span;

/// A replacement of one span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// Two edits want the same text, or one wants what is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the edit of bytes {}..{} overlaps another one or leaves the text", span.start, span.end)]
pub struct Overlap {
    /// The span that could not be replaced.
    pub span: Span,
}

/// Applies `edits`, given in any order. Insertions at one place keep their order.
///
/// # Errors
/// When two edits overlap, or a span is no part of `source`.
pub fn apply(source: &str, edits: &[TextEdit]) -> Result<String, Overlap> {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort_by_key(|it| (it.span.start, it.span.end));
    let mut result = String::with_capacity(source.len());
    let mut done = 0;
    for TextEdit { span, text } in sorted {
        let kept = source.get(done..span.start);
        let (Some(kept), Some(_)) = (kept, source.get(span.clone())) else {
            return Err(Overlap { span: span.clone() });
        };
        result.push_str(kept);
        result.push_str(text);
        done = span.end;
    }
    result.push_str(&source[done..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(span: Span, text: &str) -> TextEdit {
        TextEdit { span, text: text.to_owned() }
    }

    #[track_caller]
    fn check(source: &str, edits: &[TextEdit], expected: Option<&str>) {
        assert_eq!(apply(source, edits).ok().as_deref(), expected);
    }

    #[test]
    fn edits_are_applied_in_any_order() {
        check("abc", &[], Some("abc"));
        check("abcdef", &[edit(4..5, "E"), edit(0..2, "-")], Some("-cdEf"));
        check("abc", &[edit(3..3, "!"), edit(0..0, "?")], Some("?abc!"));
    }

    #[test]
    fn insertions_at_one_place_keep_their_order() {
        check("ab", &[edit(1..1, "1"), edit(1..1, "2"), edit(1..2, "B")], Some("a12B"));
        check("ab", &[edit(0..1, "A"), edit(1..1, "1")], Some("A1b"));
    }

    #[test]
    fn overlaps_are_refused() {
        check("abc", &[edit(0..2, ""), edit(1..3, "")], None);
        check("abc", &[edit(0..2, "x"), edit(0..2, "x")], None);
        check("abc", &[edit(0..3, ""), edit(1..1, "x")], None);
        check("abc", &[edit(2..4, "")], None);
        check("é", &[edit(1..2, "")], None);
    }

    proptest! {
        #[test]
        fn what_no_edit_names_stays(parts in prop::collection::vec(("[a-c\n]{0,4}", "[x-z]{0,3}"), 0..8)) {
            let (mut source, mut edits, mut expected) = (String::new(), Vec::new(), String::new());
            for (kept, text) in &parts {
                source.push_str(kept);
                expected.push_str(kept);
                let start = source.len();
                source.push_str("--");
                edits.push(edit(start..start + 2, text));
                expected.push_str(text);
            }
            edits.reverse();
            prop_assert_eq!(apply(&source, &edits), Ok(expected));
        }
    }
}
