//! Words of a text that could be a path or a dotted name, and what they name.

use std::ops::Range;

use bstr::ByteSlice as _;

use super::kinds::{Family, is_dockerfile};
use super::listing::Listing;
use super::values::Means;
use super::{Form, Subjects, escaped};
use crate::path::RepoPath;
use crate::text::Span;

/// Endings that make `a.b.json` a file and no attribute.
const FILE_ENDINGS: [&str; 16] = [
    "py", "pyi", "pyc", "json", "yaml", "yml", "toml", "txt", "md", "rst", "sh", "cfg", "ini",
    "html", "css", "js",
];

/// Programs that take `module:name`.
const LAUNCHERS: [&str; 8] =
    ["uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "celery", "waitress-serve", "--app"];

/// Options, and variables of the environment, that take a module.
const FLAGS: [&str; 12] = [
    "-m",
    "--app",
    "--cov",
    "--module",
    "--package",
    "--pyargs",
    "--root-package",
    "--source",
    "--source-pkgs",
    "CELERY_APP",
    "DJANGO_SETTINGS_MODULE",
    "FLASK_APP",
];

/// Options that take a module behind some programs, and mean something else behind others.
const FLAGS_OF: [(&str, &str); 5] =
    [("-A", "celery"), ("-A", "flask"), ("-p", "addopts"), ("-p", "mypy"), ("-p", "pytest")];

/// How the file of a module goes on behind its name.
const ENDINGS: [&str; 3] = [".py", "/__init__.py", "/__main__.py"];

/// What is longer is no command.
const LONGEST: usize = 4096;

/// What stands before the path of a file in the address by which a forge shows it.
const SHOWN: [&str; 5] = ["blame", "blob", "edit", "raw", "tree"];

/// Reads the words of one text.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    /// The file.
    pub(super) path: &'a RepoPath,
    /// Its text.
    pub(super) source: &'a str,
    pub(super) family: Family,
    pub(super) listing: &'a Listing<'a>,
    pub(super) subjects: &'a Subjects,
    /// Folders that the text names, from which other names in it may count.
    pub(super) bases: &'a [RepoPath],
    /// What the format says of the stretch that is read.
    pub(super) means: Option<Means>,
}

/// A mention: where, how, and of what.
#[derive(Debug)]
pub(super) struct Hit<'a> {
    pub(super) span: Span,
    pub(super) form: Form,
    pub(super) subject: &'a RepoPath,
    /// From another folder that the text names, or behind what is not known, it is something else.
    pub(super) open: bool,
}

/// A path as a word spells it: where each part of it stands in the word, and the path that it means.
struct Reading {
    /// The whole path, `/`-separated.
    path: Vec<u8>,
    /// Index of the first part of the word that belongs to the path.
    first: usize,
    form: Form,
    /// It is one part of a longer path, of which the rest is not known.
    open: bool,
}

impl<'a> Reader<'a> {
    /// Finds the mentions in one stretch of the text.
    pub(super) fn read(&self, region: Range<usize>) -> Vec<Hit<'a>> {
        let mut found = Vec::new();
        let bytes = &self.source.as_bytes()[..region.end];
        let mut at = region.start;
        let mut previous = at..at;
        while at < bytes.len() {
            if !is_word(bytes[at]) {
                at += 1;
                continue;
            }
            let start = at;
            while at < bytes.len() && is_word(bytes[at]) {
                at += 1;
            }
            let end = escaped::end_of(bytes, at);
            if end > at {
                at = end;
                previous = start..at;
                found.extend(self.escaped(&previous));
                continue;
            }
            let word = start..trimmed(bytes, start, at);
            // A dash begins an item of a list.
            if word.is_empty() || bytes[word.clone()] == *b"-" {
                continue;
            }
            let hit = self.word(word.clone(), &previous);
            found.extend(hit.or_else(|| self.lone(word.clone(), &region)));
            previous = word;
        }
        found
    }

    fn word(&self, word: Span, previous: &Span) -> Option<Hit<'a>> {
        let text = &self.source[word.clone()];
        if text.contains('/') {
            return self.path(word.clone()).or_else(|| self.handler(word));
        }
        match self.means {
            Some(Means::Modules | Means::Assigned) => return self.module(word),
            Some(Means::Paths) => return self.path(word),
            Some(Means::Other) => return None,
            Some(Means::Command | Means::Pattern | Means::Whole) | None => {}
        }
        let dotted = text.contains('.').then(|| self.dotted(&word)).flatten();
        dotted
            .or_else(|| self.bare(word.clone(), previous))
            .or_else(|| self.dotted_within(word.clone()))
            .or_else(|| self.handler(word))
    }

    /// Reads `a.b.f`: the longest head that is a module of two parts or more.
    fn dotted(&self, word: &Span) -> Option<Hit<'a>> {
        let text = &self.source[word.clone()];
        let (head, _) = text.split_once('.')?;
        if !self.subjects.heads.contains(head) || self.source[..word.start].ends_with('@') {
            return None;
        }
        let mut known = text;
        loop {
            let rest = text[known.len()..].trim_start_matches('.');
            let is_file = !rest.contains('.') && FILE_ENDINGS.contains(&rest);
            if let Some(subject) = self.subjects.modules.get(known).filter(|_| !is_file) {
                let span = word.start..word.start + known.len();
                return Some(self.module_hit(span, subject));
            }
            known = known.rsplit_once('.')?.0;
            if !known.contains('.') {
                return None;
            }
        }
    }

    /// Reads a word that is a module, or a name in one, of however many parts.
    fn module(&self, word: Span) -> Option<Hit<'a>> {
        if self.source[..word.start].ends_with([':', '[', '{', '$', '@']) {
            return None;
        }
        let text = &self.source[word.clone()];
        let mut heads = std::iter::successors(Some(text), |it| Some(it.rsplit_once('.')?.0));
        heads.find_map(|known| {
            let subject = self.subjects.modules.get(known)?;
            let span = word.start..word.start + known.len();
            Some(Hit { span, form: Form::Dotted, subject, open: false })
        })
    }

    /// A module, by a name that may mean another one below a folder that the text names.
    fn module_hit(&self, span: Span, subject: &'a RepoPath) -> Hit<'a> {
        let path = self.source[span.clone()].replace('.', "/");
        let endings = ["", ".py", "/__init__.py"];
        let is_other = |path: &[u8]| path != subject.as_bytes() && self.listing.has(path);
        let others = |base: &RepoPath| {
            let below = endings.iter().map(|it| format!("{base}/{path}{it}"));
            below.into_iter().any(|it| is_other(it.as_bytes()))
        };
        let open = self.bases.iter().any(others);
        Hit { span, form: Form::Dotted, subject, open }
    }

    /// Reads a word that stands alone and may name a module, where one is asked for.
    fn lone(&self, word: Span, region: &Span) -> Option<Hit<'a>> {
        let subject = self.subjects.words.get(&self.source[word.clone()])?;
        let alone = match self.family {
            Family::Python => word == *region || self.begins_name(&word, region),
            Family::HashComments => {
                matches!(self.means, None | Some(Means::Command | Means::Whole))
            }
            Family::Plain => self.path.extension() == "json",
            Family::Documentation | Family::SlashComments => false,
        };
        alone.then_some(Hit { span: word, form: Form::Word, subject, open: true })
    }

    /// Tells whether a string begins with a word and a dot, and goes on with what only the run tells:
    /// `f"word.{name}"`, `"word.%s"`, `"word." + name`.
    fn begins_name(&self, word: &Span, region: &Span) -> bool {
        let rest = &self.source[word.end..region.end];
        word.start == region.start
            && (rest == "." || [".{", ".%"].iter().any(|it| rest.starts_with(it)))
    }

    /// Reads `a.b` as a module that counts from a folder which the text names, or stands in.
    fn dotted_within(&self, word: Span) -> Option<Hit<'a>> {
        let text = &self.source[word.clone()];
        if !text.contains('.') {
            return None;
        }
        self.module_within(word, text)
    }

    /// Reads `a/b.f` behind `handler:` as the function `f` of a file that counts from the root, or from a
    /// folder which the text names or stands in: so functions of a cloud are named.
    fn handler(&self, word: Span) -> Option<Hit<'a>> {
        let line = self.line_before(&word).to_ascii_lowercase();
        let key = line.trim_end_matches(|it: char| it.is_whitespace() || "\"':=".contains(it));
        if !key.ends_with("handler") || key.len() == line.len() {
            return None;
        }
        let (module, _) = self.source[word.clone()].rsplit_once('.')?;
        let file = format!("{}.py", module.trim_start_matches("./").replace('.', "/"));
        let (root, own) = (RepoPath::root(), self.path.parent());
        let homes = self.bases.iter().chain(&own).chain([&root]);
        let mut paths = homes.map(|it| match it.is_root() {
            true => file.clone(),
            false => format!("{it}/{file}"),
        });
        let subject = paths.find_map(|it| self.subjects.paths.get(it.as_bytes()))?;
        Some(Hit { span: word, form: Form::Within, subject, open: true })
    }

    /// Finds a module that counts from a folder which the text names, or stands in.
    fn module_within(&self, span: Span, name: &str) -> Option<Hit<'a>> {
        if self.family != Family::HashComments {
            return None;
        }
        let own = self.path.parent().filter(|it| !it.is_root());
        let below = name.replace('.', "/");
        let subject = self.bases.iter().chain(&own).find_map(|base| {
            let paths = ENDINGS.map(|ending| format!("{base}/{below}{ending}"));
            paths.iter().find_map(|it| self.subjects.paths.get(it.as_bytes()))
        })?;
        Some(Hit { span, form: Form::Within, subject, open: true })
    }

    /// Reads a word that is a file name, or a name that only its surroundings explain.
    fn bare(&self, word: Span, previous: &Span) -> Option<Hit<'a>> {
        let text = &self.source[word.clone()];
        if self.subjects.tails.contains(text.as_bytes()) {
            let folder_here = || self.stands_for_folder(&word);
            if (text.contains('.') || folder_here())
                && let Some(hit) = self.path(word.clone())
            {
                return Some(hit);
            }
        }
        let known = self.subjects.modules.get(text);
        if text.contains('.') || known.is_none() && self.family != Family::HashComments {
            return None;
        }
        if !self.follows_flag(&word, previous) && !self.is_application(&word) {
            return None;
        }
        match known {
            Some(subject) => Some(self.module_hit(word, subject)),
            None => self.module_within(word, text),
        }
    }

    /// `python -m word`, `--cov=word`, `mypy -p word`, `python -c "import word"`.
    fn follows_flag(&self, word: &Span, previous: &Span) -> bool {
        // The one before may stand on the line before.
        let previous =
            if previous.is_empty() { self.word_before(word.start) } else { previous.clone() };
        let (flag, gap) = (&self.source[previous.clone()], &self.source[previous.end..word.start]);
        let before = self.command_before(&previous);
        let takes = FLAGS.contains(&flag)
            || FLAGS_OF.iter().any(|(own, program)| *own == flag && before.contains(program));
        // What begins an item of a list stands between the two, too.
        let follows = takes && gap.chars().all(|it| " \t\r\n\\\"',[]=:-".contains(it));
        let holds_code = self.family == Family::HashComments || self.path.extension() == "ipynb";
        let imported =
            matches!(flag, "import" | "from") && holds_code && gap.chars().all(|it| it == ' ');
        follows || imported || flag == "CMD" && self.ends_entry_point(&previous)
    }

    /// Returns the last word before a place, be it on a line above.
    fn word_before(&self, at: usize) -> Span {
        let bytes = &self.source.as_bytes()[at.saturating_sub(LONGEST)..at];
        let is_item = |it: &u8| it.is_ascii_whitespace() || b"\\\"',[]=:-".contains(it);
        let end = bytes.iter().rposition(|it| !is_item(it)).map_or(0, |it| it + 1);
        let start = bytes[..end].iter().rposition(|it| !is_word(*it)).map_or(0, |it| it + 1);
        let from = at - bytes.len();
        from + start..from + end
    }

    /// `ENTRYPOINT ["python", "-m"]`, and then `CMD ["word"]`.
    fn ends_entry_point(&self, command: &Span) -> bool {
        let before = self.source[..command.start].trim_end();
        let before = before.trim_end_matches(|it: char| "\"'] ".contains(it));
        is_dockerfile(self.path) && before.ends_with("-m")
    }

    /// Returns what stands of a command before a word: what is on the line, and of a list the items
    /// before with the two lines above them.
    fn command_before(&self, word: &Span) -> &'a str {
        let line = self.line_before(word);
        if !line.trim_start().starts_with('-') {
            return line;
        }
        let mut start = word.start - line.len();
        let mut above = 0;
        while above < 2 && start > 0 && word.start - start < LONGEST {
            let previous = self.line_before(&(start - 1..start));
            above += usize::from(!previous.trim_start().starts_with('-'));
            start -= previous.len() + 1;
        }
        &self.source[start..word.start]
    }

    /// `uvicorn word:app`, `"word:app"`, `name = word:main`.
    fn is_application(&self, word: &Span) -> bool {
        let (before, after) = (&self.source[..word.start], &self.source[word.end..]);
        let Some(after) = after.strip_prefix(':') else { return false };
        if !after.starts_with(|it: char| it == '_' || it.is_alphabetic()) {
            return false;
        }
        let name = after.find(|it: char| it != '_' && it != '.' && !it.is_alphanumeric());
        let closes = name.is_some_and(|end| after[end..].starts_with(['"', '\'']));
        let line = self.line_before(word);
        let is_between = |it: char| it.is_whitespace() || "[]{}\"',".contains(it);
        let launched = self
            .command_before(word)
            .split(is_between)
            .any(|program| LAUNCHERS.contains(&program.rsplit('/').next().unwrap_or_default()));
        launched || before.ends_with(['"', '\'']) && closes || line.trim_end().ends_with('=')
    }

    /// Returns the line that a word stands in, up to the word; nothing of one too long to be a
    /// command.
    pub(super) fn line_before(&self, word: &Span) -> &'a str {
        let from = word.start.saturating_sub(LONGEST);
        let near = &self.source.as_bytes()[from..word.start];
        match near.rfind_byte(b'\n') {
            Some(at) => &self.source[from + at + 1..word.start],
            None if from == 0 => &self.source[..word.start],
            None => "",
        }
    }

    /// Tells whether a bare name stands where only a path can stand.
    fn stands_for_folder(&self, word: &Span) -> bool {
        let line = self.line_before(word);
        let line = line.trim_start().trim_start_matches("- ");
        if is_dockerfile(self.path) {
            let upper = line.to_ascii_uppercase();
            return ["COPY ", "ADD "].iter().any(|it| upper.starts_with(it));
        }
        let keys = ["context:", "build:", "working_dir:", "working-directory:"];
        self.family == Family::HashComments && keys.iter().any(|it| line.starts_with(it))
    }

    /// Reads a word as a path.
    fn path(&self, word: Span) -> Option<Hit<'a>> {
        let text = &self.source.as_bytes()[word.clone()];
        let is_known = text.split(|it| *it == b'/').any(|it| self.subjects.tails.contains(it));
        if !is_known || self.is_elsewhere(&word) {
            return None;
        }
        let parts = parts_of(text);
        let reading = self.reading(&word, &parts)?;
        let (subject, above) = self.subject_of(&reading)?;
        // The parts of the word that go on below the subject are not part of the mention.
        let last = parts.len().checked_sub(above + 1)?;
        let first = reading.first.min(last);
        let span = word.start + parts[first].start..word.start + parts[last].end;
        let span = match reading.form {
            Form::RelativePath => word.start..span.end,
            Form::Path | Form::Dotted | Form::Key | Form::Word | Form::Within => span,
        };
        let (form, open) = (reading.form, reading.open || self.is_elsewhere_too(text, &reading));
        Some(Hit { span, form, subject, open })
    }

    /// Tells whether a path is another one from a folder that the text names.
    fn is_elsewhere_too(&self, text: &[u8], reading: &Reading) -> bool {
        if reading.first > 0 || text.starts_with(b"/") {
            return false;
        }
        let own = self.path.parent();
        let root = RepoPath::root();
        let homes = self.bases.iter().chain(own.as_ref()).chain([&root]);
        let mut paths = homes.filter_map(|home| {
            normalised(home.parts().chain(text.split(|it| *it == b'/').filter(|it| !it.is_empty())))
        });
        paths.any(|path| path != reading.path && self.listing.has(&path))
    }

    /// Tells whether a word is part of a web address that shows no file of a repository.
    fn is_elsewhere(&self, word: &Span) -> bool {
        let ends = |it: char| it.is_whitespace() || "\"'`<>()[]{},;".contains(it);
        let begun = self.line_before(word).rsplit(ends).next().unwrap_or_default();
        let address = &self.source[word.start - begun.len()..word.end];
        let is_web = ["http://", "https://", "ftp://"].iter().any(|it| address.contains(it));
        is_web && !address.split('/').any(|it| SHOWN.contains(&it))
    }

    /// Decides what the word spells: the first way to read it that exists, else the first one that
    /// leads to or below a subject.
    fn reading(&self, word: &Span, parts: &[Range<usize>]) -> Option<Reading> {
        let behind_dollar = self.source[..word.start].ends_with('$');
        let readings = self.readings(&self.source.as_bytes()[word.clone()], parts, behind_dollar);
        let exists = readings.iter().position(|it| self.listing.has(&it.path));
        let at = exists.or_else(|| readings.iter().position(|it| self.subject_of(it).is_some()))?;
        readings.into_iter().nth(at)
    }

    fn readings(&self, text: &[u8], parts: &[Range<usize>], behind_dollar: bool) -> Vec<Reading> {
        let names: Vec<&[u8]> = parts.iter().map(|it| &text[it.clone()]).collect();
        let climbs = names.first().is_some_and(|it| *it == b"." || *it == b"..");
        let mut readings = Vec::new();
        if !text.starts_with(b"/") {
            let folder = self.path.parent().unwrap_or_else(RepoPath::root);
            readings.extend(normalised(folder.parts().chain(names.iter().copied())).map(|path| {
                let form =
                    if folder.is_root() && !climbs { Form::Path } else { Form::RelativePath };
                Reading { path, first: 0, form, open: false }
            }));
        }
        let within = |base: &RepoPath| {
            let path = normalised(base.parts().chain(names.iter().copied()))?;
            Some(Reading { path, first: 0, form: Form::Within, open: true })
        };
        let dots = names.iter().take_while(|it| **it == b"." || **it == b"..").count();
        // `/app/a/b.py`, `$ROOT/a/b.py`: whatever stands there, it stands for the root.
        let is_home = names.first().is_some_and(|it| *it == b"HOME");
        let from_unknown =
            |first| text.starts_with(b"/") || first == 1 && behind_dollar && !is_home;
        // A file of its own may be named behind anything that stands for the root; one name alone
        // needs a slash before it.
        let is_url = text.starts_with(b"//");
        let lone = text.starts_with(b"/") && !is_url || dots > 0;
        for first in dots..names.len() {
            let rest = &names[first..];
            let short = rest.len() == 1 && first > dots;
            if short && !(lone && rest[0].contains(&b'.')) || rest.len() == 1 && is_url {
                continue;
            }
            readings.extend(normalised(rest.iter().copied()).map(|path| Reading {
                path,
                first,
                form: Form::Path,
                open: short || is_url || first > dots && !from_unknown(first),
            }));
        }
        // Below any of several folders: only what is there is meant.
        let others = self.bases.iter().filter(|_| !text.starts_with(b"/")).filter_map(within);
        readings.extend(others.filter(|it| self.listing.has(&it.path)));
        readings
    }

    /// Returns the subject that a reading leads to or below, and how many parts below.
    fn subject_of(&self, reading: &Reading) -> Option<(&'a RepoPath, usize)> {
        let mut path = reading.path.as_slice();
        let mut above = 0;
        loop {
            if let Some(subject) = self.subjects.paths.get(path) {
                return Some((subject, above));
            }
            let slash = path.iter().rposition(|it| *it == b'/')?;
            path = &path[..slash];
            above += 1;
        }
    }
}

/// Joins parts into a path without `.` and `..`; `None` where it leaves the root.
fn normalised<'p>(parts: impl Iterator<Item = &'p [u8]>) -> Option<Vec<u8>> {
    let mut stack: Vec<&[u8]> = Vec::new();
    for part in parts {
        match part {
            b"." => {}
            b".." => {
                stack.pop()?;
            }
            _ => stack.push(part),
        }
    }
    (!stack.is_empty()).then(|| stack.join(&b'/'))
}

/// Returns where the parts of a path stand in it.
fn parts_of(text: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for part in text.split(|it| *it == b'/') {
        if !part.is_empty() {
            parts.push(start..start + part.len());
        }
        start += part.len() + 1;
    }
    parts
}

/// Returns the end of the word without the full stop of a sentence.
fn trimmed(bytes: &[u8], start: usize, end: usize) -> usize {
    let word = &bytes[start..end];
    if word.iter().all(|it| matches!(it, b'.' | b'/')) {
        return end;
    }
    let tail = word.iter().rev().take_while(|it| **it == b'.').count();
    end - tail
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-' | b'+') || byte > 127
}
