//! What is asked for, from several places: merged by name, or refused.

use crate::finding::Finding;
use crate::path::RepoPath;
use crate::text::requirement::Requirement;

use super::StepError;

/// As many conflicts as a person reads at once.
const SHOWN: usize = 5;

/// A requirement, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// What is asked for.
    pub(super) requirement: Requirement,
    /// The file.
    pub(super) file: RepoPath,
    /// The line, from 1.
    pub(super) line: u32,
    /// The text as it stands there; for one with hashes or options, with these.
    pub(super) text: String,
    /// Whether it says how it is installed, too.
    pub(super) bound: bool,
}

/// What the target asks for: what it has, by its own order, then what comes.
#[derive(Debug, Default)]
pub(super) struct List {
    /// What is there, and what it becomes.
    pub(super) there: Vec<(Wanted, Option<Requirement>)>,
    /// What is new.
    pub(super) new: Vec<Wanted>,
}

impl List {
    /// Starts from what the target has.
    pub(super) fn of(there: Vec<Wanted>) -> Self {
        Self { there: there.into_iter().map(|it| (it, None)).collect(), new: Vec::new() }
    }

    /// Adds requirements of other files; says what has to be merged by hand.
    ///
    /// # Errors
    /// When no version satisfies two of them.
    pub(super) fn add(&mut self, more: Vec<Wanted>) -> Result<Vec<Finding>, StepError> {
        let (mut findings, mut conflicts) = (Vec::new(), Vec::new());
        for one in more {
            let key = one.requirement.key();
            let held = self.there.iter_mut().find(|(it, _)| it.requirement.key() == key);
            let held = match held {
                Some((held, now)) => {
                    Some((now.clone().unwrap_or(held.requirement.clone()), held, Some(now)))
                }
                None => {
                    let new = self.new.iter_mut().find(|it| it.requirement.key() == key);
                    new.map(|it| (it.requirement.clone(), it, None))
                }
            };
            let Some((known, held, now)) = held else {
                findings.extend(self.rival(&one));
                self.new.push(one);
                continue;
            };
            match known.merged(&one.requirement) {
                Err(conflict) => conflicts.push(format!(
                    "`{known}` at `{}:{}` and `{}` at `{}:{}`: {conflict}",
                    held.file, held.line, one.requirement, one.file, one.line
                )),
                Ok(merged) if merged == known => {}
                Ok(_) if held.bound || one.bound => {
                    let (file, line) = (&held.file, held.line);
                    let what = format!(
                        "asks for other versions than `{file}:{line}`, with hashes or options; it is not merged"
                    );
                    findings.push(Finding::warning(Some(one.file), what).at_line(one.line));
                }
                Ok(merged) => match now {
                    Some(now) => *now = Some(merged),
                    None => {
                        held.text = merged.to_string();
                        held.requirement = merged;
                    }
                },
            }
        }
        if conflicts.is_empty() {
            return Ok(findings);
        }
        let more = conflicts.len().saturating_sub(SHOWN);
        conflicts.truncate(SHOWN);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        Err(StepError::new(format!("{}{more}", conflicts.join("; "))))
    }

    /// Warns of a requirement without a marker that counts beside one with a marker, where no version
    /// satisfies both.
    fn rival(&self, one: &Wanted) -> Option<Finding> {
        let (name, _) = one.requirement.key();
        let is_rival = |it: &&Wanted| {
            let always = it.requirement.marker.is_none() || one.requirement.marker.is_none();
            always
                && it.requirement.key().0 == name
                && it.requirement.merged(&one.requirement).is_err()
        };
        let rival = self.there.iter().map(|(it, _)| it).chain(&self.new).find(is_rival)?;
        let Wanted { requirement, file, line, .. } = rival;
        let what = format!(
            "`{}` and `{requirement}` at `{file}:{line}`: no version satisfies both where the marker holds",
            one.requirement
        );
        Some(Finding::warning(Some(one.file.clone()), what).at_line(one.line))
    }
}
