//! The plan that `plan -o` writes and `apply` takes: what it takes to plan again, and the tree that
//! must come out.
//!
//! It is read as strictly as it is written: an unknown version or field is an error, because a plan
//! that is only half understood must not be applied.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::path::RepoPath;
use crate::plan::{Junk, JunkKind, Options, Weight};
use crate::steps::{Changed, ProgramRun};
use crate::tree::{Id, Mode};

const FORMAT: &str = "overhaul.saved-plan/1";

/// A plan that waits to be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// The commit that was planned on.
    pub base: Id,
    /// The tree that the plan makes.
    pub tree: Id,
    /// How the user named the playbook: a path, or the name of one that is shipped.
    pub playbook: String,
    /// The playbook's whole text.
    pub source: String,
    /// The variables that the user set.
    pub vars: BTreeMap<String, String>,
    /// What the user chose beside the playbook.
    pub options: Options,
    /// Whether the playbook may start programs: it is not the repository's own, or it was allowed to.
    pub may_run: bool,
    /// What the programs of its steps did.
    pub runs: Vec<ProgramRun>,
    /// What was on the disk to take; nothing else is taken.
    pub junk: Vec<Junk>,
}

/// Why bytes are no saved plan.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// They are no JSON, or fields are missing, unknown or of another type.
    #[error("the plan cannot be read")]
    Malformed(#[from] serde_json::Error),
    /// They are JSON, but not of a plan that can be applied.
    #[error("this is `{0}`, not a saved plan; `overhaul plan -o FILE` writes one")]
    OtherFormat(String),
    /// They are a saved plan of another version.
    #[error("this plan is written as `{0}`; this version of overhaul reads `{FORMAT}`")]
    OtherVersion(String),
    /// What was on the disk cannot be told.
    #[error("the plan does not say what it takes off the disk")]
    Junk,
    /// What a program did cannot be played back.
    #[error("the plan does not say what `{0}` did")]
    Run(String),
    /// A field that holds an id holds none.
    #[error("`{field}` of the plan is no object id")]
    Id {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        source: <Id as std::str::FromStr>::Err,
    },
}

/// The part that every version has.
#[derive(Deserialize)]
struct Head {
    format: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    base: String,
    tree: String,
    playbook: String,
    source: String,
    vars: BTreeMap<String, String>,
    only: Vec<String>,
    skip: Vec<String>,
    include_review: bool,
    may_run: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    runs: Vec<RunFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    on_disk: Vec<JunkFile>,
}

/// A file or folder to take off the disk. A path that is no text stands as digits.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JunkFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    kind: String,
    step: String,
    files: u64,
    bytes: u64,
    names: String,
}

impl JunkFile {
    fn of(junk: &Junk) -> Self {
        let path = junk.path.as_str().map(str::to_owned);
        Self {
            hex: path.is_none().then(|| digits(junk.path.as_bytes())),
            path,
            kind: junk.kind.word().to_owned(),
            step: junk.step.clone(),
            files: junk.weight.files,
            bytes: junk.weight.bytes,
            names: junk.names.to_string(),
        }
    }

    fn read(self) -> Option<Junk> {
        let path = match (self.path, self.hex) {
            (Some(path), None) => path.into_bytes(),
            (None, Some(digits)) => bytes(&digits)?,
            _ => return None,
        };
        Some(Junk {
            path: RepoPath::from_bytes(&path).ok()?,
            kind: JunkKind::ALL.into_iter().find(|it| it.word() == self.kind)?,
            step: self.step,
            weight: Weight { files: self.files, bytes: self.bytes },
            names: self.names.parse().ok()?,
        })
    }
}

/// Writes bytes as hexadecimal digits.
fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads bytes that [`digits`] wrote.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// What a program made of one tree.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunFile {
    tree: String,
    command: String,
    changes: Vec<ChangeFile>,
}

/// A path that a program changed; without a mode, it is gone. Bytes that are no text stand as digits.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeFile {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

impl RunFile {
    fn of(run: &ProgramRun) -> Self {
        let changes = run.changes.iter().map(|it| {
            let bytes = it.now.as_ref().map(|(_, bytes)| bytes);
            let text = bytes.and_then(|it| std::str::from_utf8(it).ok()).map(str::to_owned);
            ChangeFile {
                path: it.path.to_string(),
                mode: it.now.as_ref().map(|(mode, _)| mode.octal().to_owned()),
                hex: bytes.filter(|_| text.is_none()).map(|it| digits(it)),
                text,
            }
        });
        let (tree, command) = (run.tree.to_string(), run.command.clone());
        Self { tree, command, changes: changes.collect() }
    }

    fn read(self) -> Result<ProgramRun, SavedPlanError> {
        let tree = self.tree.parse();
        let tree = tree.map_err(|source| SavedPlanError::Id { field: "runs", source })?;
        let changes = self.changes.into_iter().map(ChangeFile::read).collect::<Option<_>>();
        let changes = changes.ok_or_else(|| SavedPlanError::Run(self.command.clone()))?;
        Ok(ProgramRun { tree, command: self.command, changes })
    }
}

impl ChangeFile {
    fn read(self) -> Option<Changed> {
        let path = RepoPath::new(&self.path).ok()?;
        let Some(mode) = self.mode else { return Some(Changed { path, now: None }) };
        let mode =
            [Mode::File, Mode::Executable, Mode::Link].into_iter().find(|it| it.octal() == mode)?;
        let bytes = match (self.text, self.hex) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(digits)) => bytes(&digits)?,
            _ => return None,
        };
        Some(Changed { path, now: Some((mode, bytes.into())) })
    }
}

impl SavedPlan {
    /// Writes the plan as JSON.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        super::json::pretty(&File {
            format: FORMAT.to_owned(),
            base: self.base.to_string(),
            tree: self.tree.to_string(),
            playbook: self.playbook.clone(),
            source: self.source.clone(),
            vars: self.vars.clone(),
            only: self.options.only.clone(),
            skip: self.options.skip.clone(),
            include_review: self.options.include_review,
            may_run: self.may_run,
            runs: self.runs.iter().map(RunFile::of).collect(),
            on_disk: self.junk.iter().map(JunkFile::of).collect(),
        })
    }

    /// Reads a plan that [`SavedPlan::write`] wrote.
    ///
    /// # Errors
    /// When the bytes are anything else.
    pub fn read(bytes: &[u8]) -> Result<Self, SavedPlanError> {
        let head: Head = serde_json::from_slice(bytes)?;
        if head.format != FORMAT {
            let family = FORMAT.trim_end_matches(|last: char| last != '/');
            return Err(match head.format.starts_with(family) {
                true => SavedPlanError::OtherVersion(head.format),
                false => SavedPlanError::OtherFormat(head.format),
            });
        }
        let file: File = serde_json::from_slice(bytes)?;
        let id =
            |field, text: &str| text.parse().map_err(|source| SavedPlanError::Id { field, source });
        Ok(Self {
            base: id("base", &file.base)?,
            tree: id("tree", &file.tree)?,
            playbook: file.playbook,
            source: file.source,
            vars: file.vars,
            options: Options {
                only: file.only,
                skip: file.skip,
                include_review: file.include_review,
            },
            may_run: file.may_run,
            runs: file.runs.into_iter().map(RunFile::read).collect::<Result<_, _>>()?,
            junk: {
                let junk = file.on_disk.into_iter().map(JunkFile::read).collect::<Option<_>>();
                junk.ok_or(SavedPlanError::Junk)?
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(path: &str, mode: Mode, bytes: &[u8]) -> Changed {
        Changed { path: RepoPath::new(path).unwrap(), now: Some((mode, bytes.into())) }
    }

    fn junk(path: &[u8]) -> Junk {
        Junk {
            path: RepoPath::from_bytes(path).unwrap(),
            kind: JunkKind::File,
            step: "1-clean".to_owned(),
            weight: Weight { files: 1, bytes: 12 },
            names: Id::from_bytes([4; 20]),
        }
    }

    fn plan() -> SavedPlan {
        SavedPlan {
            base: Id::from_bytes([1; 20]),
            tree: Id::from_bytes([2; 20]),
            playbook: "play.toml".to_owned(),
            source: "name = \"é\"\n".to_owned(),
            vars: BTreeMap::from([("archive".to_owned(), "attic".to_owned())]),
            options: Options {
                only: vec!["critical".to_owned()],
                skip: Vec::new(),
                include_review: true,
            },
            may_run: true,
            runs: vec![ProgramRun {
                tree: Id::from_bytes([3; 20]),
                command: "true".to_owned(),
                changes: vec![
                    Changed { path: RepoPath::new("a").unwrap(), now: None },
                    changed("b", Mode::Executable, b"\xff\0"),
                    changed("c", Mode::Link, b"b"),
                ],
            }],
            junk: [&b"a.log"[..], b"\xff"].map(junk).into(),
        }
    }

    #[track_caller]
    fn check(change: impl Fn(&str) -> String, expected: &str) {
        let text = String::from_utf8(plan().write()).unwrap();
        let error = SavedPlan::read(change(&text).as_bytes()).unwrap_err();
        let cause = std::error::Error::source(&error).map(|it| format!(": {it}"));
        assert_eq!(format!("{error}{}", cause.unwrap_or_default()), expected);
    }

    #[test]
    fn reads_what_it_writes() {
        let bytes = plan().write();
        assert!(bytes.ends_with(b"}\n"));
        assert_eq!(SavedPlan::read(&bytes).unwrap(), plan());
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        check(
            |text| text.replace("saved-plan/1", "saved-plan/2"),
            "this plan is written as `overhaul.saved-plan/2`; this version of overhaul reads \
             `overhaul.saved-plan/1`",
        );
        check(
            |text| text.replace("saved-plan/1", "plan/1"),
            "this is `overhaul.plan/1`, not a saved plan; `overhaul plan -o FILE` writes one",
        );
        check(
            |text| text.replace("\"only\"", "\"extra\": 1,\n  \"only\""),
            "the plan cannot be read: unknown field `extra`, expected one of `format`, `base`, \
             `tree`, `playbook`, `source`, `vars`, `only`, `skip`, `include_review`, `may_run`, `runs`, \
             `on_disk` at line 10 column 9",
        );
        check(
            |text| text.replace("\"kind\": \"file\"", "\"kind\": \"x\""),
            "the plan does not say what it takes off the disk",
        );
        check(
            |text| text.replace("0101", "zz01"),
            "`base` of the plan is no object id: \
             `zz01zz01zz01zz01zz01zz01zz01zz01zz01zz01` is not an object id",
        );
    }

    #[test]
    fn refuses_what_is_no_plan_at_all() {
        check(
            |_| "name = 1".to_owned(),
            "the plan cannot be read: expected ident at line 1 column 2",
        );
        check(
            |text| text[..text.len() / 2].to_owned(),
            "the plan cannot be read: EOF while parsing an object at line 26 column 7",
        );
        check(
            |_| "{}".to_owned(),
            "the plan cannot be read: missing field `format` at line 1 column 2",
        );
    }
}
