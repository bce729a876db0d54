//! The text of definitions: what belongs to one, how it leaves a module, where it stands in another.

use std::collections::{BTreeMap, BTreeSet};

use super::Refused;
use super::choose::Choice;
use super::side::Side;
use crate::python::{Form, Mentioned};
use crate::rewrite::statement::{end_of_line, newline_at, start_of_line};
use crate::text::{Lines, Span, TextEdit, apply, line_end};

/// Returns what goes with each statement: the lines that it stands on, comments directly above, and
/// comments that are indented below.
pub(super) fn regions(side: &Side, parts: &BTreeSet<usize>) -> Result<Vec<Span>, Refused> {
    parts.iter().map(|at| region(side, *at)).collect()
}

fn region(side: &Side, at: usize) -> Result<Span, Refused> {
    let (source, span) = (side.source(), &side.parts[at].span);
    let start = start_of_line(source, span.start);
    let stop = end_of_line(source, span.end);
    let tail = source[span.end..stop].trim_start();
    if start != span.start || !(tail.is_empty() || tail.starts_with('#')) {
        let line = Lines::new(source).line(span.start);
        return Err(Refused::new(format!("`{}:{line}` holds more than one statement", side.path)));
    }
    let mut end = stop + newline_at(source, stop);
    let next = side.parts.get(at + 1).map_or(source.len(), |it| it.span.start);
    let mut line = end;
    while line < next {
        let close = end_of_line(source, line);
        let text = &source[line..close];
        let after = close + newline_at(source, close);
        if text.trim_start().starts_with('#') && text.starts_with([' ', '\t']) {
            end = after;
        } else if !text.trim().is_empty() {
            break;
        }
        line = after.max(line + 1);
    }
    Ok(with_comments(side, at)..end)
}

/// Returns where the comments directly above a statement begin. Those at the top of a file are the
/// file's own.
pub(super) fn with_comments(side: &Side, at: usize) -> usize {
    let source = side.source();
    let own = start_of_line(source, side.parts[at].span.start);
    let mut start = own;
    while let Some(above) = start.checked_sub(1).map(|it| source[..it].trim_end_matches('\r').len())
    {
        let line = start_of_line(source, above);
        if !source[line..above].starts_with('#') {
            return start;
        }
        if line == 0 {
            return own;
        }
        start = line;
    }
    start
}

/// Returns the edits that take regions out of a module, with the blank lines that are too many then.
pub(super) fn removals(source: &str, regions: &[Span]) -> Vec<TextEdit> {
    let mut runs: Vec<Span> = Vec::new();
    for region in regions {
        match runs.last_mut() {
            Some(last) if source[last.end..region.start].trim().is_empty() => last.end = region.end,
            _ => runs.push(region.clone()),
        }
    }
    let edit = |run: Span| {
        let (before, after) = (blank_before(source, run.start), blank_after(source, run.end));
        let span = if after.last() == Some(&source.len()) || run.end == source.len() {
            before.last().copied().unwrap_or(run.start)..source.len()
        } else if before.last() == Some(&0) || run.start == 0 {
            run.start..after.last().copied().unwrap_or(run.end)
        } else {
            let count = before.len().min(after.len());
            run.start..count.checked_sub(1).map_or(run.end, |it| after[it])
        };
        TextEdit { span, text: String::new() }
    };
    runs.into_iter().map(edit).collect()
}

/// Returns where each of the blank lines before a place begins, the last one first.
fn blank_before(source: &str, at: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = at;
    while at > 0 {
        let text = &source[..at];
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let line = start_of_line(source, text.len());
        if line == at || !source[line..at].trim().is_empty() {
            break;
        }
        found.push(line);
        at = line;
    }
    found
}

/// Returns where each of the blank lines behind a place ends.
fn blank_after(source: &str, at: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = at;
    while at < source.len() {
        let close = end_of_line(source, at);
        if !source[at..close].trim().is_empty() {
            break;
        }
        at = close + newline_at(source, close);
        found.push(at);
    }
    found
}

/// Returns the text of regions, edited, as it stands in a module with these line ends.
pub(super) fn text(
    from: &Side,
    parts: &[usize],
    regions: &[Span],
    edits: &[TextEdit],
) -> Result<String, Refused> {
    let source = from.source();
    let mut text = String::new();
    let mut last: Option<(usize, &Span)> = None;
    for (at, region) in parts.iter().zip(regions) {
        if let Some((before, span)) = last {
            let gap = &source[span.end..region.start];
            match gap.trim().is_empty() {
                true => text.push_str(gap),
                false => text.push_str(blank(is_small(from, before) && is_small(from, *at))),
            }
        }
        let own =
            edits.iter().filter(|it| region.start <= it.span.start && it.span.end <= region.end);
        let own = own.map(|it| TextEdit {
            span: it.span.start - region.start..it.span.end - region.start,
            text: it.text.clone(),
        });
        let own: Vec<TextEdit> = own.collect();
        let edited = apply(&source[region.clone()], &own);
        text.push_str(&edited.map_err(|error| Refused::new(error.to_string()))?);
        if !text.ends_with(['\n', '\r']) {
            text.push_str(line_end(source));
        }
        last = Some((*at, region));
    }
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

fn blank(small: bool) -> &'static str {
    if small { "\n" } else { "\n\n" }
}

/// Tells whether a statement is no function and no class, which have two blank lines around them.
pub(super) fn is_small(side: &Side, at: usize) -> bool {
    !matches!(side.parts[at].form, Form::Function { .. } | Form::Class)
}

/// Where definitions are put in a module.
pub(super) struct Spot {
    /// The statement before which they stand; the end where it is none.
    pub(super) before: Option<usize>,
}

/// What uses are called once they are edited, by where they stand.
pub(super) type Renamed = BTreeMap<usize, String>;

/// Finds the place: behind what they need when the module runs, before what needs them.
pub(super) fn spot(
    (from, there): (&Side, &Renamed),
    (to, here): (&Side, &Renamed),
    choice: &Choice,
) -> Result<Spot, Refused> {
    let whole: BTreeSet<usize> = choice.parts.union(&choice.copied).copied().collect();
    let needed = eager(from, there, &whole);
    let defines = |at: &usize| to.parts[*at].names.iter().any(|it| needed.contains(it));
    let after = (0..to.parts.len()).filter(defines).max();
    let main = to.parts.iter().position(|it| it.form == Form::Main);
    let needs = |at: &usize, deep: bool| {
        let own = BTreeSet::from([*at]);
        let names = if deep { eager(to, here, &own) } else { direct(to, here, *at) };
        names.iter().any(|it| choice.names.contains(it))
    };
    let plain = |at: &usize| !matches!(to.parts[*at].form, Form::Import | Form::Checking);
    let mut users = (0..to.parts.len()).filter(plain);
    let before = users.find(|at| needs(at, true)).into_iter().chain(main).min();
    if before.is_none_or(|it| after.is_none_or(|after| after < it)) {
        return Ok(Spot { before });
    }
    let first = (0..to.parts.len()).filter(plain).find(|at| needs(at, false));
    let last = after.map(|it| it + 1).filter(|it| *it < to.parts.len());
    let Some(first) = first.filter(|it| after.is_some_and(|after| *it <= after)) else {
        return Ok(Spot { before: last });
    };
    let lines = Lines::new(to.source());
    let line = |at: usize| lines.line(to.parts[at].span.start);
    Err(Refused::new(format!(
        "`{}:{}` uses what goes there when it runs, and what goes needs line {} first",
        to.path,
        line(first),
        line(after.unwrap_or_default())
    )))
}

/// Returns what a name will be called.
fn called<'a>(mention: &'a Mentioned, renamed: &'a Renamed) -> &'a str {
    let start = mention.parts.first().map_or(0, |(_, span)| span.start);
    renamed.get(&start).map_or(mention.name(), String::as_str)
}

/// Returns the names that a statement needs when the module runs.
fn direct(side: &Side, renamed: &Renamed, at: usize) -> BTreeSet<String> {
    let mentions = side.parts[at].mentions.iter().filter(|it| !it.deferred);
    mentions.map(|it| called(it, renamed).to_owned()).collect()
}

/// As [`direct`], with all that is needed by what it may call.
fn eager(side: &Side, renamed: &Renamed, parts: &BTreeSet<usize>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        parts.iter().flat_map(|it| direct(side, renamed, *it)).collect();
    let mut open: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = open.pop() {
        for at in side.definers(&name) {
            for name in side.parts[at].mentions.iter().map(|it| called(it, renamed)) {
                if names.insert(name.to_owned()) {
                    open.push(name.to_owned());
                }
            }
        }
    }
    names
}

/// Returns the edit that puts definitions into a module.
pub(super) fn insert(
    to: &Side,
    spot: &Spot,
    text: &str,
    (first, last): (bool, bool),
    newline: &str,
) -> TextEdit {
    let source = to.source();
    let small_at = |at: Option<usize>| at.is_some_and(|it| is_small(to, it));
    let (at, mut text) = match spot.before {
        Some(next) => {
            let gap = blank(last && small_at(Some(next)));
            (with_comments(to, next), format!("{text}{gap}"))
        }
        None => {
            let behind = to.parts.len().checked_sub(1);
            let wanted = if first && (behind.is_none() || small_at(behind)) { 1 } else { 2 };
            let close = if source.is_empty() || source.ends_with(['\n', '\r']) { "" } else { "\n" };
            let have = blank_before(source, source.len()).len();
            let wanted = if source.is_empty() { 0 } else { wanted };
            let gap = "\n".repeat(usize::saturating_sub(wanted, have));
            (source.len(), format!("{close}{gap}{text}"))
        }
    };
    if newline != "\n" {
        text = text.replace('\n', newline);
    }
    TextEdit { span: at..at, text }
}
