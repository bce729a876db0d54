//! Which folders are archives: the ones that steps of this playbook name, none by its name alone.

use std::collections::BTreeSet;

use crate::path::RepoPath;
use crate::playbook::Playbook;
use crate::tree::Tree;

/// Returns the archive folders of a playbook. Where a step puts the day into the name, the archives
/// of other days are archives as well, or a second run would look into what the first one put away.
pub(super) fn folders(playbook: &Playbook, date: &str, tree: &Tree) -> Vec<RepoPath> {
    let named: BTreeSet<RepoPath> =
        playbook.steps.iter().filter_map(|it| it.step.archive()).collect();
    let mut found = named.clone();
    for archive in named.iter().filter(|it| it.to_string().contains(date)) {
        found.extend(other_days(&archive.to_string(), date, tree));
    }
    found.into_iter().collect()
}

/// Returns the folders of `tree` whose names differ from `archive` only in the day.
fn other_days(archive: &str, date: &str, tree: &Tree) -> BTreeSet<RepoPath> {
    let depth = archive.split('/').count();
    let Some((head, tail)) = archive.split_once(date) else { return BTreeSet::new() };
    let is_archive = |text: &str| {
        let middle = text.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
        middle.is_some_and(|day| day.len() == 8 && day.bytes().all(|it| it.is_ascii_digit()))
    };
    let head_of = |path: &RepoPath| {
        let text = path.as_str()?;
        let parts: Vec<&str> = text.split('/').take(depth).collect();
        (parts.len() == depth).then(|| parts.join("/"))
    };
    tree.entries()
        .keys()
        .filter_map(head_of)
        .filter(|text| is_archive(text))
        .filter_map(|text| RepoPath::new(&text).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    #[test]
    fn archives_of_other_days_are_archives() {
        let files =
            [("attic/20250101/a.py", ""), ("attic/2025/b.py", ""), ("attic2/20250101/c", "")];
        let tree = Tree::new(Memory::texts(files).unwrap());
        let found = other_days("attic/20261121", "20261121", &tree);
        assert_eq!(
            found.into_iter().map(|it| it.to_string()).collect::<Vec<_>>(),
            ["attic/20250101"]
        );
    }
}
