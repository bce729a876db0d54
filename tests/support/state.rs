//! Everything that is in a repository, byte by byte: for "nothing was written" and "undo is exact".

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What stood at each path of a work tree and its `.git`, our own folder there aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State(BTreeMap<String, Thing>);

/// Mode, time of the last change (of files only), and bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Thing {
    mode: u32,
    changed: Option<(i64, i64)>,
    bytes: Vec<u8>,
}

impl State {
    /// Reads all below `root`.
    pub(crate) fn of(root: &Path) -> Self {
        let mut found = BTreeMap::new();
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let below = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                if Path::new(&below).ends_with(".git/overhaul") {
                    continue;
                }
                let meta = fs::symlink_metadata(&path).unwrap();
                let (bytes, changed) = if meta.is_dir() {
                    open.push(path);
                    (Vec::new(), None)
                } else if meta.is_symlink() {
                    (fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(), None)
                } else if meta.is_file() {
                    (fs::read(&path).unwrap(), Some((meta.mtime(), meta.mtime_nsec())))
                } else {
                    (Vec::new(), None)
                };
                found.insert(below, Thing { mode: meta.mode(), changed, bytes });
            }
        }
        Self(found)
    }

    /// Keeps what is not below one of these paths: `.git/objects` after a run that was undone.
    #[must_use]
    pub(crate) fn without(mut self, paths: &[&str]) -> Self {
        self.0.retain(|path, _| !paths.iter().any(|it| Path::new(path).starts_with(it)));
        self
    }

    /// Forgets when files were changed: git writes again what a merge and its revert touch.
    #[must_use]
    pub(crate) fn without_times(mut self) -> Self {
        self.0.values_mut().for_each(|it| it.changed = None);
        self
    }

    /// Expects that nothing differs, and names what does.
    #[track_caller]
    pub(crate) fn same_as(&self, before: &Self) {
        let paths = self.0.keys().chain(before.0.keys());
        let mut differ: Vec<&String> =
            paths.filter(|path| self.0.get(*path) != before.0.get(*path)).collect();
        differ.sort();
        differ.dedup();
        assert!(differ.is_empty(), "these changed: {differ:#?}");
    }
}
