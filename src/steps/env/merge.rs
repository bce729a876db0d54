//! Env files in place of which there is one.

use std::collections::BTreeMap;

use super::template::appended;
use super::{Source, Wins, read};
use crate::path::RepoPath;
use crate::rewrite::Uses;
use crate::steps::relocate::Relocation;
use crate::steps::select::Closed;
use crate::steps::{Stage, StepError, guard, select};
use crate::text::dotenv::{Kind, Value, pieces};
use crate::text::{TextEdit, apply};

/// As many conflicts as a person reads at once.
const SHOWN: usize = 5;

/// Puts the files into `to`, and takes them out; whatever names one of them follows.
///
/// # Errors
/// When a name has two values and nothing says which wins.
pub(super) fn merge(
    stage: &mut Stage<'_>,
    to: &RepoPath,
    sources: Vec<Source>,
    wins: Wins,
) -> Result<(), StepError> {
    if stage.is_frozen(to) {
        return Ok(());
    }
    let mut files = leaving(stage, to, sources)?;
    if files.iter().all(|it| it.path == *to) {
        return Ok(());
    }
    let exists = stage.tree.entry(to).is_some();
    if exists && !files.iter().any(|it| it.path == *to) {
        let text = read(&stage.tree, to)?.ok_or_else(|| not_understood(to, None))?;
        files.insert(0, Source { path: to.clone(), text });
    }
    if let Some(line) = files.iter().find(|it| it.path == *to).and_then(unknown) {
        return Err(not_understood(to, Some(line)));
    }
    let holders = holders(&files, wins)?;
    let base = files.iter().position(|it| it.path == *to).unwrap_or(0);
    let mut text = files[base].text.source().to_owned();
    for (_, file) in files.iter().enumerate().filter(|(at, _)| *at != base) {
        text = appended(&text, file.text.source());
    }
    let text = replaced(&text, &holders)?;
    let failed = |error| StepError::new(format!("`{to}`: {error}"));
    let bytes = files[base].text.encode(&text).map_err(failed)?;

    let mut relocation = Relocation::default();
    for (at, file) in files.iter().enumerate().filter(|(_, it)| it.path != *to) {
        let places = if at == base { &mut relocation.files } else { &mut relocation.merged };
        places.insert(file.path.clone(), to.clone());
    }
    relocation.carry_out(stage, Uses::Keep)?;
    if let Some(mode) = stage.tree.entry(to).map(|it| it.mode) {
        stage.tree.write(to.clone(), mode, bytes);
    }
    Ok(())
}

/// Returns the files that can be merged, and that the playbook lets go.
fn leaving(
    stage: &mut Stage<'_>,
    to: &RepoPath,
    sources: Vec<Source>,
) -> Result<Vec<Source>, StepError> {
    let mut understood = Vec::new();
    for file in sources {
        match unknown(&file).filter(|_| file.path != *to) {
            Some(line) => stage.leave(&file.path, format!("its line {line} is no assignment")),
            None => understood.push(file),
        }
    }
    let paths = understood.iter().map(|it| it.path.clone()).filter(|it| it != to).collect();
    let closed = Closed::of(stage);
    let units = select::units(stage, &closed, &paths);
    let units = guard::hold(stage, units)?;
    understood.retain(|it| it.path == *to || units.iter().any(|unit| unit.path == it.path));
    Ok(understood)
}

/// Returns the first line of a file that is no assignment.
fn unknown(file: &Source) -> Option<u32> {
    let pieces = pieces(file.text.source());
    pieces.into_iter().find(|it| it.kind == Kind::Unknown).map(|it| it.line)
}

fn not_understood(path: &RepoPath, line: Option<u32>) -> StepError {
    match line {
        Some(line) => StepError::new(format!("`{path}:{line}` is no assignment"))
            .with_hint("what is added below it could be taken for a part of it"),
        None => StepError::new(format!("`{path}` is not UTF-8")),
    }
}

/// Where the value of a name comes from: which file, on which line, and what it is.
struct Holder<'a> {
    file: usize,
    line: u32,
    /// The offset of the assignment.
    start: usize,
    /// The whole assignment, its line end aside.
    text: &'a str,
    /// The value as it is written, and what that says.
    value: Option<(&'a str, Value)>,
}

impl Holder<'_> {
    /// Tells whether both give the name the same value, in whatever quotes.
    fn agrees(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (None, None) => true,
            (Some((raw, one)), Some((other_raw, other))) => {
                raw == other_raw || (one.text == other.text && !one.text.contains('$'))
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

/// Returns where the value of each name comes from. In one file the last value counts, as ever.
fn holders(files: &[Source], wins: Wins) -> Result<BTreeMap<String, Holder<'_>>, StepError> {
    let mut holders: BTreeMap<String, Holder<'_>> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for (at, file) in files.iter().enumerate() {
        for (name, holder) in values(at, file.text.source()) {
            match holders.get(&name) {
                Some(held) if held.agrees(&holder) || wins == Wins::First => {}
                Some(held) if wins == Wins::Fail => {
                    let (one, two) = (&files[held.file].path, &file.path);
                    let (first, second) = (held.line, holder.line);
                    conflicts.push(format!("`{name}` at `{one}:{first}` and `{two}:{second}`"));
                }
                Some(_) | None => drop(holders.insert(name, holder)),
            }
        }
    }
    if conflicts.is_empty() {
        return Ok(holders);
    }
    let more = conflicts.len().saturating_sub(SHOWN);
    conflicts.truncate(SHOWN);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    Err(StepError::new(format!("different values: {}{more}", conflicts.join(", ")))
        .with_hint("`merge = \"first\"` or `merge = \"last\"` says which file wins"))
}

/// Returns the value of each name in the text of one file.
fn values(file: usize, source: &str) -> BTreeMap<String, Holder<'_>> {
    let mut values = BTreeMap::new();
    for piece in pieces(source) {
        if let Kind::Assignment(it) = piece.kind {
            let start = piece.span.start;
            let text = source[piece.span].trim_end_matches(['\n', '\r']);
            let value = it.value.map(|it| (&source[it.span.clone()], it));
            values.insert(it.name, Holder { file, line: piece.line, start, text, value });
        }
    }
    values
}

/// Gives each name in the merged text the value of the file that wins.
fn replaced(text: &str, holders: &BTreeMap<String, Holder<'_>>) -> Result<String, StepError> {
    let mut edits = Vec::new();
    for (name, held) in values(0, text) {
        if let Some(holder) = holders.get(&name).filter(|it| !it.agrees(&held)) {
            let span = held.start..held.start + held.text.len();
            edits.push(TextEdit { span, text: holder.text.to_owned() });
        }
    }
    apply(text, &edits).map_err(|error| StepError::new(error.to_string()))
}
