//! Mentions of definitions that moved: `a.b.name` and `a.b:name` in configuration, documentation,
//! comments and longer strings.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edit, FileEdits};
use crate::facts::Facts;
use crate::facts::references::{Form, Mention, Subjects, is_changelog, mentions};
use crate::finding::Safety;
use crate::path::RepoPath;
use crate::text::{Text, TextEdit};
use crate::tree::{ReadError, Tree};

/// Names by dotted module: (`a.b`, `f`) → (`x.y`, `f`).
pub type Names = BTreeMap<(String, String), (String, String)>;

/// Returns the edits by which what still names definitions in the module at `from` names them where they
/// are now. Change logs are history and stay.
///
/// # Errors
/// When a file cannot be read.
pub fn renamed(
    (tree, facts): (&Tree, &Facts),
    from: &RepoPath,
    names: &Names,
    editable: &dyn Fn(&RepoPath) -> bool,
) -> Result<Vec<FileEdits>, ReadError> {
    let mut by_file: BTreeMap<RepoPath, Vec<Mention>> = BTreeMap::new();
    for mention in mentions(tree, facts, &Subjects::new(facts, [from]))? {
        let path = &mention.file;
        if mention.form == Form::Dotted && !is_changelog(path) && editable(path) {
            by_file.entry(path.clone()).or_default().push(mention);
        }
    }
    let mut files = Vec::new();
    for (path, mentions) in by_file {
        let bytes = tree.read(&path)?;
        let text = match facts.files().contains_key(&path) {
            true => Text::decode_python(&bytes).ok(),
            false => Text::decode_utf8(&bytes),
        };
        let Some(text) = text else { continue };
        let mut seen = BTreeSet::new();
        let edits: Vec<Edit> = mentions
            .iter()
            .filter(|it| seen.insert(it.span.start))
            .filter_map(|it| edit(text.source(), it, names))
            .collect();
        if !edits.is_empty() {
            files.push(FileEdits { path, edits });
        }
    }
    Ok(files)
}

/// Returns the edit of a module's mention that one of the names follows.
fn edit(source: &str, mention: &Mention, names: &Names) -> Option<Edit> {
    let rest = source.get(mention.span.end..)?;
    let rest = rest.strip_prefix(mention.escape).unwrap_or(rest);
    let mark = rest.chars().next().filter(|it| matches!(it, '.' | ':'))?;
    let rest = &rest[1..];
    let name =
        &rest[..rest.find(|it: char| it != '_' && !it.is_alphanumeric()).unwrap_or(rest.len())];
    let (module, new) = names.get(&(mention.text.clone(), name.to_owned()))?;
    let end = source.len() - rest.len() + name.len();
    let dot = format!("{}.", mention.escape);
    let mark_text = if mark == '.' { dot.clone() } else { mark.to_string() };
    let text = format!("{}{mark_text}{new}", module.replace('.', &dot));
    Some(Edit {
        edit: TextEdit { span: mention.span.start..end, text },
        safety: if mention.sure { Safety::Safe } else { Safety::Review },
        why: format!("`{}{mark}{name}` is now `{module}{mark}{new}`", mention.text),
    })
}
