//! Commands that start what moved, and that no edit follows: where they count from, the text does not
//! say plainly.

use super::Relocation;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::steps::Stage;

/// Warns of each command that started a file which it does not start any more, unless an edit of that
/// line, or of one that says what its variables stand for, is there to be looked at.
pub(super) fn tell(stage: &mut Stage<'_>, relocation: &Relocation, after: &Facts) {
    let mut lost = Vec::new();
    for (from, to) in &relocation.files {
        for command in stage.facts.commands_of(from) {
            let text = relocation.place_of(&command.text);
            let mut still = after.commands_of(to).iter();
            let mut edits = stage.outcome.edits.iter().filter(|it| it.path == *text);
            if still.any(|it| it.text == *text && it.line == command.line)
                || edits.any(|it| it.line == command.line || command.assigned.contains(&it.line))
            {
                continue;
            }
            let message =
                format!("starts `{from}`, which is now `{to}`; the command is not edited");
            let hint = "it names the file from another folder than the root, or by a variable";
            let finding = Finding::warning(Some(text.clone()), message).with_hint(hint);
            lost.push(finding.at_line(command.line));
        }
    }
    stage.outcome.findings.extend(lost);
}
