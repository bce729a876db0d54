//! A new folder below a package becomes a package, and so does one whose modules came out of one.

use std::collections::BTreeMap;

use crate::path::RepoPath;
use crate::tree::{Mode, Tree};

/// A file that a step put somewhere.
pub(super) struct Placed<'a> {
    /// Where it stood before, if it stood anywhere.
    pub(super) from: Option<&'a RepoPath>,
    /// Where it stands now.
    pub(super) to: &'a RepoPath,
}

/// Tells whether `folder` has an `__init__` of its own. The repository's root is no package: nothing
/// can import it.
pub(super) fn is_package(tree: &Tree, folder: &RepoPath) -> bool {
    let has = |name| folder.child(name).is_ok_and(|it| tree.entry(&it).is_some());
    !folder.is_root() && (has("__init__.py") || has("__init__.pyi"))
}

/// Tells whether the file can be imported by its name.
pub(super) fn is_python(path: &RepoPath) -> bool {
    matches!(path.extension(), "py" | "pyi")
}

/// Tells whether the file is what makes its folder a package.
pub(super) fn is_init(path: &RepoPath) -> bool {
    matches!(path.name(), b"__init__.py" | b"__init__.pyi")
}

/// Returns the path that would be the same module: of `x.py` and `x/__init__.py`, Python only sees the
/// package.
pub(super) fn double_of(module: &RepoPath) -> Option<RepoPath> {
    let folder = module.parent()?;
    if is_init(module) {
        let name = format!("{}.{}", folder.name_str(), module.extension());
        return folder.parent()?.child(&name).ok();
    }
    let init = format!("__init__.{}", module.extension());
    is_python(module).then(|| folder.child(module.stem()).ok()?.child(&init).ok()).flatten()
}

/// Tells whether pytest takes the file for a module of tests.
pub(super) fn is_test(path: &RepoPath) -> bool {
    let name = path.name();
    name.ends_with(b"_test.py") || (name.starts_with(b"test_") && name.ends_with(b".py"))
}

/// Returns the stub that stands beside a module.
pub(super) fn stub_of(module: &RepoPath) -> Option<RepoPath> {
    let text = module.as_str().filter(|_| module.extension() == "py")?;
    RepoPath::new(&format!("{text}i")).ok()
}

/// Tells whether a module is empty but for comments and a docstring.
pub(super) fn says_nothing(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    while let Some(comment) = rest.strip_prefix('#') {
        rest = comment.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    let rest = match rest.strip_prefix(['r', 'R']) {
        Some(raw) if raw.starts_with(['"', '\'']) => raw,
        _ => rest,
    };
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|it| rest.starts_with(it));
    let Some(quote) = quote else { return rest.is_empty() };
    let after = rest[quote.len()..].split_once(quote).map_or("x", |(_, after)| after);
    after.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
}

/// Gives an empty `__init__.py` to each folder that `before` did not have, that holds one of the
/// placed modules, and whose parent is a package or whose counterpart was one. A folder of a package
/// that did without one when it stood elsewhere, by `folders` old → new, still does.
pub(super) fn complete<'a>(
    before: &Tree,
    after: &mut Tree,
    placed: impl IntoIterator<Item = Placed<'a>>,
    folders: &BTreeMap<RepoPath, RepoPath>,
) {
    let does_without = |folder: &RepoPath| {
        let was = folders.iter().find_map(|(old, new)| folder.rebase(new, old));
        was.is_some_and(|was| {
            let in_package = was.parent().is_some_and(|it| is_package(before, &it));
            before.is_folder(&was) && in_package && !is_package(before, &was)
        })
    };

    // Parents come first, so that a folder sees what became of the one above it.
    let mut fresh: BTreeMap<RepoPath, bool> = BTreeMap::new();
    for file in placed.into_iter().filter(|it| is_python(it.to)) {
        let mut old = file.from.and_then(RepoPath::parent);
        for folder in file.to.folders().take_while(|it| !before.exists(it)) {
            let was_package = old.as_ref().is_some_and(|it| is_package(before, it));
            *fresh.entry(folder).or_default() |= was_package;
            old = old.and_then(|it| it.parent());
        }
    }
    for (folder, was_package) in fresh {
        let below_package = folder.parent().is_some_and(|it| is_package(after, &it));
        let wanted = (was_package || below_package) && !is_package(after, &folder);
        let wanted = wanted && !does_without(&folder);
        if let (true, Ok(path)) = (wanted, folder.child("__init__.py")) {
            after.write(path, Mode::File, *b"");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    /// Moves `from` to `to` in a tree of `files`; `expected` are the `__init__.py` that this makes.
    fn check(files: &[&str], from: &str, to: &str, expected: &[&str]) {
        let texts = files.iter().map(|it| (*it, ""));
        let before = Tree::new(Memory::texts(texts).unwrap());
        let mut after = before.clone();
        let (from, to) = (path(from), path(to));
        after.rename(&from, to.clone());
        let moved = after.clone();
        complete(&before, &mut after, [Placed { from: Some(&from), to: &to }], &BTreeMap::new());
        let made = after.entries().keys().filter(|it| moved.entry(it).is_none());
        assert_eq!(made.map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_folder_is_a_package_where_its_counterpart_was_one() {
        let files = ["a/__init__.py", "a/m.py", "plain/m.py", "pkg/__init__.py"];
        check(&files, "a/m.py", "x/m.py", &["x/__init__.py"]);
        check(&files, "a/m.py", "x/y/m.py", &["x/y/__init__.py"]);
        check(&files, "plain/m.py", "x/m.py", &[]);
        check(
            &files,
            "plain/m.py",
            "pkg/new/deep/m.py",
            &["pkg/new/__init__.py", "pkg/new/deep/__init__.py"],
        );
    }

    #[test]
    fn comments_and_a_docstring_say_nothing() {
        for text in
            ["", "# hi\n", "\u{feff}\"\"\"Doc.\n\nMore.\"\"\"\n# end\n", "'x'", "#\n#\nr'd'\n"]
        {
            assert!(says_nothing(text.as_bytes()), "{text:?}");
        }
        for text in ["import a", "\"\"\"Doc.\"\"\"\nX = 1\n", "'a'.b()", "print()", "r", "'''open"]
        {
            assert!(!says_nothing(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn a_folder_of_data_is_no_package() {
        check(&["pkg/__init__.py", "page.html"], "page.html", "pkg/pages/page.html", &[]);
    }

    #[test]
    fn a_folder_that_was_there_stays_what_it_was() {
        check(&["a/__init__.py", "a/m.py", "lib/n.py"], "a/m.py", "lib/m.py", &[]);
    }
}
