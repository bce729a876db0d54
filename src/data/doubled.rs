//! Items of a list that said two things before an edit, and say one after it.

use super::key::{Key, Part};
use super::{Document, Format, Is, Node, Value};

/// Returns the items of lists that are the `same` as the one before them, and were not before the edit;
/// the last first, so that each can be removed in turn. None where the edit changed more than scalars. What
/// stands between two items may count, so those stay.
pub fn doubled(
    format: Format,
    (before, after): (&str, &str),
    same: &dyn Fn(&Value, &Value) -> bool,
) -> Vec<Key> {
    let read = |source| Document::read(format, source).ok();
    let (Some(before), Some(after)) = (read(before), read(after)) else { return Vec::new() };
    let mut found = Vec::new();
    look(&mut found, &mut Vec::new(), (&before.root, &after.root), same);
    found.reverse();
    found
}

fn look(
    found: &mut Vec<Key>,
    path: &mut Vec<Part>,
    (before, after): (&Node, &Node),
    same: &dyn Fn(&Value, &Value) -> bool,
) {
    match (&before.is, &after.is) {
        (Is::List(old), Is::List(new)) if old.len() == new.len() => {
            let values = |it: &[Node]| it.iter().map(Node::value).collect::<Vec<_>>();
            let (was, is) = (values(old), values(new));
            for at in 0..new.len() {
                path.push(Part::Item(at));
                let doubles = |one: usize| same(&is[one], &is[at]) && !same(&was[one], &was[at]);
                match at.checked_sub(1).is_some_and(doubles) {
                    true => found.push(Key(path.clone())),
                    false => look(found, path, (&old[at], &new[at]), same),
                }
                path.pop();
            }
        }
        (Is::Map(old), Is::Map(new)) => {
            for (old, new) in old.iter().zip(new).filter(|(old, new)| old.key == new.key) {
                path.push(Part::Key(new.key.clone()));
                look(found, path, (&old.value, &new.value), same);
                path.pop();
            }
        }
        (Is::Scalar(_) | Is::List(_) | Is::Map(_), _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &[&str]) {
        let same = |one: &Value, other: &Value| one == other;
        let found = doubled(Format::Yaml, (before, after), &same);
        assert_eq!(found.iter().map(Key::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_fell_together_is_found_and_what_was_double_is_not() {
        check("a: [b, c, d, d]\n", "a: [b, b, d, d]\n", &["a[1]"]);
        check("a: [b, c, d]\n", "a: [b, b, b]\n", &["a[2]", "a[1]"]);
        check("- {a: b, l: [x, y]}\n- a: c\n", "- {a: b, l: [x, x]}\n- a: b\n", &["[0].l[1]"]);
        check("- a: b\n- a: c\n", "- a: b\n- a: b\n", &["[1]"]);
        check("a: [b, c, d]\n", "a: [b, c, b]\n", &[]);
        check("a: [b, c]\n", "a: [b]\n", &[]);
    }
}
