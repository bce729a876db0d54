//! `import_module("a.b")` and `__import__("a.b")`.

use super::file::File;
use super::view::Lead;
use crate::python::Import;
use crate::text::{Span, TextEdit};

impl File<'_> {
    /// Follows the module that a call imports.
    pub(super) fn edit_call(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let lead = &self.followed.leads[index];
        let Some(place) = lead.place.as_ref().filter(|_| !lead.holds) else { return };
        let Some(now) = self.view.spell(place, lead, import.level > 0) else {
            self.warn(import, format!("`{}` cannot be imported from here any more", import.module));
            return;
        };
        let level = usize::try_from(import.level).unwrap_or_default();
        let old = format!("{}{}", ".".repeat(level), import.module);
        let literal = &self.source[import.span.clone()];
        let Some(inner) = quoted(literal).filter(|inner| literal[inner.clone()] == *old) else {
            self.warn(import, format!("`{old}` is now `{now}`, but is not written in one piece"));
            return;
        };
        let span = import.span.start + inner.start..import.span.start + inner.end;
        let call = &self.source[import.statement.clone()];
        if call.starts_with("__import__") && !call.contains("fromlist") {
            self.edit_attributes(import, &now.module, lead);
        }
        self.push(TextEdit { span, text: now.to_string() }, self.why(lead));
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
            self.push(edit, self.why(lead));
        } else if first != now_first {
            let message =
                format!("`__import__(\"{now}\")` gives `{now_first}` where `{first}` was given");
            self.warn(import, message);
        }
    }
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
