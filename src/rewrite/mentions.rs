//! Mentions of what moved, outside imports: each is an edit to be looked at, or a sure one where the
//! format says what stands there.
//!
//! Paths and dotted names in any text file, in comments and inside longer strings. Change logs are
//! history and stay.

use std::collections::BTreeMap;

use super::places::{Place, Places, found};
use super::view::{Lead, View};
use super::{Edit, FileEdits};
use crate::facts::Module;
use crate::facts::references::{Form, Mention, Subjects, is_changelog, is_dockerfile, mentions};
use crate::finding::{Finding, Safety};
use crate::path::RepoPath;
use crate::python::{self, Status};
use crate::text::{Span, Text, TextEdit};
use crate::tree::ReadError;

/// As many lines as a note names.
const LINES: usize = 3;

/// Adds the edits of all mentions to `files`, where no other edit stands. Returns notes of what only
/// may be a mention.
pub(super) fn add(
    places: &Places<'_>,
    editable: &dyn Fn(&RepoPath) -> bool,
    files: &mut Vec<FileEdits>,
) -> Result<Vec<Finding>, ReadError> {
    let moves = places.moves;
    let mut subjects = Subjects::new(places.before, moves.paths.keys().chain(moves.folders.keys()));
    subjects.look_for_words(|name, path| {
        let now = moves.paths.get(path).or_else(|| moves.folders.get(path));
        now.is_some_and(|now| !places.after.names_of(now).iter().any(|it| it == name))
    });
    let mut notes = Vec::new();
    let mut found: BTreeMap<RepoPath, Vec<Mention>> = BTreeMap::new();
    for mention in mentions(places.tree_before, places.before, &subjects)? {
        let now = moves.paths.get(&mention.file).unwrap_or(&mention.file);
        if places.origin(now) == Some(&mention.file) && !is_changelog(now) && editable(now) {
            found.entry(now.clone()).or_default().push(mention);
        }
    }
    let mut by_path: BTreeMap<RepoPath, FileEdits> =
        std::mem::take(files).into_iter().map(|it| (it.path.clone(), it)).collect();
    for (path, mut mentions) in found {
        let Some(first) = mentions.first() else { continue };
        let view = View::of_text(places, first.file.clone(), path.clone());
        if first.file != path {
            let own = own_spans(places, &first.file)?;
            let inside = |it: &Mention| own.iter().any(|own| covers(own, &it.span));
            mentions.retain(|it| !inside(it));
        }
        let edits = by_path.get(&path).map_or(&[][..], |it| it.edits.as_slice());
        let done = |it: &Mention| edits.iter().any(|edit| edit.changes(&it.span));
        mentions.retain(|it| it.form != Form::Word || !done(it));
        notes.extend(words(places, &path, &mentions));
        let fresh: Vec<Edit> = mentions.iter().filter_map(|it| edit(&view, it)).collect();
        if fresh.is_empty() {
            continue;
        }
        let file = by_path.entry(path.clone()).or_insert(FileEdits { path, edits: Vec::new() });
        for edit in fresh {
            if !file.edits.iter().any(|it| it.touches(&edit)) {
                file.edits.push(edit);
            }
        }
        file.edits.sort_by_key(|it| (it.edit.span.start, it.edit.span.end));
    }
    *files = by_path.into_values().collect();
    Ok(notes)
}

/// Returns where a file that moves computes paths from its own place: what these reach is followed
/// there, and the text in them is no path from the root.
fn own_spans(places: &Places<'_>, file: &RepoPath) -> Result<Vec<Span>, ReadError> {
    let known = places.before.files().get(file);
    if known.is_none_or(|it| it.status != Status::Parsed) {
        return Ok(Vec::new());
    }
    let Ok(text) = Text::decode_python(&places.tree_before.read(file)?) else {
        return Ok(Vec::new());
    };
    let paths = python::own_paths(text.source(), places.before.target());
    Ok(paths.into_iter().map(|it| it.span).collect())
}

fn covers(span: &Span, part: &Span) -> bool {
    span.start <= part.start && part.end <= span.end
}

/// Says where a file has words that may name a module which has another name now.
fn words(places: &Places<'_>, path: &RepoPath, mentions: &[Mention]) -> Vec<Finding> {
    let mut by_word: BTreeMap<&str, Vec<&Mention>> = BTreeMap::new();
    for mention in mentions.iter().filter(|it| it.form == Form::Word) {
        by_word.entry(&mention.text).or_default().push(mention);
    }
    let note = |(word, found): (&str, Vec<&Mention>)| {
        let first = found.first()?;
        let moves = places.moves;
        let now = moves.paths.get(&first.subject).or_else(|| moves.folders.get(&first.subject))?;
        let now = places.after.names_of(now).into_iter().next().unwrap_or_else(|| now.to_string());
        let mut lines: Vec<u32> = found.iter().map(|it| it.line).collect();
        lines.dedup();
        let more = lines.len().saturating_sub(LINES);
        lines.truncate(LINES);
        let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let lines = lines.join(", ");
        let message = format!(
            "says `{word}` (line {lines}{more}), which may be the module that is now `{now}`"
        );
        Some(Finding::note(Some(path.clone()), message).at_line(first.line))
    };
    by_word.into_iter().filter_map(note).collect()
}

/// Returns the edit that makes a mention speak of the new place.
fn edit(view: &View<'_>, mention: &Mention) -> Option<Edit> {
    let moves = view.places.moves;
    let subject = &mention.subject;
    let now = moves.paths.get(subject).or_else(|| moves.folders.get(subject))?;
    let text = match mention.form {
        Form::Dotted => dotted(view, mention, now)?,
        Form::Key => {
            let text = dotted(view, mention, now)?;
            if text.contains('.') { format!("\"{text}\"") } else { text }
        }
        Form::Path => now.to_string(),
        Form::RelativePath => relative(&view.new, now, mention.text.starts_with("./")),
        Form::Word | Form::Within => return None,
    };
    let why = format!("`{}` is now `{text}`", mention.text);
    let changes = text != mention.text;
    // Nothing is copied into an image from above its context.
    let leaves = is_dockerfile(&mention.file) && text.starts_with("..");
    let text = text.replace('.', &format!("{}.", mention.escape));
    let edit = TextEdit { span: mention.span.clone(), text };
    let safety = if mention.sure && !leaves { Safety::Safe } else { Safety::Review };
    changes.then_some(Edit { edit, safety, why })
}

fn dotted(view: &View<'_>, mention: &Mention, now: &RepoPath) -> Option<String> {
    let places = view.places;
    let was = found(places.before, &view.old, 0, &mention.text)
        .unwrap_or_else(|| Module::File(mention.subject.clone()));
    let place = Place::Module(places.module(&was)?);
    if view.leads(0, &mention.text, &place) {
        return None;
    }
    let lead = Lead {
        was: Some(was),
        dotted: Some(mention.text.clone()),
        place: Some(place.clone()),
        holds: false,
    };
    let spelled = view.spell(&place, &lead, false).map(|it| it.module);
    spelled.or_else(|| places.after.names_of(now).into_iter().next())
}

/// Returns the way from the folder of `file` to `target`.
fn relative(file: &RepoPath, target: &RepoPath, dotted: bool) -> String {
    let folder = file.parent().unwrap_or_else(RepoPath::root);
    let common = folder.parts().zip(target.parts()).take_while(|(a, b)| a == b).count();
    let up = folder.depth() - common;
    let mut parts = vec!["..".to_owned(); up];
    parts.extend(target.parts().skip(common).map(|it| String::from_utf8_lossy(it).into_owned()));
    let head = if dotted && up == 0 { "./" } else { "" };
    format!("{head}{}", parts.join("/"))
}
