//! The `{{ name }}` in the strings of a playbook.
//!
//! A string without `{{` is taken as it is written; any other is a template, in which an unknown
//! name is a mistake. There are no filters, functions or loaders: a template sees its variables.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Template, UndefinedBehavior};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::mistake::Mistakes;
use super::variables::Values;
use crate::finding::nearest;

/// No string grows beyond this: variables that double each other would fill the memory.
const LONGEST: usize = 64 * 1024;

const RAW: &str = "braces meant as such go between `{% raw %}` and `{% endraw %}`";

/// Renders every string below `table`, keys included.
pub(super) fn fill_in(table: &mut DeTable<'_>, values: &Values, mistakes: &mut Mistakes<'_>) {
    let names: BTreeSet<String> = values.keys().cloned().collect();
    Filling { templates: Templates::new(), values, names: &names, mistakes }.table(table);
}

/// The template engine, and what it has to say as mistakes.
pub(super) struct Templates(Environment<'static>);

impl Templates {
    pub(super) fn new() -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
            environment.set_syntax(syntax);
        }
        Self(environment)
    }

    /// Parses a template; `None`, and a mistake, where it is a bad one.
    fn parse<'t>(
        &'t self,
        text: &'t str,
        span: &Range<usize>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<Template<'t, 't>> {
        let parsed = self.0.template_from_named_str("", text);
        parsed
            .map_err(|error| mistakes.push(Some(span.clone()), said(&error), Some(RAW.to_owned())))
            .ok()
    }

    /// Returns the variables that `text` needs; `None`, and a mistake, where it is no good template
    /// or names a variable that is none of `known`.
    pub(super) fn names(
        &self,
        text: &str,
        known: &BTreeSet<String>,
        span: &Range<usize>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<BTreeSet<String>> {
        if !is_template(text) {
            return Some(BTreeSet::new());
        }
        let template = self.parse(text, span, mistakes)?;
        let names: BTreeSet<String> = template.undeclared_variables(false).into_iter().collect();
        for name in names.difference(known) {
            let at = mention(mistakes.text(), span, name);
            let help = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => RAW.to_owned(),
            };
            mistakes.push(Some(at), format!("unknown variable `{name}`"), Some(help));
        }
        names.is_subset(known).then_some(names)
    }

    /// Renders `text`; where that fails, the mistake is recorded and the text stays as it is.
    pub(super) fn render(
        &self,
        text: &str,
        values: &Values,
        span: &Range<usize>,
        mistakes: &mut Mistakes<'_>,
    ) -> String {
        if !is_template(text) {
            return text.to_owned();
        }
        let Some(template) = self.parse(text, span, mistakes) else { return text.to_owned() };
        match template.render(values) {
            Ok(done) if done.len() <= LONGEST.max(2 * text.len()) => done,
            Ok(_) => {
                mistakes.push(Some(span.clone()), "the value becomes too long", None);
                text.to_owned()
            }
            Err(error) => {
                mistakes.push(Some(span.clone()), said(&error), None);
                text.to_owned()
            }
        }
    }
}

fn said(error: &minijinja::Error) -> String {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    format!("bad template: {detail}")
}

fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// Returns where `name` stands between braces in the string at `span`; else the whole string.
fn mention(text: &str, span: &Range<usize>, name: &str) -> Range<usize> {
    let shown = text.get(span.clone()).unwrap_or_default();
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let hit = shown.match_indices(name).map(|(at, _)| at).find(|at| {
        let (before, after) = (&shown[..*at], &shown[at + name.len()..]);
        let opened = before.rfind("{{").is_some_and(|open| !before[open..].contains("}}"));
        opened && !before.ends_with(is_word) && !after.starts_with(is_word)
    });
    hit.map_or(span.clone(), |at| span.start + at..span.start + at + name.len())
}

/// One walk over the strings of a table.
struct Filling<'a, 't> {
    templates: Templates,
    values: &'a Values,
    names: &'a BTreeSet<String>,
    mistakes: &'a mut Mistakes<'t>,
}

impl Filling<'_, '_> {
    fn table(&mut self, table: &mut DeTable<'_>) {
        for (key, mut value) in std::mem::take(table) {
            let span = key.span();
            let key = match self.text(key.get_ref(), &span) {
                Some(done) => Spanned::new(span.clone(), done.into()),
                None => key,
            };
            self.value(&mut value);
            if table.contains_key(key.get_ref().as_ref()) {
                let message = format!("two keys become `{}`", key.get_ref());
                self.mistakes.push(Some(span), message, None);
            }
            table.insert(key, value);
        }
    }

    fn array(&mut self, array: &mut DeArray<'_>) {
        for value in array.iter_mut() {
            self.value(value);
        }
    }

    fn value(&mut self, value: &mut Spanned<DeValue<'_>>) {
        let span = value.span();
        match value.get_mut() {
            DeValue::String(text) => {
                if let Some(done) = self.text(text, &span) {
                    *text = done.into();
                }
            }
            DeValue::Array(array) => self.array(array),
            DeValue::Table(table) => self.table(table),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }

    /// Returns what a template becomes; `None` where `text` is none, or a bad one.
    fn text(&mut self, text: &str, span: &Range<usize>) -> Option<String> {
        if !is_template(text) {
            return None;
        }
        self.templates.names(text, self.names, span, self.mistakes)?;
        Some(self.templates.render(text, self.values, span, self.mistakes))
    }
}
