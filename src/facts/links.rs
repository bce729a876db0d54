//! Where symbolic links lead, as far as the tree tells: what a link inside of it leads to is what an
//! import finds behind the link.
//!
//! It is the same code under a second name, so a link stands in the module table as what it leads to.
//! What is outside, in a submodule or in a ring cannot be seen.

use super::table::{is_init, module_name};
use crate::path::RepoPath;
use crate::python::is_identifier;
use crate::tree::{Mode, ReadError, Tree};

/// A way through more links than this is a ring: it is where Linux gives up.
const MOST: usize = 40;

/// What stands at the end of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// A file or folder of the tree.
    Place(RepoPath),
    /// Nothing.
    Nothing,
    /// Something that the tree does not have.
    Unknown,
}

/// Returns where the links among `paths` lead that an import may go through.
pub(super) fn ends<'a>(
    tree: &Tree,
    paths: impl Iterator<Item = &'a RepoPath>,
) -> Result<Vec<(&'a RepoPath, End)>, ReadError> {
    let named = paths.filter(|it| {
        let extension = it.extension();
        let module = matches!(extension, "py" | "pyi" | "pyx" | "so" | "pyd");
        is_identifier(module_name(it)) && (module || extension.is_empty())
    });
    named.map(|link| Ok((link, end(tree, link)?))).collect()
}

/// Goes along a link, and along all others on the way.
fn end(tree: &Tree, link: &RepoPath) -> Result<End, ReadError> {
    let mut at = link.parent().unwrap_or_else(RepoPath::root);
    let mut open = vec![link.name_str().to_owned()];
    let mut links = 0;
    while let Some(part) = open.pop() {
        let next = match &*part {
            "" | "." => Some(at.clone()),
            ".." => at.parent(),
            name => at.child(name).ok(),
        };
        let Some(next) = next else { return Ok(End::Unknown) };
        match tree.entry(&next).map(|it| it.mode) {
            Some(Mode::Link) if links < MOST => {
                links += 1;
                let bytes = tree.read(&next)?;
                let target = std::str::from_utf8(&bytes).ok().filter(|it| !it.starts_with('/'));
                let Some(target) = target else { return Ok(End::Unknown) };
                open.extend(target.split('/').rev().map(str::to_owned));
            }
            Some(Mode::Link | Mode::Submodule) => return Ok(End::Unknown),
            Some(Mode::File | Mode::Executable) if !open.is_empty() => return Ok(End::Nothing),
            Some(Mode::File | Mode::Executable) => at = next,
            None if next.is_root() || tree.is_folder(&next) => at = next,
            None => return Ok(End::Nothing),
        }
    }
    // A folder that holds the link holds itself, at any depth.
    Ok(if link.is_under(&at) { End::Unknown } else { End::Place(at) })
}

/// Tells whether the file at the end of a link is the module that the link looks like: that of an
/// `__init__` is its folder, which is another one.
pub(super) fn is_alike(link: &RepoPath, file: &RepoPath) -> bool {
    link.extension() == file.extension() && !is_init(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    #[test]
    fn links_are_followed_to_their_end() {
        let links = [
            ("a", "app"),
            ("a2", "./a/"),
            ("app/up", ".."),
            ("app/self", "."),
            ("b/core", "../app/core"),
            ("b/deep.py", "core/x.py"),
            ("b/gone.py", "core/gone.py"),
            ("b/out", "../../elsewhere"),
            ("etc", "/etc"),
            ("ring", "ring2"),
            ("ring2", "ring"),
            ("lib_x", "lib/x"),
            ("through.py", "app/core/x.py/y.py"),
            ("notes.txt", "app"),
        ];
        let links = links.map(|(path, to)| (path, Mode::Link, to.as_bytes()));
        let others = [
            ("app/core/x.py", Mode::File, b"".as_slice()),
            ("lib", Mode::Submodule, b"".as_slice()),
        ];
        let tree = Tree::new(Memory::snapshot(links.into_iter().chain(others)).unwrap());
        let paths = tree.entries().iter().filter(|(_, it)| it.mode == Mode::Link);
        let found = ends(&tree, paths.map(|(path, _)| path)).unwrap();
        let shown = found.iter().map(|(link, end)| match end {
            End::Place(place) => format!("{link} = {place}"),
            End::Nothing => format!("{link} = nothing"),
            End::Unknown => format!("{link} = unknown"),
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "a = app",
                "a2 = app",
                "app/self = unknown",
                "app/up = unknown",
                "b/core = app/core",
                "b/deep.py = app/core/x.py",
                "b/gone.py = nothing",
                "b/out = unknown",
                "etc = unknown",
                "lib_x = unknown",
                "ring = unknown",
                "ring2 = unknown",
                "through.py = nothing",
            ]
        );
    }
}
