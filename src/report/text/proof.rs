//! Sentences about imports, and the proof of a plan.

use super::{Ink, Paint, TextOptions, count, excerpt, shorten};
use crate::path::RepoPath;
use crate::report::PlanReport;
use crate::verify::{Kind, Unreadable, Unresolved};

/// Says where an import stands and why it does not resolve.
pub(super) fn import(it: &Unresolved, paint: Paint) -> String {
    let Unresolved { path, line, column, module, name, kind, optional: _, why } = it;
    let module = excerpt(module);
    let problem = match (kind, name) {
        (Kind::MissingModule, None) => format!("cannot find module `{module}`"),
        (Kind::MissingModule | Kind::MissingName, Some(name)) => {
            format!("cannot find `{name}` in `{module}`")
        }
        (Kind::MissingName, None) => format!("cannot find a name in `{module}`"),
        (Kind::Undeclared, _) => format!("`{module}` is not a declared dependency"),
    };
    let place = paint.text(Ink::Cyan, &format!("{path}:{line}:{column}:"));
    let why = why.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
    format!("{place} {problem}{why}")
}

/// Says where a file stops being Python.
pub(super) fn unreadable(it: &Unreadable, paint: Paint) -> String {
    let Unreadable { path, line, column, message } = it;
    let place = match line {
        0 => format!("{path}:"),
        _ => format!("{path}:{line}:{column}:"),
    };
    format!("{} {}", paint.text(Ink::Cyan, &place), excerpt(message))
}

/// Draws a cycle: `a.py → b.py → a.py`.
pub(super) fn cycle(paths: &[RepoPath]) -> String {
    let around = paths.iter().chain(paths.first());
    around.map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

/// Writes the proof of a plan, row by row: what got better, what worse, what stays.
pub(super) fn plan(report: &PlanReport<'_>, options: TextOptions) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let proof = report.proof;
    let row = |it: &Unresolved| match it.optional {
        true => format!("{} (optional)", import(it, paint)),
        false => import(it, paint),
    };
    let imports = |list: &[Unresolved]| list.iter().map(row).collect::<Vec<_>>();
    let cycles = proof.new_cycles.iter().map(|it| cycle(it)).collect();
    let files = proof.unreadable.iter().map(|it| unreadable(it, paint)).collect();
    let cycle_ink = if report.cycles_fail { Ink::Red } else { Ink::Yellow };
    let groups = [
        ("broken import", "", Ink::Red, imports(&proof.broken)),
        ("file", " no longer readable as Python", Ink::Red, files),
        ("new import-time cycle", "", cycle_ink, cycles),
        ("fixed import", ", as it was", Ink::Green, imports(&proof.fixed)),
        ("broken import", ", as before", Ink::Yellow, imports(&proof.still_broken)),
        ("unproved import", "", Ink::Yellow, imports(&proof.unproved)),
    ];
    let mut out = vec![verdict(report, paint)];
    for (what, more, ink, rows) in groups {
        if rows.is_empty() {
            continue;
        }
        let title = format!("{}{more}:", count(rows.len(), what));
        out.push(format!("  {}", paint.text(ink, &title)));
        out.extend(shorten(rows, options).into_iter().map(|row| format!("    {row}")));
    }
    out
}

fn verdict(report: &PlanReport<'_>, paint: Paint) -> String {
    let (ink, text) = match report.proof.holds(report.cycles_fail) {
        true if report.proof.unproved.is_empty() => {
            (Ink::Green, "proof holds: every import that resolved before resolves after")
        }
        true => (Ink::Yellow, "proof holds, but for what is unproved: look at it"),
        false => (Ink::Red, "proof fails: the plan breaks what worked, and is not applied"),
    };
    paint.text(ink, text)
}
