//! What `verify` found: the imports that fail, cycles, files that cannot be read, hints; then a line
//! that sums it up.

use std::collections::BTreeMap;

use super::proof::{cycle, import, unreadable};
use super::{Ink, Paint, TextOptions, count, shorten};
use crate::report::{Explain, VerifyReport};
use crate::verify::{Kind, Unresolved};

pub(super) fn render(report: &VerifyReport<'_>, options: TextOptions) -> Vec<u8> {
    let paint = Paint::new(options.colour);
    let whole = report.report;
    let (unresolved, cycles, files) = match report.against {
        None => (&whole.unresolved, &whole.cycles, &whole.unreadable),
        Some(it) => (&it.proof.broken, &it.proof.new_cycles, &it.proof.unreadable),
    };
    let undeclared: Vec<_> = unresolved.iter().filter(|it| it.kind == Kind::Undeclared).collect();
    let missing = || unresolved.iter().filter(|it| it.kind != Kind::Undeclared);
    let rows = |optional: bool| -> Vec<String> {
        missing().filter(|it| it.optional == optional).map(|it| import(it, paint)).collect()
    };
    let (failing, optional) = (rows(false), rows(true));
    let mut lines = report.explain.as_ref().map(explain).unwrap_or_default();
    // What is wrong is never cut: it is what was asked for.
    let all = TextOptions { verbose: true, ..options };
    let group = |lines: &mut Vec<String>, title: &str, rows: Vec<String>, options| {
        if !rows.is_empty() {
            lines.push(paint.text(Ink::Bold, &format!("{title}:")));
            lines.extend(shorten(rows, options).into_iter().map(|it| format!("  {it}")));
            lines.push(String::new());
        }
    };
    let numbers = [failing.len(), cycles.len(), files.len(), undeclared.len(), optional.len()];
    group(&mut lines, "imports that do not resolve", failing, all);
    let cycles = cycles.iter().map(|it| cycle(it)).collect();
    group(&mut lines, "import-time cycles", cycles, all);
    let files = files.iter().map(|it| unreadable(it, paint)).collect();
    group(&mut lines, "files that cannot be read as Python", files, all);
    let title = "undeclared: neither here, nor in the standard library, nor a declared dependency";
    group(&mut lines, title, modules(&undeclared), options);
    let title = "optional imports that do not resolve; the code handles the failure";
    group(&mut lines, title, optional, options);
    if let Some(against) = report.against {
        let fixed = against.proof.fixed.iter().map(|it| import(it, paint)).collect();
        group(&mut lines, &format!("fixed since `{}`", against.revision), fixed, options);
        let unproved = against.proof.unproved.iter().map(|it| import(it, paint)).collect();
        group(&mut lines, "unproved: look at it", unproved, all);
    }
    lines.push(summary(report, numbers, paint));
    (lines.join("\n") + "\n").into_bytes()
}

/// Writes undeclared modules once each, with the first place that imports them.
fn modules(undeclared: &[&Unresolved]) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<&Unresolved>> = BTreeMap::new();
    for it in undeclared {
        let top = it.module.split('.').next().unwrap_or_default();
        places.entry(top).or_default().push(it);
    }
    let row = |(module, places): (&str, Vec<&Unresolved>)| {
        let first = places.first().map(|it| format!("{}:{}", it.path, it.line));
        let more = match places.len() {
            1 => String::new(),
            number => format!(" and {} more", number - 1),
        };
        format!("`{module}`, imported at {}{more}", first.unwrap_or_default())
    };
    places.into_iter().map(row).collect()
}

fn summary(report: &VerifyReport<'_>, numbers: [usize; 5], paint: Paint) -> String {
    let [failing, cycles, files, undeclared, optional] = numbers;
    let new = if report.against.is_some() { "new " } else { "" };
    let parts: Vec<String> = [
        (failing, format!("{new}unresolved import")),
        (cycles, format!("{new}import-time cycle")),
        (files, format!("{new}unreadable file")),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| count(number, &what))
    .collect();
    let verdict = match (parts.is_empty(), report.against) {
        (false, _) => paint.text(Ink::Red, &parts.join(", ")),
        (true, None) => paint.text(Ink::Green, "every first-party import resolves"),
        (true, Some(it)) if it.proof.unproved.is_empty() => {
            paint.text(Ink::Green, &format!("nothing is worse than in `{}`", it.revision))
        }
        (true, Some(it)) => {
            let text =
                format!("nothing is worse than in `{}`, but for what is unproved", it.revision);
            paint.text(Ink::Yellow, &text)
        }
    };
    let mut hints = Vec::new();
    hints.extend((undeclared > 0).then(|| format!("{undeclared} undeclared")));
    hints.extend((optional > 0).then(|| format!("{optional} optional")));
    let hints =
        if hints.is_empty() { String::new() } else { format!("; hints: {}", hints.join(", ")) };
    let (files, imports) =
        (count(report.report.files, "file"), count(report.report.imports, "import"));
    format!("{verdict} ({files}, {imports}{hints})")
}

fn explain(explain: &Explain<'_>) -> Vec<String> {
    let (major, minor) = explain.target;
    let mut lines = vec![format!("target: Python {major}.{minor}"), "roots:".to_owned()];
    lines.extend(explain.roots.iter().map(|root| {
        let scope = match root.scope.is_root() {
            true => String::new(),
            false => format!(", for files below `{}`", root.scope),
        };
        format!("  `{}`{scope}: {}", root.folder, root.why)
    }));
    let third_party = match explain.third_party.as_slice() {
        [] => "none known".to_owned(),
        names => names.join(", "),
    };
    lines.push(format!("third party: {third_party}"));
    lines.push(String::new());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Root;
    use crate::path::RepoPath;
    use crate::report::Against;
    use crate::report::fixture::{path, unresolved};
    use crate::verify::{Proof, Report, Unreadable};

    fn report() -> Report {
        let optional = Unresolved {
            optional: true,
            ..unresolved("e.py", "pkg.fast", None, Kind::MissingModule)
        };
        Report {
            files: 12,
            imports: 34,
            unresolved: vec![
                unresolved("a.py", "pkg.gone", None, Kind::MissingModule),
                unresolved("b.py", "pkg.mod", Some("f"), Kind::MissingName),
                unresolved("c.py", "yaml.nodes", None, Kind::Undeclared),
                unresolved("d.py", "yaml", Some("load"), Kind::Undeclared),
                optional,
            ],
            cycles: vec![vec![path("a.py"), path("b.py")]],
            unreadable: vec![
                Unreadable { path: path("x.py"), line: 2, column: 5, message: "no `)`".into() },
                Unreadable { path: path("y.py"), line: 0, column: 0, message: "null bytes".into() },
            ],
        }
    }

    #[track_caller]
    fn check(report: &VerifyReport<'_>, expected: &str) {
        let shown = String::from_utf8(render(report, TextOptions::default())).unwrap();
        snapbox::assert_data_eq!(shown, snapbox::Data::text(expected).raw());
    }

    #[test]
    fn findings_are_grouped_and_summed_up() {
        let report = report();
        check(&VerifyReport { report: &report, against: None, explain: None }, "\
imports that do not resolve:
  a.py:3:1: cannot find module `pkg.gone`
  b.py:3:1: cannot find `f` in `pkg.mod`

import-time cycles:
  a.py → b.py → a.py

files that cannot be read as Python:
  x.py:2:5: no `)`
  y.py: null bytes

undeclared: neither here, nor in the standard library, nor a declared dependency:
  `yaml`, imported at c.py:3 and 1 more

optional imports that do not resolve; the code handles the failure:
  e.py:3:1: cannot find module `pkg.fast`

2 unresolved imports, 1 import-time cycle, 2 unreadable files (12 files, 34 imports; hints: 2 undeclared, 1 optional)
");
    }

    #[test]
    fn a_clean_tree_is_one_line() {
        let report = Report { files: 1, imports: 2, ..Report::default() };
        check(
            &VerifyReport { report: &report, against: None, explain: None },
            "every first-party import resolves (1 file, 2 imports)\n",
        );
    }

    #[test]
    fn a_comparison_shows_only_what_differs() {
        let report = report();
        let proof = Proof {
            broken: vec![unresolved("a.py", "pkg.gone", None, Kind::MissingModule)],
            fixed: vec![unresolved("z.py", "pkg.old", None, Kind::MissingModule)],
            ..Proof::default()
        };
        let against = Some(Against { revision: "main", proof: &proof });
        check(
            &VerifyReport { report: &report, against, explain: None },
            "\
imports that do not resolve:
  a.py:3:1: cannot find module `pkg.gone`

fixed since `main`:
  z.py:3:1: cannot find module `pkg.old`

1 new unresolved import (12 files, 34 imports)
",
        );
        let proof = Proof::default();
        let against = Some(Against { revision: "main", proof: &proof });
        check(
            &VerifyReport { report: &report, against, explain: None },
            "nothing is worse than in `main` (12 files, 34 imports)\n",
        );
    }

    #[test]
    fn the_grounds_are_explained() {
        let report = Report::default();
        let root = |folder, scope, why: &str| Root { folder, scope, why: why.to_owned() };
        let roots = [
            root(RepoPath::root(), RepoPath::root(), "the repository's root"),
            root(path("tools"), path("tools"), "the folder of a script"),
        ];
        let third_party = vec!["attrs".to_owned(), "yaml".to_owned()];
        let explain = Some(Explain { roots: &roots, target: (3, 12), third_party });
        check(
            &VerifyReport { report: &report, against: None, explain },
            "\
target: Python 3.12
roots:
  `.`: the repository's root
  `tools`, for files below `tools`: the folder of a script
third party: attrs, yaml

every first-party import resolves (0 files, 0 imports)
",
        );
    }
}
