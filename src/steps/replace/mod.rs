//! `replace`: text for text in named files.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};

use self::hits::{Edit, Needle, Place};
use super::select::{self, Closed, Spare};
use super::{Stage, Step, StepError, edits, place};
use crate::finding::Finding;
use crate::path::{Pattern, RepoPath};
use crate::text::{DecodeError, Lines, Plain, Regex, Text, TextEdit, apply};

mod hits;

/// As many places as an error names.
const SHOWN: usize = 10;

/// Puts text in the place of text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Replace {
    /// The files to edit; of a folder, all files in it.
    paths: Vec<Pattern>,
    /// The text to look for. `\n` stands for the line end of the file, here as everywhere.
    find: Option<String>,
    /// A regular expression to look for, in the syntax of Rust: `(?m)` and the like go to its head.
    #[serde(default, deserialize_with = "regex")]
    #[schemars(with = "Option<String>")]
    regex: Option<Regex>,
    /// What stands instead of a hit; of a regular expression, `${1}` is its first group.
    with: Option<String>,
    /// What comes before a hit, which stays.
    before: Option<String>,
    /// What comes after a hit, which stays.
    after: Option<String>,
    /// Several texts at once: old → new.
    #[serde(default)]
    swap: BTreeMap<String, String>,
    /// Lines that the files are to have; they go to the end.
    append: Option<String>,
    /// How many hits there are to be in all files together, unless there are none because the work is
    /// done.
    expect: Option<usize>,
}

/// Reads a regular expression.
fn regex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let pattern = String::deserialize(deserializer)?;
    let wrong = |what| de::Error::custom(format!("`{pattern}` is no regular expression: {what}"));
    Regex::new(&pattern).map(Some).map_err(wrong)
}

impl Step for Replace {
    const KIND: &'static str = "replace";
    const DOCS: &'static str = "\
## What it does

Edits text in the files that are named, and in no other: `find` or `regex` with one of `with`, `before`
and `after`; or `swap`, several texts for others in one go; or `append`, lines for the end. `\\n` stands for
the line end that the file has. A hit inside of its own result is none, so a second run finds nothing:
`http` in `https` is done where `https` is the new text. With `expect`, the step is carried out only where
there are exactly so many hits.

A file keeps its encoding. One that cannot be decoded, that is binary, or that could not hold the new text
is left alone and told, as links and submodules are.

## Example

```toml
[[step]]
kind = \"replace\"
paths = [\"docker-compose.yml\", \"deploy\"]
find = \"python:3.8-slim\"
with = \"python:3.12-slim\"

[[step]]
kind = \"replace\"
paths = [\"app/**/*.py\"]
regex = 'logger\\.warn\\((.*)\\)'
with = 'logger.warning(${1})'
expect = 4
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.paths.is_empty() {
            return Err(StepError::new("`paths` names nothing"));
        }
        let ways = [
            self.find.is_some(),
            self.regex.is_some(),
            !self.swap.is_empty(),
            self.append.is_some(),
        ];
        if ways.into_iter().filter(|it| *it).count() != 1 {
            return Err(StepError::new("one of `find`, `regex`, `swap` and `append` is needed"));
        }
        let news: Vec<&String> = self.news().map(|(new, _)| new).collect();
        match (self.find.is_some() || self.regex.is_some(), news.len()) {
            (true, 1) | (false, 0) => {}
            (true, _) => {
                return Err(StepError::new("one of `with`, `before` and `after` is needed"));
            }
            (false, _) => {
                return Err(StepError::new(
                    "`with`, `before` and `after` go with `find` and `regex` only",
                ));
            }
        }
        let olds = self.find.iter().chain(self.swap.keys()).chain(&self.append);
        if olds.into_iter().any(String::is_empty) {
            return Err(StepError::new("an empty text is everywhere"));
        }
        let group = self.regex.as_ref().zip(news.first());
        match group.and_then(|(regex, new)| regex.unknown_group(new)) {
            Some(group) => Err(StepError::new(format!("`regex` has no group `{group}`"))
                .with_hint("a dollar that is meant as such is written `$$`")),
            None => Ok(()),
        }
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let needle = self.needle();
        let mut unseen = needle.labels();
        let (mut hits, mut shown) = (0, Vec::new());
        for path in self.files(stage)? {
            let Some(text) = text_of(stage, &path)? else { continue };
            let plain = Plain::new(text.source());
            unseen = needle.unseen(&plain.text, unseen);
            let found = self.edits(&plain.text, &needle);
            if found.is_empty() || !stage.may_edit(&path) {
                continue;
            }
            hits += found.len();
            let lines = Lines::new(&plain.text);
            let places =
                found.iter().map(|(span, _)| format!("`{path}:{}`", lines.line(span.start)));
            shown.extend(places.take(SHOWN.saturating_sub(shown.len())));
            write(stage, &path, &text, &plain, found);
        }
        if let Some(expected) = self.expect.filter(|it| hits > 0 && *it != hits) {
            return Err(unexpected(expected, hits, &shown));
        }
        for label in unseen {
            let message = format!("`{}` is in none of the files", label.replace('\n', "\\n"));
            stage.tell(match needle.shows_when_done() {
                true => Finding::warning(None, message),
                false => Finding::note(None, format!("{message}, or done")),
            });
        }
        Ok(())
    }
}

impl Replace {
    /// Returns the texts that may go with `find` and `regex`.
    fn news(&self) -> impl Iterator<Item = (&String, Place)> {
        let news = [
            (&self.with, Place::Instead),
            (&self.before, Place::Before),
            (&self.after, Place::After),
        ];
        news.into_iter().filter_map(|(new, place)| Some((new.as_ref()?, place)))
    }

    /// Returns what is looked for; nothing where lines are appended.
    fn needle(&self) -> Needle {
        let new = self.news().next().map(|(new, _)| plain(new)).unwrap_or_default();
        match (&self.regex, &self.find) {
            (Some(regex), _) => Needle::Regex(regex.clone(), new),
            (None, Some(find)) => Needle::Texts(BTreeMap::from([(plain(find), new)])),
            (None, None) => {
                Needle::Texts(self.swap.iter().map(|(old, new)| (plain(old), plain(new))).collect())
            }
        }
    }

    /// Returns what is to be edited in a text.
    fn edits(&self, text: &str, needle: &Needle) -> Vec<Edit> {
        match &self.append {
            Some(lines) => appended(text, &plain(lines)).into_iter().collect(),
            None => {
                let place = self.news().next().map_or(Place::Instead, |(_, place)| place);
                hits::find(text, needle, place)
            }
        }
    }

    /// Returns the files that the patterns match.
    fn files(&self, stage: &mut Stage<'_>) -> Result<BTreeSet<RepoPath>, StepError> {
        let closed = Closed::of(stage);
        let mut files = BTreeSet::new();
        for pattern in &self.paths {
            let found = select::matches(&stage.tree, &closed, pattern, Spare::Nothing)?;
            if found.is_empty() {
                let text = pattern.as_text();
                stage.warn_nothing(text, format!("`{text}` matches nothing"));
            }
            let below = found.iter().flat_map(|it| stage.tree.under(it)).map(|(path, _)| path);
            files.extend(below.filter(|it| closed.sees(it)).cloned());
        }
        Ok(files)
    }
}

/// Returns a text of the playbook with `\n` for every line end.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Returns what brings whole lines to the end of a text; nothing where it has them.
fn appended(text: &str, lines: &str) -> Option<Edit> {
    let lines = lines.strip_suffix('\n').unwrap_or(lines);
    let is_line = |at: usize| text[..at].is_empty() || text[..at].ends_with('\n');
    let ends = |at: usize| text[at..].is_empty() || text[at..].starts_with('\n');
    let mut found = text.match_indices(lines).map(|(at, _)| (at, at + lines.len()));
    if found.any(|(start, end)| is_line(start) && ends(end)) {
        return None;
    }
    let gap = if is_line(text.len()) { "" } else { "\n" };
    Some((text.len()..text.len(), format!("{gap}{lines}\n")))
}

/// Reads a file; says why it is left alone where it is no text.
fn text_of(stage: &mut Stage<'_>, path: &RepoPath) -> Result<Option<Text>, StepError> {
    let Some(mode) = stage.tree.entry(path).map(|it| it.mode) else { return Ok(None) };
    if !mode.is_file() {
        stage.leave(path, format!("it is {}", place::noun(mode)));
        return Ok(None);
    }
    let bytes = stage.tree.read(path)?;
    match edits::decoded(path, &bytes) {
        Ok(text) => Ok(Some(text)),
        Err(DecodeError::NullByte(_)) => {
            stage.leave(path, "it is binary");
            Ok(None)
        }
        Err(error) => {
            stage.leave(path, format!("it cannot be decoded: {error}"));
            Ok(None)
        }
    }
}

/// Writes a file with its edits, in its own encoding.
fn write(stage: &mut Stage<'_>, path: &RepoPath, text: &Text, plain: &Plain, found: Vec<Edit>) {
    let edits: Vec<TextEdit> =
        found.into_iter().map(|(span, new)| plain.edit(span, &new)).collect();
    let bytes = apply(text.source(), &edits)
        .map_err(|error| error.to_string())
        .and_then(|source| text.encode(&source).map_err(|error| error.to_string()));
    match (bytes, stage.tree.entry(path).map(|it| it.mode)) {
        (Ok(bytes), Some(mode)) => stage.tree.write(path.clone(), mode, bytes),
        (Err(why), _) => stage.leave(path, why),
        (Ok(_), None) => {}
    }
}

/// Says that there are more or fewer hits than the step expects.
fn unexpected(expected: usize, hits: usize, shown: &[String]) -> StepError {
    let more = if hits > shown.len() { " and elsewhere" } else { "" };
    let verb = if hits == 1 { "is 1 hit" } else { &format!("are {hits} hits") };
    let places = shown.join(", ");
    StepError::new(format!("`expect` is {expected}, and there {verb}: {places}{more}"))
}
