//! Applies what the rewriting engine found, and notes every edit with its reason.

use std::sync::Arc;

use rayon::prelude::*;

use super::packages::is_python;
use super::{Context, Note, Stage, StepError, fit, sort};
use crate::facts::LineLengths;
use crate::finding::{Finding, Safety, Severity};
use crate::path::RepoPath;
use crate::rewrite::{self, Edit, FileEdits, Moves, Sides, Uses};
use crate::text::{DecodeError, Lines, Text, TextEdit, apply};
use crate::tree::{Id, Mode, Tree, blob_id};

/// Asks the engine to follow `moves`, and applies its edits to `stage.tree`. Frozen files and archives
/// get none.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn follow(
    stage: &mut Stage<'_>,
    sides: Sides<'_>,
    moves: &Moves,
    uses: Uses,
) -> Result<(), StepError> {
    follow_with(stage, sides, moves, uses, Vec::new())
}

/// As [`follow`], beside edits that are known already.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn follow_with(
    stage: &mut Stage<'_>,
    sides: Sides<'_>,
    moves: &Moves,
    uses: Uses,
    known: Vec<FileEdits>,
) -> Result<(), StepError> {
    let context = stage.context;
    let followed = rewrite::follow(sides, moves, uses, &|path| {
        is_editable(context, path) && !sides.after.1.is_archived(path)
    })?;
    if let Some(error) = followed.findings.iter().find(|it| it.severity == Severity::Error) {
        let path = error.path.as_ref().map_or_else(String::new, ToString::to_string);
        let place = format!("`{path}:{}`", error.line.unwrap_or_default());
        let refused = StepError::new(format!("{}, at {place}", error.message));
        return Err(match &error.hint {
            Some(hint) => refused.with_hint(hint),
            None => refused,
        });
    }
    stage.outcome.findings.extend(followed.findings);
    make(stage, &rewrite::united(known, followed.files))
}

/// Makes edits, as far as they are sure enough, and notes each.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn make(stage: &mut Stage<'_>, files: &[FileEdits]) -> Result<(), StepError> {
    if files.is_empty() {
        return Ok(());
    }
    let (tree, floor) = (&stage.tree, stage.floor);
    let order = stage.sort.then(|| stage.facts.target());
    let shape = Shape { lengths: LineLengths::of(tree)?, order };
    let edited: Result<Vec<_>, _> =
        files.par_iter().map(|file| edited(tree, floor, file, &shape)).collect();
    for (file, edited) in files.iter().zip(edited?) {
        match edited {
            Edited::Text { notes, bytes } => {
                stage.outcome.edits.extend(notes);
                if let Some((mode, bytes)) = bytes {
                    stage.tree.write_as(file.path.clone(), mode, bytes);
                }
            }
            Edited::Not { notes, why } => {
                stage.outcome.edits.extend(notes);
                stage.tell(Finding::warning(Some(file.path.clone()), why));
            }
        }
    }
    Ok(())
}

/// Returns the text of a file: Python, or UTF-8, or what says its encoding as Python does.
///
/// # Errors
/// When the bytes are none.
pub(super) fn decoded(path: &RepoPath, bytes: &[u8]) -> Result<Text, DecodeError> {
    match Text::decode_utf8(bytes).filter(|_| !is_python(path)) {
        Some(text) => Ok(text),
        None => Text::decode_python(bytes),
    }
}

/// Tells whether a file may be edited.
pub(super) fn is_editable(context: &Context, path: &RepoPath) -> bool {
    let archived = context.settings.skip.iter().any(|it| path.is_under(it));
    !context.frozen.covers(path) && !archived
}

/// Returns `tree` with safe edits of Python files, for facts to be read of it.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn preview(tree: &Tree, files: &[FileEdits]) -> Result<Tree, StepError> {
    let mut edited = tree.clone();
    for FileEdits { path, edits } in files {
        let bytes = tree.read(path)?;
        let edits: Vec<TextEdit> = edits.iter().map(|it| it.edit.clone()).collect();
        let text = Text::decode_python(&bytes).ok();
        let source = text.as_ref().and_then(|text| apply(text.source(), &edits).ok());
        let bytes = text.zip(source).and_then(|(text, source)| text.encode(&source).ok());
        if let Some((bytes, entry)) = bytes.zip(tree.entry(path)) {
            edited.write(path.clone(), entry.mode, bytes);
        }
    }
    Ok(edited)
}

/// How edited Python looks.
struct Shape {
    lengths: LineLengths,
    /// The target version, where imports are put in order.
    order: Option<(u8, u8)>,
}

/// The mode of a file, and its bytes with their id.
type Written = (Mode, (Id, Arc<[u8]>));

/// What became of one file.
enum Edited {
    /// It can be edited: what there is to say, and what it holds then, where an edit is sure enough.
    Text { notes: Vec<Note>, bytes: Option<Written> },
    /// It cannot be edited.
    Not { notes: Vec<Note>, why: String },
}

/// Edits one file, as far as the edits are sure enough.
fn edited(
    tree: &Tree,
    floor: Safety,
    file: &FileEdits,
    shape: &Shape,
) -> Result<Edited, StepError> {
    let path = &file.path;
    let bytes = tree.read(path)?;
    let Ok(text) = decoded(path, &bytes) else {
        let why = "cannot be decoded, so it is not edited".to_owned();
        return Ok(Edited::Not { notes: Vec::new(), why });
    };
    let sure = |it: &Edit| it.safety >= floor && it.safety > Safety::Note;
    let wanted: Vec<TextEdit> =
        file.edits.iter().filter(|it| sure(it)).map(|it| it.edit.clone()).collect();
    let shaped = |after: String| {
        if !is_python(path) {
            return after;
        }
        let after = fit::fit(text.source(), &wanted, after, shape.lengths.of_file(path));
        match shape.order {
            Some(target) => sort::sort(text.source(), after, target),
            None => after,
        }
    };
    let result = apply(text.source(), &wanted)
        .map(shaped)
        .map_err(|error| error.to_string())
        .and_then(|source| text.encode(&source).map_err(|error| error.to_string()));
    let note = |edit: &Edit| Note {
        applied: sure(edit) && result.is_ok(),
        ..note(path, text.source(), edit)
    };
    let notes: Vec<Note> = file.edits.iter().map(note).collect();
    let mode = tree.entry(path).map(|it| it.mode).filter(|_| !wanted.is_empty());
    Ok(match result {
        Ok(bytes) => {
            let bytes: Arc<[u8]> = bytes.into();
            Edited::Text { notes, bytes: mode.map(|mode| (mode, (blob_id(&bytes), bytes))) }
        }
        Err(error) => Edited::Not { notes, why: format!("is not edited: {error}") },
    })
}

/// Says what an edit makes of the lines that it touches.
fn note(path: &RepoPath, source: &str, edit: &Edit) -> Note {
    let (span, text) = (&edit.edit.span, &edit.edit.text);
    let start = source.get(..span.start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let after = source.get(span.end..).unwrap_or_default();
    let end = span.end + after.find('\n').unwrap_or(after.len());
    let part = |from: usize, to: usize| source.get(from..to).unwrap_or_default();
    Note {
        path: path.clone(),
        line: Lines::new(source).line(span.start),
        before: part(start, end).trim_end().to_owned(),
        after: format!("{}{text}{}", part(start, span.start), part(span.end, end))
            .trim_end()
            .to_owned(),
        safety: edit.safety,
        why: edit.why.clone(),
        applied: false,
    }
}
