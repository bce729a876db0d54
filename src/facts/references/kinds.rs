//! What kind of text is a file, told by its name? Formats of their own come here as families.

use std::ops::Range;

use super::values::Means;
use super::values::Value;
use super::{Place, docker_values, ini_values, link_values, list_values, toml_values, yaml_values};
use crate::path::RepoPath;

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Strings and comments of Python code.
    Python,
    /// Talk from the first line to the last.
    Documentation,
    /// Configuration and scripts whose comments begin with `#`.
    HashComments,
    /// Code whose comments begin with `//`.
    SlashComments,
    /// Anything else.
    Plain,
}

impl Family {
    /// Tells the family of a file that is no Python code.
    pub(super) fn of(path: &RepoPath) -> Self {
        let name = path.name_str().to_ascii_lowercase();
        let stem = name.split('.').next().unwrap_or_default();
        let in_docs = path.parts().any(|it| it == b"docs" || it == b"doc");
        match path.extension().to_ascii_lowercase().as_str() {
            "md" | "markdown" | "mdx" | "rst" | "adoc" => return Self::Documentation,
            "txt" | "html" | "" if is_talk(stem) || is_changelog(path) => {
                return Self::Documentation;
            }
            "txt" | "html" if in_docs => return Self::Documentation,
            "js" | "jsx" | "ts" | "tsx" | "mjs" | "go" | "java" | "kt" | "rs" | "c" | "h"
            | "cc" | "cpp" | "hpp" | "cs" | "swift" | "scala" | "groovy" | "proto" => {
                return Self::SlashComments;
            }
            "yml" | "yaml" | "toml" | "cfg" | "ini" | "conf" | "sh" | "bash" | "zsh" | "fish"
            | "mk" | "env" | "properties" | "tf" | "hcl" | "rb" | "pl" | "r" | "dockerfile"
            | "service" | "nix" => return Self::HashComments,
            _ => {}
        }
        let ignores = [".gitattributes", ".env"];
        let named = ignores.contains(&name.as_str()) || INI.contains(&name.as_str());
        if SCRIPTS.contains(&stem) || named || list_values::is_list(path) || is_dockerfile(path) {
            return Self::HashComments;
        }
        Self::Plain
    }
}

/// Files of commands that their ending does not show.
const SCRIPTS: [&str; 6] =
    ["crontab", "gnumakefile", "jenkinsfile", "justfile", "makefile", "procfile"];

/// INI files that their ending does not show.
const INI: [&str; 5] = [".coveragerc", ".flake8", ".importlinter", ".pylintrc", "pylintrc"];

/// Finds the values of which the format of a file says what they mean.
pub(super) fn values(path: &RepoPath, source: &str) -> Vec<Value> {
    match path.extension() {
        _ if is_dockerfile(path) => docker_values::values(source),
        _ if list_values::is_list(path) => list_values::values(path, source),
        _ if INI.contains(&path.name_str()) => ini_values::values(source),
        "toml" => toml_values::values(path, source),
        "cfg" | "ini" | "conf" | "service" => ini_values::values(source),
        "yml" | "yaml" | "json" => yaml_values::values(path, source),
        "md" | "markdown" | "mdx" | "rst" => link_values::values(path, source),
        _ => Vec::new(),
    }
}

/// Returns what all of a text means that is no value of its own.
pub(super) fn means(path: &RepoPath) -> Option<Means> {
    let name = path.name_str().to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    let is_script = matches!(path.extension(), "sh" | "bash" | "zsh" | "fish" | "mk");
    (is_script || SCRIPTS.contains(&stem)).then_some(Means::Command)
}

/// Tells whether a file is a recipe for a container image.
#[must_use]
pub fn is_dockerfile(path: &RepoPath) -> bool {
    let name = path.name_str().to_ascii_lowercase();
    name.starts_with("dockerfile")
        || name.starts_with("containerfile")
        || name.ends_with(".dockerfile")
}

/// Tells whether a file is a list of past changes: history, which is never followed nor edited. Its
/// name says so, or that of a folder of such lists, one a version or one a change.
#[must_use]
pub fn is_changelog(path: &RepoPath) -> bool {
    let is_prose = matches!(path.extension(), "md" | "rst" | "txt" | "markdown" | "adoc");
    let name = plain(path);
    let mut words = name.split('.');
    if is_prose || path.extension().is_empty() {
        let stem = words.next().unwrap_or_default();
        if is_history(stem) || is_broad_history(stem) {
            return true;
        }
    }
    // As towncrier names them: `123.feature`.
    let is_prose = is_prose || words.any(|it| FRAGMENTS.contains(&it));
    let is_own = |folder: &RepoPath| {
        let parent = folder.parent().unwrap_or_else(RepoPath::root);
        parent.is_root() || parent.parts().any(|it| it == b"docs" || it == b"doc")
    };
    is_prose
        && path.folders().any(|folder| {
            let name = plain(&folder);
            is_history(&name) || is_broad_history(&name) && is_own(&folder)
        })
}

/// What kind of change one file of a list tells of.
const FRAGMENTS: [&str; 7] =
    ["feature", "bugfix", "doc", "removal", "misc", "breaking", "deprecation"];

/// Returns a name without what divides its words.
fn plain(path: &RepoPath) -> String {
    let name = path.name_str().to_lowercase();
    name.chars().filter(|it| !matches!(it, '_' | '-' | ' ')).collect()
}

/// Tells whether this is what people call a list of past changes, and nothing else.
fn is_history(word: &str) -> bool {
    matches!(
        word,
        "changelog" | "changelogs" | "changelog.d" | "newsfragments" | "releasenotes" | "whatsnew"
    )
}

/// Tells whether this may be a list of past changes, or one of what a program is about.
fn is_broad_history(word: &str) -> bool {
    matches!(word, "changes" | "history" | "news" | "releases")
}

/// Tells whether a file of this name speaks to people.
fn is_talk(stem: &str) -> bool {
    let stems = [
        "readme",
        "license",
        "licence",
        "copying",
        "notice",
        "authors",
        "contributors",
        "contributing",
        "security",
        "todo",
    ];
    stems.contains(&stem)
}

/// Cuts a text into what is code and what stands behind `mark`, line by line. A mark counts at the
/// start of a line or after white space, outside quotes.
pub(in crate::facts) fn by_comments(source: &str, mark: &str) -> Vec<(Range<usize>, Place)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let start = comment_start(line, mark);
        found.push((at..at + start, Place::Text));
        found.push((at + start..at + line.len(), Place::Comment));
        at += line.len();
    }
    found.retain(|(span, _)| !span.is_empty());
    found
}

fn comment_start(line: &str, mark: &str) -> usize {
    if !line.contains(mark) {
        return line.len();
    }
    let mut quote = None;
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if before.is_whitespace() && line[at..].starts_with(mark) => return at,
            // An apostrophe inside a word opens nothing.
            None if matches!(character, '"' | '\'') && !before.is_alphanumeric() => {
                quote = Some(character);
            }
            None => {}
        }
        before = character;
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is_list: bool, paths: &[&str]) {
        for path in paths {
            assert_eq!(is_changelog(&RepoPath::new(path).unwrap()), is_list, "{path}");
        }
    }

    #[test]
    fn lists_of_past_changes_are_history() {
        check(true, &["CHANGELOG.md", "NEWS", "docs/release-notes.md", "debian/changelog"]);
        check(true, &["docs/change_log/1.md", "CHANGELOG/1.md", "doc/source/whatsnew/v1.rst"]);
        check(
            true,
            &["docs/releases/1.0.txt", "news/1.rst", "news/12.feature", "a/changelog.d/1.md"],
        );
        check(false, &["news.py", "app/news/setup.md", "releases/Dockerfile", "docs/a.md"]);
        check(false, &["changelog/make.py", "src/history/notes.txt"]);
    }
}
