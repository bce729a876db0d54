//! How much differs in each file, as `git diff --stat` shows it.

use super::{Ink, Paint, count};
use crate::report::diff::{Content, FileDiff, Mark, Side, quoted};

/// How wide a line is.
const WIDTH: usize = 80;
/// The most that a name takes of it.
const NAME: usize = 50;

/// One line, before it is laid out.
struct Row {
    name: String,
    figures: Figures,
}

enum Figures {
    Lines { added: usize, removed: usize },
    Bytes { old: usize, new: usize },
}

/// Writes a line for each file, and the sum.
pub(super) fn write(files: &[FileDiff], paint: Paint) -> String {
    let rows: Vec<Row> = files.iter().map(row).collect();
    let name_width = rows.iter().map(|it| width(&it.name)).max().unwrap_or_default();
    let most = rows.iter().map(|it| it.figures.lines()).max().unwrap_or_default();
    let binary = rows.iter().any(|it| matches!(it.figures, Figures::Bytes { .. }));
    let number_width = most.to_string().len().max(if binary { 3 } else { 0 });
    let room = WIDTH.saturating_sub(name_width + number_width + 5).max(10);
    let mut out = String::new();
    for Row { name, figures } in &rows {
        let gap = " ".repeat(name_width - width(name));
        let shown = match figures {
            Figures::Bytes { old, new } => format!("{:>number_width$} {old} -> {new} bytes", "Bin"),
            Figures::Lines { added, removed } => {
                let (plus, minus) = bars(*added, *removed, most, room);
                let bars = paint.text(Ink::Green, &"+".repeat(plus))
                    + &paint.text(Ink::Red, &"-".repeat(minus));
                format!("{:>number_width$} {bars}", added + removed)
            }
        };
        out.push_str(format!(" {name}{gap} | {shown}").trim_end());
        out.push('\n');
    }
    out.push_str(&sum(&rows));
    out
}

impl Figures {
    fn lines(&self) -> usize {
        match self {
            Self::Lines { added, removed } => added + removed,
            Self::Bytes { .. } => 0,
        }
    }
}

fn row(file: &FileDiff) -> Row {
    let figures = match &file.content {
        Content::Same => Figures::Lines { added: 0, removed: 0 },
        Content::Binary => {
            Figures::Bytes { old: Side::bytes(&file.old).len(), new: Side::bytes(&file.new).len() }
        }
        Content::Text(hunks) => {
            let marks =
                |mark| hunks.iter().flat_map(|it| &it.rows).filter(|row| row.mark == mark).count();
            Figures::Lines { added: marks(Mark::Added), removed: marks(Mark::Removed) }
        }
    };
    let old = file.old.as_ref().map(|it| quoted(&it.path));
    let new = file.new.as_ref().map(|it| quoted(&it.path));
    let name = match (old, new) {
        (Some(old), Some(new)) if old != new => {
            match [&old, &new].iter().any(|it| it.starts_with('"')) {
                true => format!("{old} => {new}"),
                false => renamed(&old, &new),
            }
        }
        (old, new) => new.or(old).unwrap_or_default(),
    };
    Row { name: tail(&name), figures }
}

/// Writes `a/{b => c}/d.py`: the folders that both paths have at their ends stand outside.
fn renamed(old: &str, new: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (old.split('/').collect(), new.split('/').collect());
    let shorter = from.len().min(to.len());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = from.iter().zip(&to).take(shorter - 1).take_while(same).count();
    let most = shorter - head.max(1);
    let foot = from.iter().rev().zip(to.iter().rev()).take(most).take_while(same).count();
    if head + foot == 0 {
        return format!("{old} => {new}");
    }
    let middle = |parts: &[&str]| parts[head..parts.len() - foot].join("/");
    let join = |parts: &[&str], after: &str| match parts {
        [] => String::new(),
        parts if after.is_empty() => format!("{}/", parts.join("/")),
        parts => format!("/{}", parts.join("/")),
    };
    let last = &from[from.len() - foot..];
    let (before, after) = (join(&from[..head], ""), join(last, "/"));
    format!("{before}{{{} => {}}}{after}", middle(&from), middle(&to))
}

/// Cuts a long name at its head.
fn tail(name: &str) -> String {
    let length = width(name);
    match length > NAME {
        true => format!("...{}", name.chars().skip(length - NAME + 3).collect::<String>()),
        false => name.to_owned(),
    }
}

/// Scales the bars down where the longest does not fit; what is not nothing stays visible.
fn bars(added: usize, removed: usize, most: usize, room: usize) -> (usize, usize) {
    if most <= room {
        return (added, removed);
    }
    let scale = |lines: usize| match lines {
        0 => 0,
        _ => 1 + (lines - 1) * (room - 2) / (most - 1),
    };
    (scale(added), scale(removed))
}

fn sum(rows: &[Row]) -> String {
    let (mut all_added, mut all_removed) = (0, 0);
    for row in rows {
        if let Figures::Lines { added, removed } = row.figures {
            all_added += added;
            all_removed += removed;
        }
    }
    let mut parts = vec![format!(" {} changed", count(rows.len(), "file"))];
    if all_added > 0 || all_removed == 0 {
        parts.push(format!("{}(+)", count(all_added, "insertion")));
    }
    if all_removed > 0 || all_added == 0 {
        parts.push(format!("{}(-)", count(all_removed, "deletion")));
    }
    parts.join(", ") + "\n"
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_share_folders() {
        assert_eq!(renamed("a/b/c.py", "a/x/c.py"), "a/{b => x}/c.py");
        assert_eq!(renamed("a.py", "b.py"), "a.py => b.py");
        assert_eq!(renamed("a/b.py", "a/c.py"), "a/{b.py => c.py}");
        assert_eq!(renamed("a/b.py", "x/b.py"), "{a => x}/b.py");
        assert_eq!(renamed("b.py", "x/b.py"), "b.py => x/b.py");
        assert_eq!(renamed("a/b.py", "a/x/b.py"), "a/{ => x}/b.py");
        assert_eq!(renamed("a/a/b.py", "a/b.py"), "a/{a => }/b.py");
    }

    #[test]
    fn bars_fit_and_stay_visible() {
        assert_eq!(bars(3, 2, 5, 10), (3, 2));
        assert_eq!(bars(1, 1000, 1001, 20), (1, 18));
    }

    #[test]
    fn long_names_lose_their_head() {
        assert_eq!(width(&tail(&"é/".repeat(40))), NAME);
    }
}
