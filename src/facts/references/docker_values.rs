//! Dockerfiles: what is copied, and what is run.
//!
//! A file that is copied to another place of the image is started there: what names it in a command
//! does not follow the source.

use super::values::{Means, Value};
use crate::text::Span;

/// Instructions that hold a command.
const COMMANDS: [&str; 4] = ["CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN"];

/// Finds the values of the instructions.
pub(super) fn values(source: &str) -> Vec<Value> {
    let instructions = instructions(source);
    let copies = instructions.iter().filter(|(name, _)| matches!(*name, "COPY" | "ADD"));
    let mut found = Vec::new();
    let mut put: Vec<&str> = Vec::new();
    let value = |span, means| Value { span, means, bare_key: false };
    for (_, span) in copies {
        let words = words(source, span.clone());
        let text = |it: &Span| &source[it.clone()];
        let other_image = words.iter().any(|it| text(it).starts_with("--from"));
        let paths: Vec<Span> = words.into_iter().filter(|it| !text(it).starts_with("--")).collect();
        let Some((target, sources)) = paths.split_last().filter(|_| !other_image) else { continue };
        found.extend(sources.iter().map(|it| value(it.clone(), Means::Paths)));
        found.push(value(target.clone(), Means::Whole));
        let named = |it: &&Span| !text(target).ends_with(text(it).trim_start_matches("./"));
        put.extend(sources.iter().filter(named).map(text));
    }
    for (_, span) in instructions.iter().filter(|(name, _)| COMMANDS.contains(name)) {
        let text = &source[span.clone()];
        if !put.iter().any(|it| names(text, it)) {
            found.push(value(span.clone(), Means::Command));
        }
    }
    found
}

/// Tells whether a command may name a file by its last part, or a module of that name.
fn names(command: &str, file: &str) -> bool {
    let last = file.rsplit('/').next().unwrap_or_default();
    let Some(stem) = last.strip_suffix(".py") else {
        return last.trim_matches('.').contains('.') && command.contains(last);
    };
    let is_word = |it: char| it == '_' || it.is_alphanumeric();
    command.split(|it| !is_word(it)).any(|it| it == stem)
}

/// Returns the instructions of a recipe, with what stands behind their names.
fn instructions(source: &str) -> Vec<(&str, Span)> {
    let mut found: Vec<(&str, Span)> = Vec::new();
    let (mut at, mut goes_on) = (0, false);
    for line in source.split_inclusive('\n') {
        let (start, text) = (at, line.trim());
        at += line.len();
        if text.starts_with('#') || text.is_empty() {
            continue;
        }
        let head = line.len() - line.trim_start().len();
        let name = text.split_whitespace().next().unwrap_or_default();
        match found.last_mut().filter(|_| goes_on) {
            Some((_, span)) => span.end = at,
            None => found.push((name, start + head + name.len()..at)),
        }
        goes_on = text.ends_with('\\');
    }
    found
}

/// Returns the words of an instruction, in either of its forms.
fn words(source: &str, span: Span) -> Vec<Span> {
    let is_between = |it: char| it.is_whitespace() || "[]\",\\".contains(it);
    let text = &source[span.clone()];
    let mut found = Vec::new();
    let mut open = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match open {
            Some(start) if is_between(character) => {
                found.push(span.start + start..span.start + at);
                open = None;
            }
            None if !is_between(character) => open = Some(at),
            Some(_) | None => {}
        }
    }
    found
}
