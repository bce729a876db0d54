//! What a commit of a plan says: what was done, why, and by which playbook, step and plan.

use std::fmt::Write as _;

use super::{Change, ChangeKind, Plan, PlannedStep};

/// How much of its steps a commit carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All that they change.
    Whole,
    /// The moves alone. Imports do not follow yet, so the tree is not proved.
    Moves,
    /// The rest, which is this.
    Rest(Vec<Change>),
}

/// Returns the message of the commit that carries a part of these steps of `plan`. It ends in trailers,
/// as `git interpret-trailers` reads them.
#[must_use]
pub fn message(plan: &Plan, steps: &[usize], part: &Part) -> String {
    let steps: Vec<&PlannedStep> = steps.iter().filter_map(|it| plan.steps.get(*it)).collect();
    let what = match part {
        Part::Whole => counts(steps.iter().flat_map(|it| &it.changes)),
        Part::Moves => "pure rename: imports follow in the next commit".to_owned(),
        Part::Rest(changes) => counts(changes),
    };
    let mut text = format!("{}: {} ({what})\n", plan.playbook, names(&steps));
    for step in &steps {
        if let Some(why) = &step.why {
            let _ = write!(text, "\n{}\n", why.trim());
        }
    }
    let _ = write!(text, "\nOverhaul-Playbook: {}\n", plan.playbook);
    for step in &steps {
        let _ = writeln!(text, "Overhaul-Step: {}", step.id);
    }
    let _ = writeln!(text, "Overhaul-Plan: {}", plan.tree);
    text
}

/// Returns the message of the commit that lists commits of `plan` for `git blame` to look through.
#[must_use]
pub fn listing_message(plan: &Plan, commits: usize) -> String {
    let s = if commits == 1 { "" } else { "s" };
    let Plan { playbook, tree, .. } = plan;
    format!(
        "{playbook}: git blame looks through {commits} commit{s}\n\n\
         Overhaul-Playbook: {playbook}\nOverhaul-Plan: {tree}\n"
    )
}

/// Names one step by its id, several by their sprint or their number.
fn names(steps: &[&PlannedStep]) -> String {
    match steps {
        [one] => one.id.clone(),
        [first, rest @ ..] if rest.iter().all(|it| it.sprint == first.sprint) => {
            first.sprint.clone().unwrap_or_else(|| format!("{} steps", steps.len()))
        }
        _ => format!("{} steps", steps.len()),
    }
}

fn counts<'a>(changes: impl IntoIterator<Item = &'a Change>) -> String {
    let changes: Vec<&Change> = changes.into_iter().collect();
    let words = [
        ("added", [ChangeKind::Added].as_slice()),
        ("edited", &[ChangeKind::Edited]),
        ("moved", &[ChangeKind::Moved, ChangeKind::MovedAndEdited]),
        ("removed", &[ChangeKind::Removed]),
    ];
    let count =
        |kinds: &[ChangeKind]| changes.iter().filter(|it| kinds.contains(&it.kind())).count();
    let parts: Vec<String> = words
        .iter()
        .map(|(word, kinds)| (count(kinds), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    parts.join(", ")
}
