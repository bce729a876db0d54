//! Imports in the code of documents: blocks, what a console shows, and the cells of notebooks.
//!
//! Nothing runs the examples of a text, and they may be of another program: each edit is for a person
//! to look at. The cells of a notebook are run.

use rayon::prelude::*;

use super::job::Job;
use super::notebooks::Notebook;
use super::view::View;
use super::{Edit, FileEdits};
use crate::facts::references::is_changelog;
use crate::finding::Safety;
use crate::path::RepoPath;
use crate::python::snippets;
use crate::text::{Span, Text};
use crate::tree::ReadError;

/// Larger documents are data.
const LARGEST: usize = 4 << 20;

/// The words by which documents call Python.
const NAMES: [&str; 9] =
    ["doctest", "ipython", "ipython3", "py", "py3", "pycon", "python", "python-console", "python3"];

/// The directives that hold code.
const DIRECTIVES: [&str; 9] = [
    "code",
    "code-cell",
    "code-block",
    "doctest",
    "ipython",
    "sourcecode",
    "testcleanup",
    "testcode",
    "testsetup",
];

/// Returns the edits of the code.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn follow(
    job: &Job<'_>,
    editable: &dyn Fn(&RepoPath) -> bool,
) -> Result<Vec<FileEdits>, ReadError> {
    let places = job.places();
    let files = places.tree_after.entries().iter().filter(|(_, it)| it.mode.is_file());
    let is_read = |path: &&RepoPath| is_document(path) || is_notebook(path);
    let documents = files.map(|(path, _)| path).filter(is_read);
    let documents: Vec<_> =
        documents.filter(|path| editable(path) && !is_changelog(path)).collect();
    let files = documents.into_par_iter().map(|path| {
        let Some(old) = places.origin(path) else { return Ok(None) };
        if !job.may_be_said(old)? {
            return Ok(None);
        }
        let bytes = places.tree_after.read(path)?;
        let text = (bytes.len() <= LARGEST).then(|| Text::decode_utf8(&bytes)).flatten();
        let Some(text) = text.filter(|it| it.source().contains("import ")) else { return Ok(None) };
        let view = View::of_text(places, old.clone(), path.clone());
        let edits = match is_notebook(path) {
            true => of_notebook(job, &view, text.source()),
            false => of_examples(job, &view, text.source()),
        };
        Ok((!edits.is_empty()).then(|| FileEdits { path: path.clone(), edits }))
    });
    let files: Vec<Option<FileEdits>> = files.collect::<Result<_, ReadError>>()?;
    Ok(files.into_iter().flatten().collect())
}

pub(super) fn is_document(path: &RepoPath) -> bool {
    matches!(path.extension(), "md" | "markdown" | "mdx" | "rst" | "txt")
}

fn is_notebook(path: &RepoPath) -> bool {
    path.extension() == "ipynb"
}

fn of_examples(job: &Job<'_>, view: &View<'_>, source: &str) -> Vec<Edit> {
    let markdown = !matches!(view.new.extension(), "rst" | "txt");
    let edits = of_code(job, view, source, blocks(source, markdown));
    edits.into_iter().map(|edit| Edit { safety: Safety::Review, ..edit }).collect()
}

fn of_notebook(job: &Job<'_>, view: &View<'_>, source: &str) -> Vec<Edit> {
    let Some(Notebook { code, lines }) = Notebook::read(source) else { return Vec::new() };
    of_code(job, view, &code, vec![lines])
}

/// Returns the edits of code, block by block.
fn of_code(job: &Job<'_>, view: &View<'_>, source: &str, blocks: Vec<Vec<Span>>) -> Vec<Edit> {
    let target = job.places().after.target();
    let found = blocks.into_iter().flat_map(|lines| snippets(source, &lines, target));
    let mut edits: Vec<Edit> =
        found.flat_map(|snippet| job.follow_snippet(view, source, &snippet).0).collect();
    edits.sort_by_key(|it| (it.edit.span.start, it.edit.span.end));
    edits
}

/// Returns the lines of each block of code, and those that a console shows, without their ends.
fn blocks(source: &str, markdown: bool) -> Vec<Vec<Span>> {
    let mut scanner = Scanner { markdown, after_blank: true, ..Scanner::default() };
    let mut at = 0;
    for whole in source.split_inclusive('\n') {
        let line = whole.trim_end_matches(['\n', '\r']);
        scanner.line(line, at..at + line.len());
        at += whole.len();
    }
    scanner.blocks.push(scanner.shown);
    scanner.blocks
}

/// Goes through the lines of a document.
#[derive(Default)]
struct Scanner {
    markdown: bool,
    blocks: Vec<Vec<Span>>,
    /// The block that the line is in, and whether it may be Python.
    open: Option<(End, bool)>,
    /// What a console shows outside of blocks.
    shown: Vec<Span>,
    in_console: bool,
    after_blank: bool,
}

/// Where a block ends.
enum End {
    /// At a fence of this letter that is at least as long.
    Fence(char, usize),
    /// Where a line is indented no more than this.
    Indent(usize),
}

impl Scanner {
    fn line(&mut self, line: &str, span: Span) {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        match &self.open {
            Some((End::Fence(letter, length), _))
                if text.len() >= *length && text.chars().all(|it| it == *letter) =>
            {
                self.open = None;
                return;
            }
            Some((End::Indent(least), _)) if !text.is_empty() && indent <= *least => {
                self.open = None;
            }
            Some((_, python)) => {
                let block = self.blocks.last_mut().filter(|_| *python);
                // Options of a directive come before its code.
                let is_option = |it: &Vec<Span>| it.is_empty() && text.starts_with(':');
                if let Some(block) = block.filter(|it| !is_option(it)) {
                    block.push(span);
                }
                return;
            }
            None => {}
        }
        self.in_console = text.starts_with(">>> ") || self.in_console && text.starts_with("...");
        if self.in_console {
            self.shown.push(span);
        } else if let Some((end, python)) = opened(text, indent) {
            self.blocks.push(Vec::new());
            self.open = Some((end, python));
        } else if self.markdown && self.after_blank && indent >= 4 {
            self.blocks.push(vec![span]);
            self.open = Some((End::Indent(3), true));
        }
        self.after_blank = text.is_empty();
    }
}

/// Tells whether a block of code begins behind this line: where it ends, and whether it may be Python.
fn opened(text: &str, indent: usize) -> Option<(End, bool)> {
    let letter = text.chars().next()?;
    let rest = text.trim_start_matches(letter);
    let length = text.len() - rest.len();
    if matches!(letter, '`' | '~') && length >= 3 && !rest.contains('`') {
        return Some((End::Fence(letter, length), is_python(rest)));
    }
    let directive = text.strip_prefix(".. ").map(|it| it.split_once("::"));
    match directive {
        Some(Some((name, language))) if DIRECTIVES.contains(&name.trim()) => {
            Some((End::Indent(indent), is_python(language)))
        }
        Some(_) => None,
        None => text.ends_with("::").then_some((End::Indent(indent), true)),
    }
}

/// Tells whether code is called Python, or nothing: `python`, `{.py}`, `{code-block} python`.
fn is_python(info: &str) -> bool {
    let is_mark = |it: char| !it.is_alphanumeric() && it != '-';
    let mut words = info.split(is_mark).filter(|it| !it.is_empty() && !DIRECTIVES.contains(it));
    words.next().is_none_or(|it| NAMES.contains(&it.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, markdown: bool, expected: &[&str]) {
        let found = blocks(source, markdown).into_iter().filter(|it| !it.is_empty());
        let text = |lines: Vec<Span>| {
            let lines: Vec<&str> = lines.into_iter().map(|it| source[it].trim()).collect();
            lines.join("|")
        };
        assert_eq!(found.map(text).collect::<Vec<_>>(), expected, "{source}");
    }

    #[test]
    fn blocks_of_markdown() {
        check("a\n```python\nb\n\nc\n```\nd\n", true, &["b||c"]);
        check("```bash\na\n```\n~~~ {.py .x}\nb\n```\n~~~\n", true, &["b|```"]);
        check(
            "````\na\n```\nb\n````\n```{code-block} python\n:x: 1\nc\n```\n",
            true,
            &["a|```|b", "c"],
        );
        check("- x\r\n  ```py title='x'\r\n  a\r\n  ```\r\nb", true, &["a"]);
        check("a\n    b\n\n    c\n    d\n\n    e\nf\n", true, &["c|d||e"]);
        check("```python\na", true, &["a"]);
    }

    #[test]
    fn blocks_of_restructured_text() {
        check(
            ".. code-block:: python\n   :linenos:\n\n   a\n\n   b\nc\n.. code:: sh\n\n   d\n",
            false,
            &["|a||b"],
        );
        check(
            ".. note::\n   x::\n\n      a\n   b\n\n   .. testcode::\n\n      c\n",
            false,
            &["|a", "|c"],
        );
    }

    #[test]
    fn what_a_console_shows() {
        check("a\n>>> b\n... c\nd\n...\n>>> e\n", false, &[">>> b|... c|>>> e"]);
    }
}
