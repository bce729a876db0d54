//! One path from `__file__`, written to lead elsewhere: more or fewer steps up, and other parts only
//! where it must be.

use super::Parts;
use crate::python::{OwnBase, OwnPath, OwnStep, OwnText};
use crate::text::{Span, TextEdit};

/// Returns where steps lead.
pub(super) fn parts_after(base: &Parts, steps: &[OwnStep]) -> Parts {
    let mut parts = base.clone();
    for step in steps {
        match step {
            OwnStep::Parents(_, count) => (0..*count).for_each(|_| go_up(&mut parts)),
            OwnStep::Parent(_) | OwnStep::Dirname { .. } | OwnStep::Up => go_up(&mut parts),
            OwnStep::Text(OwnText { text, .. }) | OwnStep::Part(text) => {
                for name in names(text) {
                    if name == ".." { go_up(&mut parts) } else { parts.push(name.to_owned()) }
                }
            }
        }
    }
    parts
}

fn go_up(parts: &mut Parts) {
    match parts.last().map(String::as_str) {
        Some("..") | None => parts.push("..".to_owned()),
        Some(_) => drop(parts.pop()),
    }
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(['/', '\\']).filter(|it| !matches!(*it, "" | "."))
}

/// What a step does: goes up, then down.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    ups: usize,
    downs: Parts,
}

impl Shape {
    /// Returns the shape of a step; `None` where it goes down and then up.
    fn of(step: &OwnStep) -> Option<Self> {
        let (ups, downs) = match step {
            OwnStep::Parents(_, count) => (*count, Vec::new()),
            OwnStep::Parent(_) | OwnStep::Dirname { .. } | OwnStep::Up => (1, Vec::new()),
            OwnStep::Text(OwnText { text, .. }) | OwnStep::Part(text) => {
                let ups = names(text).take_while(|it| *it == "..").count();
                (ups, names(text).skip(ups).map(str::to_owned).collect())
            }
        };
        (!downs.iter().any(|it| it == "..")).then_some(Self { ups, downs })
    }
}

/// Returns the edits after which `path` leads from `base` to `target`; `None` where it is written in
/// a way that cannot be changed to do so.
pub(super) fn respell(
    path: &OwnPath,
    source: &str,
    base: &Parts,
    target: &Parts,
) -> Option<Vec<TextEdit>> {
    let old: Vec<Shape> = path.steps.iter().map(Shape::of).collect::<Option<_>>()?;
    let last_up = old.iter().rposition(|it| it.ups > 0);
    let first_down = old.iter().position(|it| !it.downs.is_empty());
    if first_down.zip(last_up).is_some_and(|(down, up)| down < up) {
        return None;
    }
    let ups: usize = old.iter().map(|it| it.ups).sum();
    let downs: Parts = old.iter().flat_map(|it| it.downs.clone()).collect();
    let (ups_now, downs_now) = way(base, target, &downs, usize::from(path.base == OwnBase::File))?;
    let mut writer = Writer { path, source, new: old.clone(), edits: Vec::new() };
    let appended = writer.go_down(&downs, &downs_now)?;
    match ups_now.checked_sub(ups) {
        Some(more) => writer.add(more)?,
        None => writer.take(ups - ups_now)?,
    }
    for (step, (old, new)) in path.steps.iter().zip(old.iter().zip(writer.new.clone())) {
        if *old != new {
            writer.write(step, &new)?;
        }
    }
    if let Some(text) = appended {
        writer.append(&text)?;
    }
    Some(writer.edits)
}

/// Returns how many steps up and which parts down lead from `base` to `target`, with at least
/// `least` steps up; the parts are `downs` where that can be.
fn way(base: &Parts, target: &Parts, downs: &Parts, least: usize) -> Option<(usize, Parts)> {
    if let Some(above) = target.strip_suffix(downs.as_slice())
        && base.starts_with(above)
        && base.len() - above.len() >= least
    {
        return Some((base.len() - above.len(), downs.clone()));
    }
    if base.first().is_some_and(|it| it == "..") {
        return None;
    }
    let outside = target.iter().take_while(|it| *it == "..").count();
    let common = base.iter().zip(target).take_while(|(a, b)| a == b).count();
    let common = common.min(base.len().checked_sub(least)?);
    Some((base.len() - common + outside, target[common.max(outside)..].to_vec()))
}

/// The steps of a path, as they are to be written.
struct Writer<'a> {
    path: &'a OwnPath,
    source: &'a str,
    new: Vec<Shape>,
    edits: Vec<TextEdit>,
}

impl Writer<'_> {
    /// Puts other parts in the place of the first ones; returns what has to be appended, where there
    /// is no text to hold them.
    fn go_down(&mut self, old: &Parts, new: &Parts) -> Option<Option<String>> {
        let same = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        let (gone, fresh) = (old.len() - same, &new[..new.len() - same]);
        if gone == 0 && fresh.is_empty() {
            return Some(None);
        }
        let is_text = |at: usize| matches!(self.path.steps[at], OwnStep::Text(_));
        let first = self.new.iter().position(|it| !it.downs.is_empty());
        let Some(first) = first.or(self.new.len().checked_sub(1).filter(|at| is_text(*at))) else {
            return Some(Some(fresh.join("/")));
        };
        let (mut left, mut fresh) = (gone, fresh.to_vec());
        for at in first..self.new.len() {
            if left == 0 && fresh.is_empty() {
                break;
            }
            if !is_text(at) {
                return None;
            }
            let taken = left.min(self.new[at].downs.len());
            self.new[at].downs.splice(..taken, std::mem::take(&mut fresh));
            left -= taken;
        }
        Some(None)
    }

    /// Goes further up: where the last step up is, or at the beginning of what is joined to a name.
    fn add(&mut self, more: usize) -> Option<()> {
        if more == 0 {
            return Some(());
        }
        let steps = || self.path.steps.iter().zip(&self.new).enumerate();
        let by_text =
            steps().rfind(|(_, (step, shape))| matches!(step, OwnStep::Text(_)) && shape.ups > 0);
        let by_call = || {
            let up =
                |step: &OwnStep| !matches!(step, OwnStep::Text(_) | OwnStep::Part(_) | OwnStep::Up);
            steps().rfind(|(_, (step, _))| up(step))
        };
        if let Some((at, _)) = by_text.or_else(by_call) {
            self.new[at].ups += more;
            return Some(());
        }
        let first = steps().find(|(_, (step, _))| matches!(step, OwnStep::Text(_)));
        match (&self.path.base, first) {
            (OwnBase::Name { name, .. }, _) if self.path.object => {
                self.insert(name.end, &".parent".repeat(more));
            }
            (_, Some((at, _))) => self.new[at].ups += more,
            (_, None) => return None,
        }
        Some(())
    }

    /// Goes less far up, the last steps first.
    fn take(&mut self, mut less: usize) -> Option<()> {
        for (step, shape) in self.path.steps.iter().zip(&mut self.new).rev() {
            let most = match step {
                OwnStep::Parents(..) => shape.ups - 1,
                OwnStep::Parent(_) | OwnStep::Dirname { .. } | OwnStep::Text(_) => shape.ups,
                OwnStep::Part(_) | OwnStep::Up => 0,
            };
            let taken = most.min(less);
            shape.ups -= taken;
            less -= taken;
        }
        (less == 0).then_some(())
    }

    fn write(&mut self, step: &OwnStep, shape: &Shape) -> Option<()> {
        match step {
            OwnStep::Parent(span) => match shape.ups.checked_sub(1) {
                Some(more) => self.insert(span.end, &".parent".repeat(more)),
                None => self.replace(span.clone(), String::new()),
            },
            OwnStep::Parents(number, _) => {
                self.replace(number.clone(), (shape.ups - 1).to_string());
            }
            OwnStep::Dirname { call, function, argument } => match shape.ups.checked_sub(1) {
                Some(more) => {
                    let open = format!("{}(", &self.source[function.clone()]).repeat(more);
                    self.insert(call.start, &open);
                    self.insert(call.end, &")".repeat(more));
                }
                None => {
                    self.replace(call.start..argument.start, String::new());
                    self.replace(argument.end..call.end, String::new());
                }
            },
            OwnStep::Text(text) => self.write_text(text, shape),
            OwnStep::Part(_) | OwnStep::Up => return None,
        }
        Some(())
    }

    fn write_text(&mut self, text: &OwnText, shape: &Shape) {
        if shape.ups == 0 && shape.downs.is_empty() {
            return self.replace(text.whole.clone(), String::new());
        }
        let quote = self.source[text.span.end..].chars().next().unwrap_or('"');
        let ups = || std::iter::repeat_n("..", shape.ups);
        let written = match text.joint {
            Some(joint) if shape.downs.is_empty() && names(&text.text).all(|it| it == "..") => {
                ups().collect::<Vec<_>>().join(&format!("{quote}{joint}{quote}"))
            }
            Some(_) | None => {
                let downs = shape.downs.iter().map(String::as_str);
                let slash = if text.text.ends_with('/') { "/" } else { "" };
                ups().chain(downs).collect::<Vec<_>>().join("/") + slash
            }
        };
        self.replace(text.span.clone(), written);
    }

    /// Joins a text to the whole expression.
    fn append(&mut self, text: &str) -> Option<()> {
        let Span { start, end } = self.path.span;
        let singles = self.source.matches('\'').count() > self.source.matches('"').count();
        let quote = if singles { '\'' } else { '"' };
        let literal = format!("{quote}{text}{quote}");
        if self.path.object {
            let used = self.source[end..].trim_start().starts_with(['.', '[', '(']);
            let (open, close) = if used { ("(", ")") } else { ("", "") };
            self.insert(start, open);
            self.insert(end, &format!(" / {literal}{close}"));
            return Some(());
        }
        let function = self.path.steps.iter().find_map(|step| match step {
            OwnStep::Dirname { function, .. } => Some(&self.source[function.clone()]),
            OwnStep::Parent(_) | OwnStep::Parents(..) | OwnStep::Text(_) => None,
            OwnStep::Up | OwnStep::Part(_) => None,
        });
        let module = function?.strip_suffix("dirname").filter(|it| it.ends_with('.'))?;
        self.insert(start, &format!("{module}join("));
        self.insert(end, &format!(", {literal})"));
        Some(())
    }

    fn replace(&mut self, span: Span, text: String) {
        self.edits.push(TextEdit { span, text });
    }

    /// Inserts a text; what is inserted later stands further out.
    fn insert(&mut self, at: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let here = self.edits.iter_mut().find(|it| it.span == (at..at));
        match here {
            Some(edit) if text.ends_with('(') => edit.text.insert_str(0, text),
            Some(edit) => edit.text.push_str(text),
            None => self.replace(at..at, text.to_owned()),
        }
    }
}
