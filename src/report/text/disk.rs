//! What leaves the disk: a list of its own, for it is no part of the tree.

use super::plan::left_alone_rows;
use super::{Ink, Paint, TextOptions, count, shorten, size};
use crate::plan::{Junk, JunkKind, OnDisk, Weight};
use crate::steps::LeftAlone;

/// Writes what goes, the largest first, and what stays; nothing where no step looks at the disk.
pub(super) fn lines(disk: &OnDisk, options: TextOptions) -> Vec<String> {
    let left: Vec<LeftAlone> = disk.left().cloned().collect();
    if disk.junk.is_empty() && left.is_empty() {
        return Vec::new();
    }
    let paint = Paint::new(options.colour);
    let title = paint.text(Ink::Bold, "on disk only");
    let goes = if disk.junk.is_empty() { "nothing to take".to_owned() } else { sum(disk.weight()) };
    let mut lines = vec![format!("{title}: {goes}")];
    let sizes: Vec<String> = disk.junk.iter().map(|it| size(it.weight.bytes)).collect();
    let width = sizes.iter().map(String::len).max().unwrap_or_default();
    let rows =
        disk.junk.iter().zip(sizes).map(|(it, size)| format!("{size:>width$}  {}", name(it)));
    let mut rows = shorten(rows.collect(), options);
    rows.extend(left_alone_rows(&left, options));
    lines.extend(rows.into_iter().map(|it| format!("  {it}")));
    lines.push(String::new());
    lines
}

/// Says how much goes.
pub(super) fn sum(weight: Weight) -> String {
    format!("{} to the trash ({})", files_of(weight.files), size(weight.bytes))
}

fn name(junk: &Junk) -> String {
    match junk.kind {
        JunkKind::Folder => format!("{}/ ({})", junk.path, files_of(junk.weight.files)),
        JunkKind::File | JunkKind::Link | JunkKind::Special => junk.path.to_string(),
    }
}

fn files_of(files: u64) -> String {
    count(usize::try_from(files).unwrap_or(usize::MAX), "file")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::fixture::path;
    use crate::tree::Id;

    #[test]
    fn what_goes_is_listed_with_its_size() {
        let junk = |at, kind, files, bytes| Junk {
            path: path(at),
            kind,
            step: "1-clean".to_owned(),
            weight: Weight { files, bytes },
            names: Id::from_bytes([0; 20]),
        };
        let left = LeftAlone {
            path: path("lib"),
            reason: "it is another repository".to_owned(),
            evidence: Vec::new(),
        };
        let disk = OnDisk {
            junk: vec![
                junk("venv", JunkKind::Folder, 2, 1_234_567),
                junk("a.log", JunkKind::File, 1, 12),
            ],
            left_alone: BTreeMap::from([("1-clean".to_owned(), vec![left])]),
            ..OnDisk::default()
        };
        assert_eq!(
            lines(&disk, TextOptions::default()).join("\n"),
            "\
on disk only: 3 files to the trash (1.2 MB)
    1.2 MB  venv/ (2 files)
  12 bytes  a.log
  left alone:
    lib: it is another repository
"
        );
        assert_eq!(lines(&OnDisk::default(), TextOptions::default()).len(), 0);
    }
}
