//! `import_module("a.b")` and `__import__("a.b")`.

use super::file::File;
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
        let first = |dotted: &str| dotted.split('.').next().unwrap_or_default().to_owned();
        if call.starts_with("__import__")
            && !call.contains("fromlist")
            && first(&import.module) != first(&now.module)
        {
            let message = format!(
                "`__import__(\"{now}\")` gives `{}` where `{}` was given",
                first(&now.module),
                first(&import.module)
            );
            self.warn(import, message);
        }
        self.push(TextEdit { span, text: now.to_string() }, self.why(lead));
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
