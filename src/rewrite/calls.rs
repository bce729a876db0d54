//! `import_module("a.b")` and `__import__("a.b")`.

use super::chains::Called;
use super::file::File;
use super::view::{Lead, NameLead, Spelling, Taken};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{Anchor, Import, Target};
use crate::text::{Span, TextEdit};

impl File<'_> {
    /// Follows the module that a call imports.
    pub(super) fn edit_call(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let lead = &self.followed.leads[index];
        if self.loses_a_name(index) {
            return;
        }
        if let Some(called) = self.chains.calls.remove(&index) {
            self.edit_called(import, called);
            return;
        }
        if self.edit_anchored(import, lead) {
            return;
        }
        let turned =
            import.anchor == Anchor::Name && is_init(&self.view.old) != is_init(&self.view.new);
        let Some(place) = lead.place.as_ref().filter(|_| !lead.holds || turned) else { return };
        let relative = import.level > 0 && import.anchor != Anchor::Joined && !turned;
        let Some(now) = self.view.spell(place, lead, relative) else {
            self.warn(import, format!("`{}` cannot be imported from here any more", import.module));
            return;
        };
        if import.anchor == Anchor::Joined {
            let text = format!("\"{now}\"");
            self.push(TextEdit { span: import.span.clone(), text }, self.view.why(lead));
            return;
        }
        let old = format!(
            "{}{}",
            ".".repeat(usize::try_from(import.level).unwrap_or_default()),
            import.module
        );
        let literal = &self.source[import.span.clone()];
        let inner = quoted(literal);
        let written = inner.clone().map_or("", |it| &literal[it]);
        let dots = written.len() - written.trim_start_matches('.').len();
        let call = &self.source[import.statement.clone()];
        // `__import__("b", globals(), locals(), [], 1)`
        let beside = level_of(call).filter(|_| import.level > 0 && written == import.module);
        let text = match &beside {
            Some(_) => Some(now.module.clone()),
            None if written == old => Some(now.to_string()),
            // The dots count from another name than the package.
            None if import.level > 0 && dots > 0 && written[dots..] == import.module => {
                let shift = i64::try_from(dots).unwrap_or_default() - i64::from(import.level);
                let level = usize::try_from(i64::from(now.level) + shift).ok().filter(|it| *it > 0);
                match level.filter(|_| now.level > 0) {
                    Some(level) => Some(format!("{}{}", ".".repeat(level), now.module)),
                    None => self.view.spell(place, lead, false).map(|it| it.module),
                }
            }
            None => below_package(written, import, &now),
        };
        let Some((inner, text)) = inner.zip(text) else {
            self.warn(import, format!("`{old}` is now `{now}`, but is not written in one piece"));
            return;
        };
        let span = import.span.start + inner.start..import.span.start + inner.end;
        if matches!(import.target, Target::Call { top: true, .. }) {
            self.edit_attributes(import, &now.module, lead);
        }
        if let Some(beside) = beside {
            let start = import.statement.start;
            let span = start + beside.start..start + beside.end;
            self.push(TextEdit { span, text: now.level.to_string() }, self.view.why(lead));
        }
        self.push(TextEdit { span, text }, self.view.why(lead));
    }

    /// Imports what was taken as an attribute of what a call imports.
    fn edit_called(&mut self, import: &Import, called: Called) {
        let Called { module, attributes, why } = called;
        let literal = &self.source[import.span.clone()];
        let name = quoted(literal).filter(|it| {
            let written = &literal[it.clone()];
            let name = written.trim_start_matches('.');
            // The number of levels may stand beside the name: `__import__("b", level=1)`.
            let beside = import.level > 0 && name == written;
            !name.is_empty() && import.module.ends_with(name) && !beside
        });
        let Some(name) = name else {
            self.warn(import, format!("{why}, and is taken from what a call imports"));
            return;
        };
        let span = import.span.start + name.start..import.span.start + name.end;
        self.push(TextEdit { span, text: module }, why.clone());
        self.push(attributes, why);
    }

    /// Follows `import_module("..b", "a.c")`, where the literal that the dots count from names what
    /// moved: both are written so that they fit together.
    fn edit_anchored(&mut self, import: &Import, lead: &Lead) -> bool {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let behind = import.span.end..import.statement.end;
        let mut literals = facts.literals.iter();
        let anchor = literals.find(|it| behind.contains(&it.span.start));
        let literal = &self.source[import.span.clone()];
        let name = quoted(literal).filter(|it| literal[it.clone()].starts_with('.'));
        let Some((anchor, name)) = anchor.filter(|_| import.level == 0).zip(name) else {
            return false;
        };
        let base = self.view.lead(0, &anchor.text);
        let Some(base_place) = base.place.as_ref().filter(|_| !base.holds) else { return false };
        let Some(base_now) = self.view.spell(base_place, &base, false) else { return false };
        let now = match lead.place.as_ref().filter(|_| !lead.holds) {
            Some(place) => self.view.spell(place, lead, false).map(|it| it.module),
            None => Some(import.module.clone()),
        };
        let Some(now) = now else { return false };
        let span = import.span.start + name.start..import.span.start + name.end;
        let text = counted_from(&base_now.module, &now);
        self.push(TextEdit { span, text }, self.view.why(lead));
        let edit = TextEdit { span: anchor.span.clone(), text: base_now.module };
        self.push(edit, self.view.why(&base));
        true
    }

    /// Tells whether `__import__` takes a submodule by its name that has to be taken from elsewhere
    /// now: what goes on with the call would have to follow, too.
    fn loses_a_name(&mut self, index: usize) -> bool {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let Target::Call { names, .. } = &import.target else { return false };
        let module = &import.module;
        // Where the package moves as a whole, its name takes it along.
        let stays = self.followed.leads[index].holds;
        let lost = |it: &NameLead| stays && !it.holds && it.taken == Taken::Module;
        let Some(lost) = self.followed.names[index].iter().position(lost) else { return false };
        let lost = &names[lost];
        let message = format!("`__import__` takes `{}` from `{module}`, and it moves", lost.name);
        let hint = format!("write `importlib.import_module(\"{module}.{}\")`", lost.name);
        let path = Some(self.view.new.clone());
        let finding = Finding::error(path, message).at_line(import.line).with_hint(hint);
        self.findings.push(finding);
        true
    }

    /// Follows what `__import__("a.b")` goes on with: it gives `a`, whatever it imports.
    fn edit_attributes(&mut self, import: &Import, now: &str, lead: &Lead) {
        let split = |dotted: &str| match dotted.split_once('.') {
            Some((first, rest)) => (first.to_owned(), format!(".{rest}")),
            None => (dotted.to_owned(), String::new()),
        };
        let ((first, old), (now_first, new)) = (split(&import.module), split(now));
        let end = import.statement.end;
        let follows = self.source[end..]
            .strip_prefix(old.as_str())
            .is_some_and(|it| !it.starts_with(|next: char| next == '_' || next.is_alphanumeric()));
        if follows && !old.is_empty() {
            let edit = TextEdit { span: end..end + old.len(), text: new };
            self.push(edit, self.view.why(lead));
        } else if first != now_first {
            let message =
                format!("`__import__(\"{now}\")` gives `{now_first}` where `{first}` was given");
            self.warn(import, message);
        }
    }
}

/// Writes the name of a module so that its dots count from `package`; whole where both have no part in
/// common.
fn counted_from(package: &str, module: &str) -> String {
    let (package, module): (Vec<_>, Vec<_>) =
        (package.split('.').collect(), module.split('.').collect());
    let common = package.iter().zip(&module).take_while(|(a, b)| a == b).count();
    if common == 0 || common == module.len() {
        return module.join(".");
    }
    format!("{}{}", ".".repeat(package.len() - common + 1), module[common..].join("."))
}

fn is_init(path: &RepoPath) -> bool {
    path.name_str().starts_with("__init__.")
}

/// Spells what `import_module(".b", "a")` names so that the package beside it still fits: relative to
/// that, or whole.
fn below_package(written: &str, import: &Import, now: &Spelling) -> Option<String> {
    let name = written.trim_start_matches('.');
    let dots = &written[..written.len() - name.len()];
    if dots.is_empty() || import.level > 0 || now.level > 0 {
        return None;
    }
    let package = import.module.strip_suffix(name)?;
    Some(match now.module.strip_prefix(package) {
        Some(rest) if !package.is_empty() => format!("{dots}{rest}"),
        _ => now.module.clone(),
    })
}

/// Returns where the number of levels stands in a call of `__import__`: by its name, or as the last
/// of five arguments.
fn level_of(call: &str) -> Option<Span> {
    let end = call.strip_suffix(')')?.trim_end().trim_end_matches(',').trim_end().len();
    let by_name = call.rfind("level").map(|at| {
        let rest = &call[at + "level".len()..];
        let value = rest.trim_start().strip_prefix('=').map_or(rest, str::trim_start);
        call.len() - value.len()
    });
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let start = by_name
        .unwrap_or_else(|| end - call[..end].bytes().rev().take_while(u8::is_ascii_digit).count());
    let length = digits(&call[start..]);
    (length > 0).then_some(start..start + length)
}

/// Returns where the text of a string literal stands between its prefix and quotes.
fn quoted(literal: &str) -> Option<Span> {
    let start = literal.find(['"', '\''])?;
    let quote = &literal[start..=start];
    let quotes = if literal[start..].starts_with(&quote.repeat(3)) { 3 } else { 1 };
    let end = literal.len().checked_sub(quotes)?;
    let fits = start + quotes <= end && literal.ends_with(quote);
    fits.then_some(start + quotes..end)
}
