//! YAML and JSON: workflows, compose files, manifests, hooks. Which scalars hold commands and which
//! patterns; any other scalar is a reference where, whole, it names something.

use super::values::{Means, Value};
use crate::path::RepoPath;
use crate::text::yaml::{self, Node, Scalar};

/// Keys of which the values, or the items, are commands or parts of one.
const COMMANDS: [&str; 24] = [
    "after_script",
    "after_success",
    "args",
    "bash",
    "before_install",
    "before_script",
    "cmd",
    "cmds",
    "command",
    "commands",
    "entry",
    "entrypoint",
    "exec",
    "install",
    "postCreateCommand",
    "postStartCommand",
    "release_command",
    "run",
    "script",
    "scripts",
    "shell",
    "startCommand",
    "start_command",
    "test",
];

/// Keys of which the values are text for people, or names of something else.
const TALK: [&str; 6] = ["description", "help", "model", "name", "summary", "title"];

/// Keys of `.pre-commit-config.yaml` of which the values are regular expressions.
const PATTERNS: [&str; 2] = ["exclude", "files"];

/// Finds the scalars; none in a text that does not parse.
pub(super) fn values(path: &RepoPath, source: &str) -> Vec<Value> {
    let hooks = path.name_str().starts_with(".pre-commit-");
    let mut found: Vec<Value> = Vec::new();
    let mut list: &[Node<'_>] = &[];
    let scalars = yaml::scalars(source).unwrap_or_default();
    for Scalar { path, is_key, span } in &scalars {
        let Some(means) = means(path, *is_key, hooks) else { continue };
        let within = match path.split_last() {
            Some((Node::Item(_), list)) if means == Means::Command => list,
            _ => &[],
        };
        match found.last_mut().filter(|_| !within.is_empty() && within == list) {
            // Each word of a command is read with the one before.
            Some(command) => command.span.end = span.end,
            None => found.push(Value { span: span.clone(), means, bare_key: false }),
        }
        list = within;
    }
    found
}

/// Returns what a scalar means, by the keys that lead to it.
fn means(path: &[Node<'_>], is_key: bool, hooks: bool) -> Option<Means> {
    let mut keys = path.iter().rev().filter_map(|it| match it {
        Node::Key(key) => Some(*key),
        Node::Item(_) => None,
    });
    let (key, above) = (keys.next().unwrap_or_default(), keys.next().unwrap_or_default());
    match key {
        _ if is_key => Some(Means::Whole),
        _ if TALK.contains(&key) => None,
        _ if hooks && PATTERNS.contains(&key) => Some(Means::Pattern),
        _ if COMMANDS.contains(&key) || above == "scripts" => Some(Means::Command),
        _ => Some(Means::Whole),
    }
}
