//! Where what a path led to is now.

use super::{Parts, parts_of};
use crate::facts::{Facts, Found};
use crate::path::RepoPath;
use crate::rewrite::Moves;
use crate::rewrite::places::module_path;
use crate::tree::Tree;

/// Both trees, seen from one file that moved.
pub(super) struct Targets<'a> {
    pub(super) before: (&'a Tree, &'a Facts),
    pub(super) after: &'a Tree,
    pub(super) moves: &'a Moves,
    /// Where the file was.
    pub(super) from: &'a RepoPath,
    /// Where it is.
    pub(super) to: &'a RepoPath,
}

impl Targets<'_> {
    /// Returns where a place is now; `None` where that cannot be told. `inserted` tells that modules
    /// are looked for there.
    pub(super) fn now(&self, was: &Parts, inserted: bool) -> Option<Parts> {
        let Some(path) = path_of(was) else { return Some(was.clone()) };
        let own = self.from.parent()?;
        if path.is_root() && !own.is_root() {
            return Some(Vec::new());
        }
        if path == own && inserted {
            return self.beside().and_then(|it| parts_of(&it));
        }
        let tree = self.before.0;
        if tree.entry(&path).is_some() {
            let now = self.moves.paths.get(&path).unwrap_or(&path);
            return self.after.entry(now).and_then(|_| parts_of(now));
        }
        if tree.is_folder(&path) {
            let left = self.after.is_folder(&path);
            let stays = left && path != own;
            return match self.home_of(&path) {
                Some(home) if !stays => parts_of(&home),
                Some(_) | None => stays.then(|| was.clone()),
            };
        }
        // Untracked: where the folder is that it stands in, or will.
        let above = path.folders().find(|it| it.is_root() || tree.is_folder(it))?;
        if above == own {
            return None;
        }
        let mut now = self.now(&parts_of(&above)?, false)?;
        now.extend(parts_of(&path.relative_to(&above)?)?);
        Some(now)
    }

    /// Tells whether a folder is still there.
    pub(super) fn is_folder(&self, was: &Parts) -> bool {
        path_of(was).is_some_and(|path| path.is_root() || self.after.is_folder(&path))
    }

    /// Returns the one folder to which all that a folder held went.
    fn home_of(&self, folder: &RepoPath) -> Option<RepoPath> {
        let mut homes = self.before.0.under(folder).map(|(path, _)| {
            let below = path.relative_to(folder)?;
            let now = self.moves.paths.get(path)?;
            now.folders()
                .nth(below.depth().checked_sub(1)?)
                .filter(|home| now.relative_to(home).as_ref() == Some(&below))
        });
        let home = homes.next()??;
        homes.all(|other| other.as_ref() == Some(&home)).then_some(home)
    }

    /// Returns the folder in which those modules are now that the file found beside itself.
    fn beside(&self) -> Option<RepoPath> {
        let (old, new) = (self.from.parent()?, self.to.parent()?);
        let (_, facts) = self.before;
        let imports = facts.files().get(self.from)?.imports.iter().filter(|it| it.level == 0);
        let (mut stays, mut goes) = (false, false);
        for import in imports {
            let Found::Module(module) = facts.find(self.from, 0, &import.module) else { continue };
            let below = old.child(&import.module.replace('.', "/")).ok();
            let Some(path) = module_path(&module).filter(|it| Some(it) == below.as_ref()) else {
                continue;
            };
            let at_new = path.rebase(&old, &new);
            let is_there = at_new.is_some_and(|it| {
                self.after.is_folder(&it) || self.after.entry(&with_py(&it)).is_some()
            });
            if is_there { goes = true } else { stays = true }
        }
        match (stays, goes) {
            (true, true) => None,
            (true, false) => Some(old),
            (false, _) => Some(new),
        }
    }
}

fn with_py(path: &RepoPath) -> RepoPath {
    let name = format!("{}.py", path.name_str());
    let beside = path.parent().and_then(|folder| folder.child(&name).ok());
    beside.unwrap_or_else(|| path.clone())
}

/// Returns the path of parts that stay in the repository.
fn path_of(parts: &Parts) -> Option<RepoPath> {
    if parts.is_empty() { Some(RepoPath::root()) } else { RepoPath::new(&parts.join("/")).ok() }
}
