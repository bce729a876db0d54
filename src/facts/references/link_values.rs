//! Markdown and reStructuredText: links, and what directives and roles name. All other text is talk.

use super::values::{Means, Value};
use crate::path::RepoPath;
use crate::text::Span;

/// Directives of Sphinx that take a file.
const OF_FILES: [&str; 5] = ["figure", "image", "include", "literalinclude", "mdinclude"];

/// What opens a target in Markdown, and in the HTML of it, with what closes it.
const MARKDOWN: [(&str, &[char]); 5] = [
    ("](<", &['>', '\n']),
    ("](", &[')', ' ', '\t', '\n']),
    ("]: ", &[' ', '\t', '\n']),
    ("href=\"", &['"', '\n']),
    ("src=\"", &['"', '\n']),
];

/// Finds the targets of links, and the modules and files that are named as such.
pub(super) fn values(path: &RepoPath, source: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let spans = match path.extension() {
            "rst" => restructured(line),
            _ => markdown(line),
        };
        let value = |span: Span| Value {
            span: at + span.start..at + span.end,
            means: Means::Whole,
            bare_key: false,
        };
        found.extend(spans.into_iter().map(value));
        at += line.len();
    }
    found
}

fn markdown(line: &str) -> Vec<Span> {
    let mut found = Vec::new();
    for (open, close) in MARKDOWN {
        for (at, _) in line.match_indices(open) {
            let start = at + open.len();
            let is_reference = open != "]: " || line.trim_start().starts_with('[');
            if is_reference && !line[start..].starts_with('<') {
                let length = line[start..].find(close).unwrap_or(line.len() - start);
                found.push(start..start + length);
            }
        }
    }
    // As mkdocstrings has them.
    if let Some(name) = line.trim_start().strip_prefix("::: ") {
        found.push(line.len() - name.len()..line.len());
    }
    found
}

fn restructured(line: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let end = line.trim_end().len();
    let text = line.trim_start();
    if let Some((name, rest)) = text.strip_prefix(".. ").and_then(|it| it.split_once(":: ")) {
        let name = name.rsplit('|').next().unwrap_or_default().trim();
        let is_known =
            OF_FILES.contains(&name) || name.starts_with("auto") || name.ends_with("module");
        if is_known {
            found.push(line.len() - rest.len()..end);
        }
    }
    if let Some((_, target)) = text.strip_prefix(".. _").and_then(|it| it.split_once(": ")) {
        found.push(line.len() - target.len()..end);
    }
    if let Some(file) = text.strip_prefix(":file: ") {
        found.push(line.len() - file.len()..end);
    }
    // A role: `:mod:`~a.b``, `:download:`text <a/b.py>``; a link: `text <a/b.py>`_.
    let mut at = 0;
    while let Some(open) = line[at..].find('`').map(|it| at + it) {
        let Some(close) = line[open + 1..].find('`').map(|it| open + 1 + it) else { break };
        let inside = &line[open + 1..close];
        let is_role = line[..open].ends_with(':');
        let is_link = line[close + 1..].starts_with('_');
        if let Some(start) = inside.find('<').filter(|_| is_role || is_link) {
            let length = inside[start..].find('>').unwrap_or(inside.len() - start);
            found.push(open + 2 + start..open + 1 + start + length);
        } else if is_role {
            let name = inside.trim_start_matches(['~', '!']);
            found.push(close - name.len()..close);
        }
        at = close + 1;
    }
    found
}
