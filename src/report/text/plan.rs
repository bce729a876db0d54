//! A plan: a summary, each step with what it does and what it leaves alone, the proof, the diff.

use std::collections::BTreeMap;

use super::{
    Ink, Paint, TextOptions, count, difference, disk, excerpt, moves, proof, shorten, stat,
};
use crate::finding::{Finding, Safety, Severity};
use crate::plan::{Change, ChangeKind, Part, Weight, changes};
use crate::playbook::Sprint;
use crate::report::{PlanReport, StepReport, diff, redact};
use crate::steps::{LeftAlone, Note};
use crate::tree::ReadError;
use crate::verify::Commit;

pub(super) fn render(report: &PlanReport<'_>, options: TextOptions) -> Result<Vec<u8>, ReadError> {
    let paint = Paint::new(options.colour);
    let whole = changes(report.before, report.after);
    let mut lines = head(report, &whole, paint);
    let mut sprint = None;
    for (at, step) in report.steps.iter().enumerate() {
        lines.push(String::new());
        if step.sprint != sprint {
            sprint = step.sprint;
            lines.push(match sprint {
                Some(name) => sprint_line(report, name, paint),
                None => paint.text(Ink::Bold, "without a sprint"),
            });
        }
        lines.extend(step_lines(at + 1, step, report.disk.of_step(step.id), options));
    }
    lines.push(String::new());
    lines.extend(disk::lines(report.disk, options));
    lines.extend(
        report.disk.findings.iter().chain(report.findings).flat_map(|it| finding(it, paint)),
    );
    lines.extend(proof::plan(report, options));
    lines.extend(report.commits.iter().filter_map(|it| rename_line(report, it)));
    lines.push(format!("result: tree {}, on commit {}", report.tree, report.base));
    let mut out = (lines.join("\n") + "\n").into_bytes();
    let files = diff::files(report.before, report.after, &whole)?;
    if !files.is_empty() {
        out.push(b'\n');
    }
    match options.stat {
        true if files.is_empty() => {}
        true => out.extend_from_slice(stat::write(&files, paint).as_bytes()),
        false => files.iter().for_each(|file| difference::write(file, paint, &mut out)),
    }
    Ok(out)
}

/// Says that the moves of a step are a commit of their own.
fn rename_line(report: &PlanReport<'_>, commit: &Commit) -> Option<String> {
    let steps: Vec<String> = commit
        .steps
        .iter()
        .filter_map(|at| Some(format!("`{}`", report.steps.get(*at)?.id)))
        .collect();
    (commit.part == Part::Moves).then(|| {
        let steps = steps.join(", ");
        format!(
            "commits: the moves of {steps} are one of their own, for git to see them as renames"
        )
    })
}

fn head(report: &PlanReport<'_>, whole: &[Change], paint: Paint) -> Vec<String> {
    let steps = count(report.steps.len(), "step");
    let files = match (whole.len(), report.disk.junk.is_empty()) {
        (0, true) => "nothing to change".to_owned(),
        (0, false) => format!("nothing to commit, {}", disk::sum(report.disk.weight())),
        (number, _) => format!("{} ({})", count(number, "file"), kinds(whole)),
    };
    let title = paint.text(Ink::Bold, &format!("plan `{}`", report.playbook));
    let mut lines = vec![format!("{title}: {steps}, {files}")];
    lines.extend((!report.description.is_empty()).then(|| report.description.to_owned()));
    let vars = report
        .vars
        .iter()
        .map(|(name, value)| format!("  {name} = {}", excerpt(&redact::value(name, value))));
    lines.extend(vars);
    lines
}

/// Returns `9 moved, 3 edited, 1 added`.
fn kinds(changes: &[Change]) -> String {
    let words = [
        (ChangeKind::Moved, "moved"),
        (ChangeKind::MovedAndEdited, "moved and edited"),
        (ChangeKind::Edited, "edited"),
        (ChangeKind::Added, "added"),
        (ChangeKind::Removed, "removed"),
    ];
    let counts = words.map(|(kind, word)| {
        let number = changes.iter().filter(|it| it.kind() == kind).count();
        (number > 0).then(|| format!("{number} {word}"))
    });
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn sprint_line(report: &PlanReport<'_>, name: &str, paint: Paint) -> String {
    let sprint = report.sprints.iter().find(|it| it.name == name);
    sprint.map(|it| sprint_title(it, paint)).unwrap_or_default()
}

/// Writes the name, the priority and the goal of a sprint.
pub(super) fn sprint_title(sprint: &Sprint, paint: Paint) -> String {
    let mut line = paint.text(Ink::Bold, &format!("sprint `{}`", sprint.name));
    line.push_str(&sprint.priority.as_ref().map(|it| format!(" ({it})")).unwrap_or_default());
    line.push_str(&sprint.goal.as_ref().map(|it| format!(": {it}")).unwrap_or_default());
    line
}

/// Writes a step: its title, then the rows below it, two columns in.
fn step_lines(
    number: usize,
    step: &StepReport<'_>,
    on_disk: Option<Weight>,
    options: TextOptions,
) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let named = step.id != format!("{number}-{}", step.kind);
    let id = if named { format!(" `{}`", step.id) } else { String::new() };
    let sum = match (step.skipped, step.changes.len(), on_disk) {
        (Some(reason), ..) => format!("skipped: {reason}"),
        (None, 0, Some(weight)) => disk::sum(weight),
        (None, 0, None) => "nothing to change".to_owned(),
        (None, ..) => kinds(step.changes),
    };
    let mut lines =
        vec![format!("{}: {sum}", paint.text(Ink::Bold, &format!("{number}. {}{id}", step.kind)))];
    let mut rows: Vec<String> = step.why.map(str::to_owned).into_iter().collect();
    rows.extend(change_rows(step, options));
    rows.extend(edit_rows(step, options));
    rows.extend(shown_rows(step, options));
    rows.extend(left_alone_rows(&step.outcome.left_alone, options));
    let untracked = step.outcome.untracked.iter().map(ToString::to_string).collect();
    rows.extend(group("untracked", untracked, options));
    rows.extend(step.outcome.findings.iter().flat_map(|it| finding(it, paint)));
    lines.extend(rows.into_iter().map(|row| format!("   {row}").trim_end().to_owned()));
    lines
}

/// Writes a title and its rows, two columns in; nothing without rows.
fn group(title: &str, rows: Vec<String>, options: TextOptions) -> Vec<String> {
    if rows.is_empty() {
        return rows;
    }
    let mut lines = vec![format!("{title}:")];
    lines.extend(shorten(rows, options).into_iter().map(|row| format!("  {row}")));
    lines
}

fn change_rows(step: &StepReport<'_>, options: TextOptions) -> Vec<String> {
    let pick =
        |kinds: &'static [ChangeKind]| step.changes.iter().filter(|it| kinds.contains(&it.kind()));
    let paths = |kind| pick(kind).map(|it| it.path.to_string()).collect();
    let moved = pick(&[ChangeKind::Moved, ChangeKind::MovedAndEdited])
        .filter_map(|it| Some((it.from.as_ref()?, &it.path)))
        .collect();
    let moves = match options.verbose {
        true => moves::each(&moved),
        false => moves::fold(&moved, step.before),
    };
    let mut lines = group("moves", moves, options);
    lines.extend(group("adds", paths(&[ChangeKind::Added]), options));
    lines.extend(group("edits", paths(&[ChangeKind::Edited]), options));
    lines.extend(group("removes", paths(&[ChangeKind::Removed]), options));
    lines
}

/// Writes the edits that were applied: how many for each reason, the most frequent first.
fn edit_rows(step: &StepReport<'_>, options: TextOptions) -> Vec<String> {
    let applied: Vec<&Note> = step.outcome.edits.iter().filter(|it| it.applied).collect();
    let safety = |safety: Safety| {
        let number = applied.iter().filter(|it| it.safety == safety).count();
        (number > 0).then(|| format!("{number} {}", safety.word()))
    };
    let sum = [Safety::Safe, Safety::Review, Safety::Note].map(safety);
    let sum = sum.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for note in &applied {
        *counts.entry(&note.why).or_default() += 1;
    }
    let mut reasons: Vec<(&str, usize)> = counts.into_iter().collect();
    reasons.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let rows = reasons.iter().map(|(why, number)| format!("{number} × {}", excerpt(why))).collect();
    group(&format!("{} applied ({sum})", count(applied.len(), "edit")), rows, options)
}

/// Writes the edits that are only shown.
fn shown_rows(step: &StepReport<'_>, options: TextOptions) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let rows = |safety: &[Safety]| -> Vec<String> {
        let edits = step.outcome.edits.iter().filter(|it| !it.applied);
        edits.filter(|it| safety.contains(&it.safety)).map(|it| shown(it, paint)).collect()
    };
    let review = rows(&[Safety::Review, Safety::Safe]);
    let edits = count(review.len(), "edit");
    let title = format!("{edits} to review, applied only with `--include review`");
    let mut lines = group(&paint.text(Ink::Yellow, &title), review, options);
    lines.extend(group("worth a look, never applied", rows(&[Safety::Note]), options));
    lines.iter().flat_map(|it| it.split('\n').map(str::to_owned)).collect()
}

/// Writes an edit: where and why, what stands there, what would.
fn shown(note: &Note, paint: Paint) -> String {
    let place = paint.text(Ink::Cyan, &format!("{}:{}:", note.path, note.line));
    let side = |sign: char, ink, text: &str| {
        let text = redact::text(&note.path, text);
        let lines = text.lines().map(|it| paint.text(ink, &format!("{sign} {}", excerpt(it))));
        lines.map(|it| format!("\n    {it}")).collect::<String>()
    };
    let before = side('-', Ink::Red, &note.before);
    let after =
        if note.after == note.before { String::new() } else { side('+', Ink::Green, &note.after) };
    format!("{place} {}{before}{after}", excerpt(&note.why))
}

pub(super) fn left_alone_rows(left: &[LeftAlone], options: TextOptions) -> Vec<String> {
    let row = |it: &LeftAlone| {
        let evidence = it.evidence.iter().map(|it| excerpt(it)).collect();
        let evidence = shorten(evidence, options);
        let evidence: String = evidence.iter().map(|it| format!("\n    {it}")).collect();
        format!("{}: {}{evidence}", it.path, excerpt(&it.reason))
    };
    let lines = group("left alone", left.iter().map(row).collect(), options);
    lines.iter().flat_map(|it| it.split('\n').map(str::to_owned)).collect()
}

pub(super) fn finding(finding: &Finding, paint: Paint) -> Vec<String> {
    let (ink, word) = match finding.severity {
        Severity::Error => (Ink::Red, "error"),
        Severity::Warning => (Ink::Yellow, "warning"),
        Severity::Note => (Ink::Dim, "note"),
    };
    let place = match (&finding.path, finding.line) {
        (Some(path), Some(line)) => format!("{path}:{line}: "),
        (Some(path), None) => format!("{path}: "),
        (None, _) => String::new(),
    };
    let mut lines =
        vec![format!("{}: {place}{}", paint.text(ink, word), excerpt(&finding.message))];
    lines.extend(finding.hint.as_ref().map(|it| format!("  hint: {}", excerpt(it))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::Fixture;

    #[track_caller]
    fn check(options: TextOptions, expected: &str) {
        let shown = render(&Fixture::new().report(), options).unwrap();
        snapbox::assert_data_eq!(
            String::from_utf8(shown).unwrap(),
            snapbox::Data::text(expected).raw()
        );
    }

    #[test]
    fn a_plan_is_summed_up_step_by_step() {
        check(TextOptions { stat: true, ..TextOptions::default() }, "\
plan `tidy`: 2 steps, 5 files (2 moved, 1 edited, 1 added, 1 removed)
Jobs are work.
  api_token = <redacted>
  archive = attic

sprint `order` (P1): Everything has its place
1. move: 2 moved, 1 edited
   jobs were never jobs
   moves:
     jobs/ (2 files) → work/
   edits:
     main.py
   1 edit applied (1 safe):
     1 × `jobs.a` is now `work.a`
   1 edit to review, applied only with `--include review`:
     Makefile:1: `jobs.a` is now `work.a`
       - import jobs.a
       + import work.a
   worth a look, never applied:
     README.md:1: `jobs.a` is now `work.a`
       - import jobs.a
       + import work.a
   left alone:
     jobs/c.py: used by what stays
       `compose.yml:12` starts it
   warning: old.py:4: does not parse, and stays as it is
     hint: mend it first

without a sprint
2. gitignore `hide-env`: 1 added, 1 removed
   adds:
     .gitignore
   removes:
     .env
   untracked:
     .env

proof holds: every import that resolved before resolves after
  1 new import-time cycle:
    a.py → b.py → a.py
  1 fixed import, as it was:
    main.py:3:1: cannot find module `jobs.z`
  1 broken import, as before:
    x.py:3:1: cannot find `z` in `y`
result: tree 0202020202020202020202020202020202020202, on commit 0101010101010101010101010101010101010101

 .env                | 1 -
 .gitignore          | 1 +
 main.py             | 2 +-
 {jobs => work}/a.py | 0
 {jobs => work}/b.py | 0
 5 files changed, 2 insertions(+), 2 deletions(-)
");
    }

    #[test]
    fn the_diff_hides_secrets() {
        let shown = render(&Fixture::new().report(), TextOptions::default()).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        let diff = &shown[shown.find("diff --git").unwrap()..];
        snapbox::assert_data_eq!(
            diff,
            snapbox::Data::text(
                "\
diff --git a/.env b/.env
deleted file mode 100644
index 8f3e911e2f..0000000000
--- a/.env
+++ /dev/null
@@ -1 +0,0 @@
-TOKEN=<redacted>
diff --git a/.gitignore b/.gitignore
new file mode 100644
index 0000000000..4c49bd78f1
--- /dev/null
+++ b/.gitignore
@@ -0,0 +1 @@
+.env
diff --git a/main.py b/main.py
index 14f8c49afe..79a1a023ac 100644
--- a/main.py
+++ b/main.py
@@ -1 +1 @@
-import jobs.a
+import work.a
diff --git a/jobs/a.py b/work/a.py
similarity index 100%
rename from jobs/a.py
rename to work/a.py
diff --git a/jobs/b.py b/work/b.py
similarity index 100%
rename from jobs/b.py
rename to work/b.py
",
            )
            .raw()
        );
    }

    #[test]
    fn colour_only_adds() {
        let fixture = Fixture::new();
        let shown = |colour| {
            let options = TextOptions { colour, ..TextOptions::default() };
            String::from_utf8(render(&fixture.report(), options).unwrap()).unwrap()
        };
        let mut plain = shown(true);
        while let Some(start) = plain.find('\u{1b}') {
            let end = start + plain[start..].find('m').unwrap();
            plain.replace_range(start..=end, "");
        }
        assert_ne!(shown(true), plain);
        assert_eq!(shown(false), plain);
    }

    #[test]
    fn a_step_that_did_not_run_says_why() {
        let fixture = Fixture::new();
        let mut report = fixture.report();
        report.steps.truncate(1);
        report.steps[0].skipped = Some("`x` is missing");
        report.steps[0].changes = &[];
        let lines = step_lines(1, &report.steps[0], None, TextOptions::default());
        assert_eq!(lines[0], "1. move: skipped: `x` is missing");
    }
}
