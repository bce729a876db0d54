//! Mentions outside imports: where does a text name a module or a path?
//!
//! One pass over each text file cuts it into words that could be a path or a dotted name, and looks
//! each up: the cost does not grow with the number of subjects. Only whole names match: `a.b` is no
//! mention in `a.bc` or `xa.b`, and `a/b.py` none in `other/a/b.py` where that file exists. What
//! people only talk about (comments, docstrings, documentation) is told from what runs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::Facts;
use crate::path::RepoPath;
use crate::python::FileFacts;
use crate::text::{Lines, Span, Text};
use crate::tree::{ReadError, Tree};

mod bases;
mod docker_values;
mod escaped;
mod ini_values;
mod kinds;
mod link_values;
mod list_values;
mod listing;
mod package_lists;
pub(crate) mod pairs;
mod python_strings;
mod sieve;
mod sure;
mod toml_values;
mod values;
mod words;
mod yaml_values;

use kinds::Family;
pub(super) use kinds::by_comments;
pub use kinds::{is_changelog, is_dockerfile};
use listing::Listing;
pub use package_lists::{PackageList, may_list_packages, package_lists};
pub use sieve::{Sieve, SieveKey, Sieves};
pub(crate) use sieve::{Stand, Wanted};
use values::Means;

/// Files larger than this are data, not text that people write.
const LARGEST: usize = 4 << 20;

/// What is looked for: files, folders, and modules by their dotted names.
#[derive(Debug, Clone, Default)]
pub struct Subjects {
    paths: BTreeSet<RepoPath>,
    modules: BTreeMap<String, RepoPath>,
    /// The first parts of the dotted names.
    heads: BTreeSet<String>,
    /// The last parts of the paths.
    tails: BTreeSet<Vec<u8>>,
    /// Modules of one part that are looked for wherever their name stands alone.
    words: BTreeMap<String, RepoPath>,
}

impl Subjects {
    /// Takes files and folders; those that are modules are looked for by their dotted names, too.
    #[must_use]
    pub fn new<'a>(facts: &Facts, paths: impl IntoIterator<Item = &'a RepoPath>) -> Self {
        let mut subjects = Self::default();
        for path in paths.into_iter().filter(|it| !it.is_root()) {
            for dotted in facts.names_of(path) {
                let head = dotted.split('.').next().unwrap_or_default().to_owned();
                subjects.heads.insert(head);
                subjects.modules.insert(dotted, path.clone());
            }
            subjects.tails.insert(path.name().to_vec());
            subjects.paths.insert(path.clone());
        }
        subjects
    }

    /// Looks also for what starts a package, by the name of the package: its `__main__.py`, and the
    /// `celery.py` that `celery -A package` finds.
    pub fn look_for_starts(&mut self, facts: &Facts) {
        let starts = |it: &&RepoPath| matches!(it.name(), b"__main__.py" | b"celery.py");
        for path in self.paths.iter().filter(starts) {
            for dotted in facts.names_of(path) {
                if let Some((package, _)) = dotted.rsplit_once('.') {
                    let head = package.split('.').next().unwrap_or_default().to_owned();
                    self.heads.insert(head);
                    self.modules.entry(package.to_owned()).or_insert_with(|| path.clone());
                }
            }
        }
    }

    /// Returns the words of which a text needs some to mention a subject.
    fn wanted(&self, family: Family) -> Wanted {
        let said = |text: &[u8]| Wanted::group(Stand::Said, text);
        // The last part tells most.
        let dotted = self.modules.keys().map(|it| said(it.as_bytes()).into_iter().rev().collect());
        let tails = self.tails.iter().map(|it| said(it));
        // Where a text names a folder, `a.b` may be a file below it.
        let within = self.tails.iter().filter(|_| family == Family::HashComments);
        let within = within.filter_map(|it| Some(said(it.strip_suffix(b".py")?)));
        // A package is named by its folder.
        let starts = |it: &&RepoPath| matches!(it.name(), b"__init__.py" | b"__main__.py");
        let starts = self.paths.iter().filter(|_| family == Family::HashComments).filter(starts);
        let packages = starts.filter_map(|it| Some(said(it.parent()?.name())));
        Wanted::any_of(dotted.chain(tails).chain(within).chain(packages))
    }

    /// Tells whether some string of Python code, which only a module can stand in, names one of these.
    fn is_told(&self, file: &FileFacts) -> bool {
        file.literals.iter().any(|it| it.module && self.told(&it.text).is_some())
    }

    /// Returns the subject that the name of a module, or of something in one, leads to, and how much
    /// of the name is that of the module.
    fn told(&self, name: &str) -> Option<(usize, &RepoPath)> {
        let mut heads = std::iter::successors(Some(name), |it| Some(it.rsplit_once('.')?.0));
        heads.find_map(|it| Some((it.len(), self.modules.get(it)?)))
    }

    /// Returns the subject of this path.
    fn subject(&self, path: &RepoPath) -> Option<&RepoPath> {
        self.paths.get(path)
    }

    /// Looks also for what only may be a mention: the names of these modules, where they are of one
    /// part, as words that stand alone.
    pub fn look_for_words(&mut self, wanted: impl Fn(&str, &RepoPath) -> bool) {
        let lone =
            self.modules.iter().filter(|(name, path)| !name.contains('.') && wanted(name, path));
        self.words = lone.map(|(name, path)| (name.clone(), path.clone())).collect();
    }
}

/// A place in a text that names a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The file that mentions it.
    pub file: RepoPath,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Where the name stands in the decoded text: the part that names the subject, no more.
    pub span: Span,
    /// The text there, without backslashes before its dots.
    pub text: String,
    /// The backslashes that stand before each dot.
    pub escape: &'static str,
    /// What is named.
    pub subject: RepoPath,
    /// How it is named.
    pub form: Form,
    /// What kind of text it stands in.
    pub place: Place,
    /// The format says that such a thing is named here.
    pub sure: bool,
}

/// How a text names something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// As a module: `a.b`.
    Dotted,
    /// As a module, by a key that would be divided by a dot.
    Key,
    /// By a word that may mean anything. Only where it is looked for.
    Word,
    /// As a path that counts from the root of the repository, maybe after something else:
    /// `a/b.py`, `/app/a/b.py`.
    Path,
    /// As a path that counts from the folder of the mentioning file: `../a/b.py`.
    RelativePath,
    /// As a path or a module that counts from another folder, which the same text names: a build
    /// context, a working directory. A use, but nobody could tell how it would read elsewhere.
    Within,
}

/// What kind of text a mention stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A string of Python code.
    PythonString,
    /// A comment, in any language that is known here.
    Comment,
    /// A string of Python code that stands alone: talk.
    Docstring,
    /// Documentation: Markdown, reStructuredText, licences, change logs.
    Documentation,
    /// Any other text: configuration, scripts, data.
    Text,
}

impl Place {
    /// Tells whether a mention here is a use: something runs or reads what it names.
    #[must_use]
    pub fn is_use(self) -> bool {
        match self {
            Self::PythonString | Self::Text => true,
            Self::Comment | Self::Docstring | Self::Documentation => false,
        }
    }
}

/// Finds every mention of the subjects in the text files of `tree`, in order of file and place.
/// Binary and very large files have none.
///
/// # Errors
/// When a file cannot be read.
pub fn mentions(
    tree: &Tree,
    facts: &Facts,
    subjects: &Subjects,
) -> Result<Vec<Mention>, ReadError> {
    Search::new(tree, facts, subjects).mentions(tree.entries().keys())
}

/// A search for subjects, in some files and then in others.
pub struct Search<'a> {
    tree: &'a Tree,
    facts: &'a Facts,
    subjects: &'a Subjects,
    /// Of files whose comments begin with `#`, and of others.
    wanted: [Wanted; 2],
    listing: OnceLock<Listing<'a>>,
}

impl<'a> Search<'a> {
    /// Prepares to look for `subjects`.
    #[must_use]
    pub fn new(tree: &'a Tree, facts: &'a Facts, subjects: &'a Subjects) -> Self {
        let wanted = [Family::HashComments, Family::Plain].map(|family| subjects.wanted(family));
        Self { tree, facts, subjects, wanted, listing: OnceLock::new() }
    }

    /// Finds the mentions in some files, in order of file and place.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn mentions<'p>(
        &self,
        files: impl Iterator<Item = &'p RepoPath>,
    ) -> Result<Vec<Mention>, ReadError> {
        if self.subjects.paths.is_empty() {
            return Ok(Vec::new());
        }
        let is_text = |it: &&RepoPath| self.tree.entry(it).is_some_and(|it| it.mode.is_file());
        let files: Vec<&RepoPath> = files.filter(is_text).collect();
        let found: Vec<Vec<Mention>> =
            files.into_par_iter().map(|it| self.in_file(it)).collect::<Result<_, ReadError>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    fn in_file(&self, path: &RepoPath) -> Result<Vec<Mention>, ReadError> {
        let Self { tree, facts, subjects, .. } = *self;
        let file = facts.files().get(path);
        let family = if file.is_some() { Family::Python } else { Family::of(path) };
        let wanted = &self.wanted[usize::from(family != Family::HashComments)];
        if !wanted.may_be_in(&facts.sieve(tree, path)?)
            && !file.is_some_and(|it| subjects.is_told(it))
        {
            return Ok(Vec::new());
        }
        let listing = self.listing.get_or_init(|| Listing::new(tree));
        in_file((tree, listing), (path, family), (facts, subjects))
    }
}

/// Finds the mentions in one file.
fn in_file(
    (tree, listing): (&Tree, &Listing<'_>),
    (path, family): (&RepoPath, Family),
    (facts, subjects): (&Facts, &Subjects),
) -> Result<Vec<Mention>, ReadError> {
    let bytes = tree.read(path)?;
    let text = (bytes.len() <= LARGEST).then(|| decode(&bytes, family)).flatten();
    let found = text.map(|text| in_text(path, &text, family, listing, (facts, subjects)));
    Ok(found.unwrap_or_default())
}

fn decode(bytes: &[u8], family: Family) -> Option<Text> {
    match family {
        Family::Python => Text::decode_python(bytes).ok(),
        Family::Documentation | Family::HashComments | Family::SlashComments | Family::Plain => {
            Text::decode_utf8(bytes)
        }
    }
}

/// A stretch of a text, and what is known of it.
struct Region {
    span: Range<usize>,
    place: Place,
    /// What the format says of it.
    means: Option<Means>,
    /// It is a key without quotes, where a dot would divide it.
    bare_key: bool,
}

/// Finds the mentions in one text.
fn in_text(
    path: &RepoPath,
    text: &Text,
    family: Family,
    listing: &Listing<'_>,
    (facts, subjects): (&Facts, &Subjects),
) -> Vec<Mention> {
    let source = text.source();
    let regions = regions(path, source, family);
    let mut bases = Vec::new();
    if family == Family::HashComments {
        // What a comment names is nowhere that anything starts from.
        let stretches = kinds::by_comments(source, "#").into_iter();
        let used = stretches.filter(|(_, place)| place.is_use());
        bases.extend(used.flat_map(|(span, _)| bases::bases(path, &source[span], listing)));
    }
    let told = modules_told(path, facts, subjects);
    let mut found: Vec<(Span, Form, &RepoPath, Place, bool)> = Vec::new();
    for Region { span, place, means, bare_key } in regions {
        if let Some((length, subject)) = told.get(&span.start) {
            found.push((span.start..span.start + length, Form::Dotted, subject, place, true));
            continue;
        }
        let reader =
            words::Reader { path, source, family, listing, subjects, bases: &bases, means };
        for hit in reader.read(span.clone()) {
            let sure = reader.is_sure(&hit, &span);
            let words::Hit { span, form, subject, .. } = hit;
            let form = if bare_key && form == Form::Dotted { Form::Key } else { form };
            if form != Form::Word || place.is_use() {
                found.push((span, form, subject, place, sure));
            }
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(source);
    let mention = |(span, form, subject, place, sure): (Span, Form, &RepoPath, Place, bool)| {
        let (line, column) = lines.position(span.start);
        let (file, written) = (path.clone(), &source[span.clone()]);
        let (text, escape) = (written.replace('\\', ""), escaped::escape_of(written));
        let subject = subject.clone();
        Mention { file, line, column, span, text, escape, subject, form, place, sure }
    };
    found.into_iter().map(mention).collect()
}

/// Returns the subjects that strings of Python code name where only a module, or something in one, can
/// stand, and how long their names are.
fn modules_told<'a>(
    path: &RepoPath,
    facts: &Facts,
    subjects: &'a Subjects,
) -> BTreeMap<usize, (usize, &'a RepoPath)> {
    let literals = facts.files().get(path).into_iter().flat_map(|it| &it.literals);
    let told = literals.filter(|it| it.module && !it.docstring);
    told.filter_map(|it| Some((it.span.start, subjects.told(&it.text)?))).collect()
}

/// Cuts a text into the stretches that are read, and says what each is.
fn regions(path: &RepoPath, source: &str, family: Family) -> Vec<Region> {
    let stretches = match family {
        Family::Python => python_strings::regions(source),
        Family::Documentation => vec![(0..source.len(), Place::Documentation)],
        Family::Plain => vec![(0..source.len(), Place::Text)],
        Family::HashComments => kinds::by_comments(source, "#"),
        Family::SlashComments => kinds::by_comments(source, "//"),
    };
    let mut values = kinds::values(path, source);
    values.sort_by_key(|it| it.span.start);
    let mut values = values.into_iter().peekable();
    let all = kinds::means(path);
    let mut regions = Vec::new();
    for (span, place) in stretches {
        let mut at = span.start;
        let mut add = |span: Range<usize>, means: Option<Means>, bare_key| {
            // Nothing reads a comment.
            let means = means.filter(|_| place != Place::Comment);
            if !span.is_empty() {
                regions.push(Region { span, place, means, bare_key });
            }
        };
        while let Some(value) = values.peek().filter(|it| it.span.start < span.end) {
            let within = value.span.start.max(at)..value.span.end.min(span.end).max(at);
            add(at..within.start, all, false);
            at = within.end;
            add(within, Some(value.means), value.bare_key);
            // One that goes on over lines is read stretch by stretch.
            if value.span.end > span.end {
                break;
            }
            values.next();
        }
        add(at..span.end, all, false);
    }
    regions
}

#[cfg(test)]
mod tests;
