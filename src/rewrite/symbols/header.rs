//! The imports at the top of a module: names leave statements and join them, new statements come where
//! their like stand.

use std::collections::{BTreeMap, BTreeSet};

use super::side::Side;
use crate::python::{Form, Part, Target};
use crate::rewrite::statement::{
    Fate, Fresh, Statement, WIDTH, end_of_line, newline_at, start_of_line,
};
use crate::rewrite::walk::Key;
use crate::text::{Span, TextEdit};

/// Where an import stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// `from __future__ import …`.
    Future,
    /// Of the standard library.
    Standard,
    /// Of others.
    Foreign,
    /// Of the repository.
    Own,
    /// Relative.
    Relative,
}

/// A name that a module has to import.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) rank: Rank,
    /// For types only.
    pub(super) checking: bool,
    /// `from this import …`; `import …` where it is nothing.
    pub(super) from: Option<String>,
    /// `a`, `a as b`, `a.b`, `*`.
    pub(super) text: String,
}

/// The imports of a module, as they are to be.
pub(super) struct Header<'a> {
    pub(super) side: &'a Side,
    pub(super) newline: &'a str,
    /// The rank of each import.
    pub(super) ranks: Vec<Rank>,
    /// What leaves.
    pub(super) drop: BTreeSet<Key>,
    /// The statements that leave the module.
    pub(super) gone: &'a BTreeSet<usize>,
}

/// What becomes of the imports of a module.
pub(super) struct Edited {
    /// The edits.
    pub(super) edits: Vec<TextEdit>,
    /// The lines that go as a whole.
    pub(super) lines: Vec<Span>,
}

impl Header<'_> {
    /// Returns the edits that take away what leaves, and give what is wanted.
    pub(super) fn edited(&self, mut wanted: Vec<Wanted>) -> Edited {
        wanted.sort();
        wanted.dedup();
        let mut joined: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut fresh: Vec<(Rank, String)> = Vec::new();
        let (checking, mut plain): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|it| it.checking);
        let is_known = !self.side.binders("TYPE_CHECKING").is_empty();
        if !checking.is_empty() && self.block_for_types().is_none() && !is_known {
            let (from, text) = (Some("typing".to_owned()), "TYPE_CHECKING".to_owned());
            plain.push(Wanted { rank: Rank::Standard, checking: false, from, text });
            plain.sort();
        }
        for (rank, from, texts) in grouped(plain) {
            match from.as_ref().and_then(|it| self.home(it, &texts)) {
                Some(import) => joined.entry(import).or_default().extend(texts),
                None => fresh.extend(statements(from.as_deref(), &texts).map(|it| (rank, it))),
            }
        }
        let mut edited = self.rewritten(&joined);
        edited.edits.extend(self.placed(fresh, checking));
        edited
    }

    /// Returns the statements of the module that import something, by their place: their imports.
    fn statements(&self) -> BTreeMap<(usize, usize), Vec<usize>> {
        let mut found: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (index, import) in self.side.facts.imports.iter().enumerate() {
            let span = &import.statement;
            if !matches!(import.target, Target::Call { .. }) {
                found.entry((span.start, span.end)).or_default().push(index);
            }
        }
        found
    }

    fn keys_of(&self, imports: &[usize]) -> Vec<(Key, Span)> {
        let one = |index: usize| match &self.side.facts.imports[index].target {
            Target::Names(names) => {
                let names = names.iter().enumerate();
                names.map(|(at, it)| ((index, Some(at)), it.span.clone())).collect()
            }
            Target::Module { .. } | Target::Star | Target::Call { .. } => {
                vec![((index, None), self.side.facts.imports[index].span.clone())]
            }
        };
        imports.iter().flat_map(|it| one(*it)).collect()
    }

    /// Returns the `from` import at the top that these names can join.
    fn home(&self, from: &str, texts: &[String]) -> Option<usize> {
        let imports = self.side.facts.imports.iter().enumerate();
        let mut own = imports.filter(|(_, it)| {
            let dots = ".".repeat(usize::try_from(it.level).unwrap_or_default());
            matches!(it.target, Target::Names(_))
                && it.column == 1
                && !it.optional
                && format!("{dots}{}", it.module) == from
                && self.is_header(it.statement.start)
        });
        own.find_map(|(index, it)| {
            let text = self.side.slice(it.statement.clone());
            let length = text.len() + texts.iter().map(|it| it.len() + 2).sum::<usize>();
            (text.contains(['\n', '(']) || length <= WIDTH).then_some(index)
        })
    }

    /// Tells whether a statement stands before the first function or class.
    fn is_header(&self, at: usize) -> bool {
        let defines = |form: &Form| matches!(form, Form::Function { .. } | Form::Class);
        let first = self.side.parts.iter().find(|it| defines(&it.form));
        first.is_none_or(|it| at < it.span.start)
    }

    /// Edits the statements that names leave or join.
    fn rewritten(&self, joined: &BTreeMap<usize, Vec<String>>) -> Edited {
        let (mut edits, mut lines) = (Vec::new(), Vec::new());
        for ((start, end), imports) in self.statements() {
            let keys = self.keys_of(&imports);
            let own = imports.first().and_then(|it| joined.get(it));
            let mut fates: Vec<Fate> = keys
                .iter()
                .map(|(key, _)| if self.drop.contains(key) { Fate::Leaves } else { Fate::Stays })
                .collect();
            let leaves = fates.iter().all(|it| *it == Fate::Leaves);
            if own.is_none() && !fates.contains(&Fate::Leaves) {
                continue;
            }
            let entries: Vec<Span> = keys.into_iter().map(|(_, span)| span).collect();
            if leaves && own.is_none() {
                if self.is_alone(start) {
                    edits.push(TextEdit { span: start..end, text: "pass".to_owned() });
                    continue;
                }
                match self.whole(start..end) {
                    Ok(span) => lines.push(span),
                    Err(span) => edits.push(TextEdit { span, text: String::new() }),
                }
                continue;
            }
            self.join(&mut fates, &entries, own.map_or(&[], Vec::as_slice));
            let statement = Statement { source: self.side.source(), span: start..end, entries };
            edits.extend(statement.rewrite(&fates, &[] as &[Fresh]));
        }
        Edited { edits, lines }
    }

    /// Adds names to a list, each before the first one that comes after it in the alphabet.
    fn join(&self, fates: &mut [Fate], entries: &[Span], texts: &[String]) {
        let source = self.side.source();
        if texts.is_empty() {
            return;
        }
        if fates.iter().all(|it| *it == Fate::Leaves) {
            fates[0] = Fate::Becomes(texts.join(", "));
            return;
        }
        for text in texts {
            let kept = entries.iter().zip(fates.iter()).enumerate();
            let kept: Vec<usize> =
                kept.filter(|(_, (_, fate))| **fate != Fate::Leaves).map(|(at, _)| at).collect();
            let written = |at: usize| match &fates[at] {
                Fate::Becomes(text) => text.clone(),
                Fate::Stays | Fate::Leaves => self.side.slice(entries[at].clone()).to_owned(),
            };
            let next =
                kept.iter().copied().find(|at| *self.side.slice(entries[*at].clone()) > **text);
            let Some(at) = next.or(kept.last().copied()) else { return };
            let line = start_of_line(source, entries[at].start);
            let indent = &source[line..entries[at].start];
            let gap = match indent.trim().is_empty() && !indent.is_empty() {
                true => format!(",{}{indent}", self.newline),
                false => ", ".to_owned(),
            };
            let tail = &source[entries[at].end..end_of_line(source, entries[at].end)];
            let first = next.is_some() || gap.len() > 2 && tail.contains('#');
            let old = written(at);
            let whole =
                if first { format!("{text}{gap}{old}") } else { format!("{old}{gap}{text}") };
            fates[at] = Fate::Becomes(whole);
        }
    }

    /// Tells whether a statement may be the only one of its block.
    fn is_alone(&self, at: usize) -> bool {
        let part = self.side.part_at(at).and_then(|at| self.side.parts.get(at));
        part.is_some_and(|it| !matches!(it.form, Form::Import | Form::Checking))
    }

    /// Returns the lines that go when a whole statement goes, or the part of a line that it shares.
    fn whole(&self, span: Span) -> Result<Span, Span> {
        let source = self.side.source();
        let span = self.block(span);
        let (line, stop) = (start_of_line(source, span.start), end_of_line(source, span.end));
        let (head, tail) = (&source[line..span.start], source[span.end..stop].trim_start());
        if !head.trim().is_empty() {
            let before = source[..span.start].trim_end_matches([' ', '\t', ';']).len();
            return Err(before.max(line)..span.end);
        }
        match tail.strip_prefix(';') {
            Some(rest) => Err(span.start..stop - rest.trim_start().len()),
            None => Ok(line..stop + newline_at(source, stop)),
        }
    }

    /// Returns the `if TYPE_CHECKING:` around a statement, where nothing of it stays.
    fn block(&self, span: Span) -> Span {
        let Some(at) = self.side.part_at(span.start) else { return span };
        let part = &self.side.parts[at];
        let inside = |it: &&usize| {
            let start = self.side.facts.imports[**it].statement.start;
            part.span.start <= start && start < part.span.end
        };
        let all: Vec<usize> = (0..self.side.facts.imports.len()).collect();
        let inside: Vec<usize> = all.iter().filter(inside).copied().collect();
        let empty = self.keys_of(&inside).iter().all(|(key, _)| self.drop.contains(key));
        if part.form == Form::Checking && empty { part.span.clone() } else { span }
    }

    /// Returns the `if TYPE_CHECKING:` that has lines of its own.
    fn block_for_types(&self) -> Option<&Part> {
        let mut blocks = self.side.parts.iter().filter(|it| it.form == Form::Checking);
        blocks.find(|it| self.side.slice(it.span.clone()).contains(['\n', '\r']))
    }

    /// Puts new statements behind those of their rank, and imports for types into their block.
    fn placed(&self, fresh: Vec<(Rank, String)>, checking: Vec<Wanted>) -> Vec<TextEdit> {
        let block = self.block_for_types();
        let mut edits = Vec::new();
        let mut behind = Vec::new();
        let groups = grouped(checking);
        let rows: Vec<String> = groups
            .iter()
            .flat_map(|(_, from, texts)| statements(from.as_deref(), texts).collect::<Vec<_>>())
            .collect();
        if let Some(block) = block.filter(|_| !rows.is_empty()) {
            let last = block.span.end;
            let line = start_of_line(self.side.source(), last);
            let text = self.side.slice(line..last);
            let indent = &text[..text.len() - text.trim_start().len()];
            let at = end_of_line(self.side.source(), last);
            let text = rows.iter().map(|it| format!("{}{indent}{it}", self.newline)).collect();
            edits.push(TextEdit { span: at..at, text });
        } else if !rows.is_empty() {
            behind = rows;
        }
        let header = self.anchors();
        match header.is_empty() {
            true => edits.extend(self.first(&fresh, &behind)),
            false => edits.extend(self.among(&header, &fresh, &behind)),
        }
        for edit in &mut edits {
            edit.text = edit.text.replace("\r\n", "\n").replace('\n', self.newline);
        }
        edits
    }

    /// Returns the imports at the top that stay: their ranks, and where they stand.
    fn anchors(&self) -> Vec<(Rank, Span)> {
        let plain = |(index, imports): (&(usize, usize), &Vec<usize>)| {
            let import = &self.side.facts.imports[*imports.first()?];
            let stands = import.column == 1 && !import.optional && self.is_header(index.0);
            let stays = self.keys_of(imports).iter().any(|(key, _)| !self.drop.contains(key));
            (stands && stays).then(|| (self.ranks[imports[0]], index.0..index.1))
        };
        self.statements().iter().filter_map(plain).collect()
    }

    fn among(
        &self,
        header: &[(Rank, Span)],
        fresh: &[(Rank, String)],
        behind: &[String],
    ) -> Vec<TextEdit> {
        let source = self.side.source();
        let pairs = header.windows(2).filter(|it| it[0].0 != it[1].0);
        let tight =
            |it: &[(Rank, Span)]| source[it[0].1.end..it[1].1.start].matches('\n').count() < 2;
        let spaced = !pairs.clone().any(tight);
        let mut edits: Vec<TextEdit> = Vec::new();
        let mut last: Option<(usize, Rank)> = None;
        for (rank, statement) in fresh {
            // What imports modules stands before what takes names of some.
            let is_plain = |it: &str| it.starts_with("import ");
            let fits = |it: &&(Rank, Span)| {
                let text = &source[it.1.clone()];
                it.0 < *rank || it.0 == *rank && (is_plain(text) || !is_plain(statement))
            };
            let anchor = header.iter().rev().find(fits);
            let beside = header.iter().find(|it| it.0 == *rank);
            let (anchor, first) = match (anchor, beside) {
                (Some(it), Some(beside)) if it.0 < *rank => (None, Some(beside)),
                (anchor, _) => (anchor, header.first()),
            };
            let text = statement;
            match anchor {
                Some((other, span)) => {
                    let at = end_of_line(source, span.end);
                    let before = last.filter(|it| it.0 == at).map_or(*other, |it| it.1);
                    let gap = if spaced && before != *rank { self.newline } else { "" };
                    let text = format!("{gap}{}{text}", self.newline);
                    edits.push(TextEdit { span: at..at, text });
                    last = Some((at, *rank));
                }
                None => {
                    let Some((next, span)) = first else { continue };
                    let gap = if spaced && next != rank { self.newline } else { "" };
                    let text = format!("{text}{}{gap}", self.newline);
                    edits.push(TextEdit { span: span.start..span.start, text });
                }
            }
        }
        if let Some((_, span)) = header.last().filter(|_| !behind.is_empty()) {
            let at = end_of_line(source, span.end);
            let rows: String =
                behind.iter().map(|it| format!("{}    {it}", self.newline)).collect();
            let newline = self.newline;
            let text = format!("{newline}{newline}if TYPE_CHECKING:{rows}");
            edits.push(TextEdit { span: at..at, text });
        }
        edits
    }

    /// Makes the first imports of a module: behind its docstring, else before its first statement.
    fn first(&self, fresh: &[(Rank, String)], behind: &[String]) -> Option<TextEdit> {
        let newline = self.newline;
        let mut text = String::new();
        for (at, (rank, statement)) in fresh.iter().enumerate() {
            let gap = at > 0 && fresh[at - 1].0 != *rank;
            text.push_str(if gap { newline } else { "" });
            text.push_str(statement);
            text.push_str(newline);
        }
        if !behind.is_empty() {
            let gap = if text.is_empty() { "" } else { newline };
            let rows: String = behind.iter().map(|it| format!("    {it}{newline}")).collect();
            text.push_str(&format!("{gap}if TYPE_CHECKING:{newline}{rows}"));
        }
        if text.is_empty() {
            return None;
        }
        let source = self.side.source();
        let parts = self.side.parts.iter().enumerate();
        if let Some((_, part)) = parts.clone().next().filter(|it| it.1.form == Form::Docstring) {
            let at = end_of_line(source, part.span.end);
            let text = format!("{newline}{newline}{}", text.trim_end_matches(['\n', '\r']));
            return Some(TextEdit { span: at..at, text });
        }
        let stays = |(at, part): &(usize, &Part)| {
            let imports = matches!(part.form, Form::Import | Form::Checking);
            !self.gone.contains(at) && !imports
        };
        let at = match parts.clone().find(stays) {
            Some((at, part)) => {
                let defines = matches!(part.form, Form::Function { .. } | Form::Class);
                text.push_str(if defines { newline } else { "" });
                text.push_str(newline);
                super::cut::with_comments(self.side, at)
            }
            None => source.len(),
        };
        Some(TextEdit { span: at..at, text })
    }
}

/// Groups what is wanted by the module that it is taken from.
fn grouped(wanted: Vec<Wanted>) -> Vec<(Rank, Option<String>, Vec<String>)> {
    let mut groups: Vec<(Rank, Option<String>, Vec<String>)> = Vec::new();
    for Wanted { rank, from, text, .. } in wanted {
        match groups.iter_mut().find(|it| it.1 == from && from.is_some()) {
            Some(group) => group.2.push(text),
            None => groups.push((rank, from, vec![text])),
        }
    }
    groups
}

/// Writes the import of some names.
fn statements<'a>(from: Option<&'a str>, texts: &'a [String]) -> impl Iterator<Item = String> + 'a {
    let joined = texts.join(", ");
    let whole = from.map(|it| {
        let line = format!("from {it} import {joined}");
        match line.len() > WIDTH {
            false => line,
            true => {
                let rows: String = texts.iter().map(|it| format!("    {it},\n")).collect();
                format!("from {it} import (\n{rows})")
            }
        }
    });
    let plain = texts.iter().filter(move |_| from.is_none()).map(|it| format!("import {it}"));
    whole.into_iter().chain(plain)
}
