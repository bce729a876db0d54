//! Strings that name a module apart from what is taken of it: `("a.b", "f")`, `{"f": ("a.b", "x")}`,
//! `{"a.b": ["f", "g"]}`, and by a name that counts from the package, `{"f": ".b"}`.
//!
//! Such a row is followed where it names what moved and nothing else of that module; where it names
//! more, a person is told.

use std::collections::BTreeSet;

use super::file::File;
use super::listed_names::Listed;
use super::places::Place;
use super::view::Lead;
use crate::facts::Member;
use crate::finding::{Finding, Safety};
use crate::python::{self, Beside, Row, RowForm, Said, is_identifier};
use crate::text::{Lines, TextEdit};

/// How a string names a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `"a.b"`
    Absolute,
    /// `".b"`
    Dots,
    /// `"b"`, in the `__init__.py` of `a`.
    Below,
}

/// What a string of a row names.
struct Named {
    lead: Lead,
    style: Style,
}

/// A name that left its module, and where it is now.
type Gone<'a> = (&'a Said, (Place, String));

impl File<'_> {
    /// Follows the rows of this file.
    pub(super) fn edit_rows(&mut self) {
        let moves = self.view.places.moves;
        let parted: BTreeSet<&str> = moves.names.keys().map(|(module, _)| last(module)).collect();
        let moved: BTreeSet<&str> = match self.counts_from_package() {
            true => moves.paths.keys().chain(moves.folders.keys()).map(|it| it.stem()).collect(),
            false => BTreeSet::new(),
        };
        let wanted = |text: &str| parted.contains(last(text)) || moved.contains(last(text));
        if parted.iter().chain(&moved).any(|it| self.source.contains(it)) {
            let target = self.view.places.after.target();
            for row in python::rows(self.source, target, &wanted) {
                self.edit_row(&row);
            }
        }
    }

    /// Tells whether a string of this file may name a module from its package on.
    fn counts_from_package(&self) -> bool {
        self.is_init() || self.source.contains("import_module")
    }

    fn is_init(&self) -> bool {
        self.view.old.name_str().starts_with("__init__.")
    }

    fn edit_row(&mut self, row: &Row) {
        let Some(named) = self.named(&row.module.text) else { return };
        // In `__all__`, the name of a module stands beside other names.
        let is_table = |it: &&Beside| matches!(it.form, RowForm::Key(_) | RowForm::Value);
        let below = named.style == Style::Below;
        for beside in row.beside.iter().filter(|it| !below || is_table(it)) {
            if self.edit_parted(&row.module, &named, beside) {
                return;
            }
            // What takes something else of the module speaks of that.
            let takes = |it: &Said| self.has(&named.lead, &it.text);
            if beside.strings.iter().any(takes) {
                return self.edit_moved(&row.module, &named, Safety::Safe);
            }
        }
        if named.style == Style::Dots {
            self.edit_moved(&row.module, &named, Safety::Review);
        }
    }

    /// Reads the name of a module that a string may be.
    fn named(&self, text: &str) -> Option<Named> {
        let name = text.trim_start_matches('.');
        if !name.split('.').all(is_identifier) {
            return None;
        }
        let level = u32::try_from(text.len() - name.len()).ok()?;
        if level > 0 {
            let lead = self.view.lead(level, name);
            return lead.was.is_some().then_some(Named { lead, style: Style::Dots });
        }
        let lead = self.view.lead(0, text);
        let known = || lead.dotted.as_ref().is_some_and(|it| self.view.places.may_be_named(it));
        if lead.was.is_some() || known() {
            return Some(Named { lead, style: Style::Absolute });
        }
        let lead = self.view.lead(1, text);
        (self.is_init() && lead.was.is_some()).then_some(Named { lead, style: Style::Below })
    }

    /// Tells whether a module surely has a name.
    fn has(&self, lead: &Lead, name: &str) -> bool {
        lead.was.as_ref().is_some_and(|was| {
            let member = self.view.places.before.member(was, name);
            matches!(member, Member::Definition { .. } | Member::Module(_) | Member::External)
        })
    }

    /// Follows a name that counts from the package, of a module that is elsewhere.
    fn edit_moved(&mut self, module: &Said, named: &Named, safety: Safety) {
        let lead = &named.lead;
        let Some(place) = lead.place.as_ref().filter(|_| !lead.holds) else { return };
        if named.style != Style::Absolute && !self.is_done(module) {
            match self.spelled(place, named) {
                Some(text) => {
                    let edit = TextEdit { span: module.span.clone(), text };
                    self.push_as(edit, safety, self.view.why(lead));
                }
                None => self.tell(module, format!("`{}` is elsewhere now", module.text)),
            }
        }
    }

    /// Follows a row that names something that left its module; tells whether it does.
    fn edit_parted(&mut self, module: &Said, named: &Named, beside: &Beside) -> bool {
        let gone = |it: &Said| {
            let place = self.view.name_place(&named.lead, &it.text)?;
            (!self.view.is_shared(&named.lead, &it.text)).then_some(place)
        };
        let strings = beside.strings.iter();
        let moved: Vec<Gone<'_>> = strings.filter_map(|it| Some((it, gone(it)?))).collect();
        let Some((_, (place, _))) = moved.first() else { return false };
        if self.is_done(module) {
            return true;
        }
        let what: Vec<String> = moved.iter().map(|(it, _)| format!("`{}`", it.text)).collect();
        let what = format!("{} of `{}`", what.join(", "), module.text);
        let text = self.spelled(place, named);
        let change = text.as_ref().and_then(|it| self.change((module, named), beside, &moved, it));
        let Some((change, text)) = change.zip(text) else {
            self.tell(module, format!("{what} is elsewhere now, and the row says more than that"));
            return true;
        };
        let is_list = beside.form == RowForm::List;
        let safety = if is_list { Safety::Review } else { Safety::Safe };
        for edit in change {
            self.push_as(edit, safety, format!("{what} is in `{text}` now"));
        }
        true
    }

    /// Returns the edits by which a row names the module `text` in the place of `module`; nothing where
    /// it is not sure to mean that.
    fn change(
        &self,
        (module, named): (&Said, &Named),
        beside: &Beside,
        moved: &[Gone<'_>],
        text: &str,
    ) -> Option<Vec<TextEdit>> {
        let (_, (place, _)) = moved.first()?;
        let is_one = moved.iter().all(|(_, (other, _))| other == place);
        if !is_one || self.names_others(module, beside) {
            return None;
        }
        let names: Vec<(&Said, &str)> =
            moved.iter().map(|(it, (_, now))| (*it, now.as_str())).collect();
        let is_gone = |it: &Said| names.iter().any(|(gone, _)| gone.whole == it.whole);
        let mut others = beside.strings.iter().filter(|it| !is_gone(it));
        if let RowForm::Key(entries) = &beside.form {
            let listed = Listed { source: self.source, entries, key: module };
            return listed.moved(text, &names, others.next().is_none());
        }
        // Who looks something up by its key would have to follow as well.
        let renamed = names.iter().any(|(it, now)| it.text != *now);
        if others.any(|it| self.has(&named.lead, &it.text))
            || renamed && beside.form == RowForm::Value
        {
            return None;
        }
        let edits = names.into_iter().chain([(module, text)]);
        let edit =
            |(it, text): (&Said, &str)| TextEdit { span: it.span.clone(), text: text.into() };
        Some(edits.map(edit).collect())
    }

    /// Writes the name of a module in the style of a string; nothing where that does not go.
    fn spelled(&self, place: &Place, named: &Named) -> Option<String> {
        let now = self.view.spell(place, &named.lead, named.style != Style::Absolute)?;
        match named.style {
            Style::Absolute | Style::Dots => Some(now.to_string()),
            Style::Below => (now.level == 1 && !now.module.is_empty()).then_some(now.module),
        }
    }

    /// Tells whether a row names other modules, too: which of them has the name is not known.
    fn names_others(&self, module: &Said, beside: &Beside) -> bool {
        let mut literals = self.view.facts.literals.iter();
        literals.any(|it| {
            let within = beside.span.start <= it.span.start && it.span.end <= beside.span.end;
            within && it.text != module.text && self.view.lead(0, &it.text).was.is_some()
        })
    }

    fn is_done(&self, module: &Said) -> bool {
        self.edits.iter().any(|it| it.changes(&module.whole))
    }

    fn tell(&mut self, module: &Said, message: String) {
        let line = Lines::new(self.source).line(module.span.start);
        let path = Some(self.view.new.clone());
        self.findings.push(Finding::warning(path, message).at_line(line));
    }
}

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}
