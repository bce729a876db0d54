//! The difference between two trees, file by file, in the words of git's diff format.
//!
//! The format is git's own (<https://git-scm.com/docs/diff-format#generate_patch_text_with_p>), with
//! full ids and with renames and copies; [`patch`] writes it exactly, so that `git apply` makes the
//! very tree. The text report shows the same files, shortened and without secrets.

use std::sync::Arc;

use rayon::prelude::*;

use crate::path::RepoPath;
use crate::plan::Change;
use crate::tree::{Entry, Mode, ReadError, Tree};

mod binary;
mod hunks;
mod pairs;
mod quote;

pub(super) use quote::quoted;

pub(super) use hunks::{Hunk, Mark};

use pairs::Pair;

/// What follows a line without a line end.
pub(super) const NO_LINE_END: &[u8] = b"\\ No newline at end of file\n";

/// One file of a diff.
#[derive(Debug)]
pub(super) struct FileDiff {
    /// The file before; `None` for an addition.
    pub(super) old: Option<Side>,
    /// The file afterwards; `None` for a removal.
    pub(super) new: Option<Side>,
    /// What differs in its bytes.
    pub(super) content: Content,
    copied: bool,
    similarity: usize,
}

/// A file on one side of a diff.
#[derive(Debug)]
pub(super) struct Side {
    /// Its path.
    pub(super) path: RepoPath,
    bytes: Arc<[u8]>,
    entry: Entry,
}

/// What differs in the bytes of a file.
#[derive(Debug)]
pub(super) enum Content {
    /// Nothing.
    Same,
    /// It is no text.
    Binary,
    /// These places.
    Text(Vec<Hunk>),
}

/// Compares two trees, in order of path.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn files(
    before: &Tree,
    after: &Tree,
    changes: &[Change],
) -> Result<Vec<FileDiff>, ReadError> {
    let pairs = pairs::pairs(before, after, changes);
    pairs.into_par_iter().map(|pair| compare(before, after, pair)).collect()
}

/// Writes the exact patch that leads from `before` to `after`.
///
/// # Errors
/// When a file cannot be read.
pub fn patch(before: &Tree, after: &Tree, changes: &[Change]) -> Result<Vec<u8>, ReadError> {
    let pairs = pairs::pairs(before, after, changes);
    let parts: Result<Vec<Vec<u8>>, ReadError> =
        pairs.into_par_iter().map(|pair| compare(before, after, pair)?.exact()).collect();
    Ok(parts?.concat())
}

fn compare(before: &Tree, after: &Tree, pair: Pair) -> Result<FileDiff, ReadError> {
    let entry = |tree: &Tree, path: &Option<RepoPath>| tree.entry(path.as_ref()?).cloned();
    let (old, new) = (entry(before, &pair.old), entry(after, &pair.new));
    let same = matches!((&old, &new), (Some(old), Some(new)) if old.id == new.id);
    let side = |tree: &Tree, path: Option<RepoPath>, entry: Option<Entry>| {
        let Some((path, entry)) = path.zip(entry) else { return Ok(None) };
        let bytes = if same { Arc::default() } else { bytes(tree, &path, &entry)? };
        Ok(Some(Side { path, bytes, entry }))
    };
    let (old, new) = (side(before, pair.old, old)?, side(after, pair.new, new)?);
    let (content, similarity) = match same {
        true => (Content::Same, 100),
        false => contents(Side::bytes(&old), Side::bytes(&new)),
    };
    Ok(FileDiff { old, new, content, copied: pair.copied, similarity })
}

fn bytes(tree: &Tree, path: &RepoPath, entry: &Entry) -> Result<Arc<[u8]>, ReadError> {
    match entry.mode {
        Mode::Submodule => Ok(Arc::from(format!("Subproject commit {}\n", entry.id).as_bytes())),
        Mode::File | Mode::Executable | Mode::Link => tree.read(path),
    }
}

/// Compares the bytes of two files; also says how much of the longer one they share, in percent.
fn contents(old: &[u8], new: &[u8]) -> (Content, usize) {
    let share = |common: usize| common * 100 / old.len().max(new.len()).max(1);
    if binary::is_binary(old) || binary::is_binary(new) {
        let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let tail = old[head..].iter().rev().zip(new[head..].iter().rev());
        return (Content::Binary, share(head + tail.take_while(|(a, b)| a == b).count()));
    }
    let compared = hunks::compare(old, new);
    (Content::Text(compared.hunks), share(compared.common))
}

impl Side {
    /// Returns the bytes of a side; none of one that is not there.
    pub(super) fn bytes(side: &Option<Self>) -> &[u8] {
        side.as_ref().map_or(&[], |it| &it.bytes)
    }
}

impl FileDiff {
    /// Returns the path afterwards; of a removal, the one that is gone.
    pub(super) fn path(&self) -> Option<&RepoPath> {
        self.new.as_ref().or(self.old.as_ref()).map(|it| &it.path)
    }

    /// Returns the lines above the hunks, without line ends, `---` and `+++` among them. Ids have so
    /// many digits.
    pub(super) fn head(&self, digits: usize) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        let (Some(from), Some(to)) =
            (self.old.as_ref().or(self.new.as_ref()), self.new.as_ref().or(self.old.as_ref()))
        else {
            return lines;
        };
        lines.push(
            [
                b"diff --git ".as_slice(),
                &quote::name("a/", &from.path),
                b" ",
                &quote::name("b/", &to.path),
            ]
            .concat(),
        );
        let mode = |side: &Side| side.entry.mode.octal();
        let mut say = |text: String| lines.push(text.into_bytes());
        match (&self.old, &self.new) {
            (Some(old), Some(new)) if mode(old) != mode(new) => {
                say(format!("old mode {}", mode(old)));
                say(format!("new mode {}", mode(new)));
            }
            (None, Some(new)) => say(format!("new file mode {}", mode(new))),
            (Some(old), None) => say(format!("deleted file mode {}", mode(old))),
            _ => {}
        }
        if from.path != to.path {
            let word = if self.copied { "copy" } else { "rename" };
            say(format!("similarity index {}%", self.similarity));
            lines.push([word.as_bytes(), b" from ", &quote::name("", &from.path)].concat());
            lines.push([word.as_bytes(), b" to ", &quote::name("", &to.path)].concat());
        }
        lines.extend(self.index(digits).map(String::into_bytes));
        if matches!(&self.content, Content::Text(hunks) if !hunks.is_empty()) {
            lines.push(label(b"--- ", "a/", self.old.as_ref()));
            lines.push(label(b"+++ ", "b/", self.new.as_ref()));
        }
        lines
    }

    fn index(&self, digits: usize) -> Option<String> {
        if matches!(self.content, Content::Same) {
            return None;
        }
        let id = |side: &Option<Side>| match side {
            Some(side) => format!("{:.digits$}", side.entry.id.to_string()),
            None => "0".repeat(digits),
        };
        let mut line = format!("index {}..{}", id(&self.old), id(&self.new));
        if let (Some(old), Some(new)) = (&self.old, &self.new)
            && old.entry.mode == new.entry.mode
        {
            line.push_str(&format!(" {}", new.entry.mode.octal()));
        }
        Some(line)
    }

    /// Writes the file as `git apply` reads it.
    fn exact(&self) -> Result<Vec<u8>, ReadError> {
        let mut out = Vec::new();
        for line in self.head(40) {
            out.extend_from_slice(&line);
            out.push(b'\n');
        }
        match &self.content {
            Content::Same => {}
            Content::Binary => self.binary(&mut out)?,
            Content::Text(hunks) => hunks.iter().for_each(|hunk| exact_hunk(hunk, &mut out)),
        }
        Ok(out)
    }

    fn binary(&self, out: &mut Vec<u8>) -> Result<(), ReadError> {
        binary::write(Side::bytes(&self.old), Side::bytes(&self.new), out).map_err(|cause| {
            let path = self.path().cloned().unwrap_or_else(RepoPath::root);
            ReadError { path, source: cause.into() }
        })
    }
}

/// Returns a `---` or `+++` line. A name with a space ends in a tab, as in git, for `patch`'s sake.
fn label(head: &[u8], prefix: &str, side: Option<&Side>) -> Vec<u8> {
    let Some(side) = side else { return [head, b"/dev/null"].concat() };
    let name = quote::name(prefix, &side.path);
    let tail: &[u8] = if name.contains(&b' ') { b"\t" } else { b"" };
    [head, &name, tail].concat()
}

fn exact_hunk(hunk: &Hunk, out: &mut Vec<u8>) {
    out.extend_from_slice(hunk.place.as_bytes());
    if let Some((_, heading)) = &hunk.heading {
        out.push(b' ');
        out.extend_from_slice(heading);
    }
    out.push(b'\n');
    for row in &hunk.rows {
        out.push(row.mark.sign());
        out.extend_from_slice(&row.text);
        if row.text.last() != Some(&b'\n') {
            out.push(b'\n');
            out.extend_from_slice(NO_LINE_END);
        }
    }
}
