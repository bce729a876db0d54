//! `__all__` of a package whose submodule left: the list is kept true, and a star import that took
//! the submodule takes it from its new home.

use super::file::File;
use super::places::{Place, Places, binds, module_path, submodule};
use super::statement::{end_of_line, start_of_line};
use super::view::{Lead, View};
use crate::facts::Module;
use crate::python::All;
use crate::text::{Span, TextEdit};

/// A submodule that `__all__` lists, that the package does not bind, and that left.
#[derive(Debug, Clone)]
pub(super) struct Left {
    /// The name in the list.
    pub(super) name: String,
    /// The literal, quotes and all.
    pub(super) span: Span,
    /// The submodule before, and where it is now.
    pub(super) lead: Lead,
}

/// Returns the submodules that the `__all__` of `module` lists and that left.
pub(super) fn left(places: &Places<'_>, module: &Module) -> Vec<Left> {
    let Module::File(path) = module else { return Vec::new() };
    let listed = match places.before.files().get(path).map(|it| &it.names.all) {
        Some(All::Names(names) | All::Dynamic(names)) => names.as_slice(),
        Some(All::Absent) | None => &[],
    };
    let left = |(name, span): &(String, Span)| {
        let lead = lead_of_left(places, module, name)?;
        Some(Left { name: name.clone(), span: span.clone(), lead })
    };
    listed.iter().filter_map(left).collect()
}

/// Returns the submodules that a star import of `module` took, and that left.
pub(super) fn left_star(places: &Places<'_>, module: &Module) -> Vec<(String, Lead)> {
    let names = places.before.star_names(module).unwrap_or_default();
    let left = names.iter().map(|name| (name.clone(), lead_of_left(places, module, name)));
    left.filter_map(|(name, lead)| Some((name, lead?))).collect()
}

/// Follows the submodule of that name, where the module does not bind the name and it left.
fn lead_of_left(places: &Places<'_>, module: &Module, name: &str) -> Option<Lead> {
    if binds(places.before, module, name) {
        return None;
    }
    let was = submodule(places.before, module, name)?;
    let place = places.module(&was)?;
    let now = places.module(module);
    let still = now.as_ref().and_then(|it| submodule(places.after, it, name));
    let place = (still.as_ref() != Some(&place)).then_some(Place::Module(place));
    place.map(|place| Lead { was: Some(was), dotted: None, place: Some(place), holds: false })
}

impl File<'_> {
    /// Takes what left out of `__all__`; what only changed its name is listed under the new one.
    pub(super) fn edit_all(&mut self) {
        let module = Module::File(self.view.old.clone());
        for gone in left(self.view.places, &module) {
            let why = format!("`{}` left this package", gone.name);
            match new_name(self.view, &gone.lead) {
                Some(name) => {
                    let literal = &self.source[gone.span.clone()];
                    let text = literal.replace(&gone.name, &name);
                    self.push(TextEdit { span: gone.span, text }, why);
                }
                None => {
                    let span = item(self.source, &gone.span);
                    self.push(TextEdit { span, text: String::new() }, why);
                }
            }
        }
    }
}

/// Returns the name of a submodule that is still in its package.
fn new_name(view: &View<'_>, lead: &Lead) -> Option<String> {
    let Some(Place::Module(module)) = &lead.place else { return None };
    let path = module_path(module)?;
    (path.parent() == view.new.parent()).then(|| path.name_str().to_owned())
}

/// Returns what goes when the item at `span` leaves its list: its line, where it has one of its own.
pub(super) fn item(source: &str, span: &Span) -> Span {
    let (line, stop) = (start_of_line(source, span.start), end_of_line(source, span.end));
    let tail = source[span.end..stop].trim_start();
    let rest = tail.strip_prefix(',').map_or(tail, str::trim_start);
    if source[line..span.start].trim().is_empty() && (rest.is_empty() || rest.starts_with('#')) {
        let newline = &source[stop..];
        let length = if newline.starts_with("\r\n") { 2 } else { newline.len().min(1) };
        return line..stop + length;
    }
    if tail.len() > rest.len() && tail.starts_with(',') {
        return span.start..stop - rest.len();
    }
    let before = source[..span.start].trim_end();
    match before.strip_suffix(',') {
        // A tuple of one needs its comma.
        Some(head) if head.rfind('(') > head.rfind('[') => before.len()..span.end,
        Some(head) => head.len()..span.end,
        None => span.clone(),
    }
}
