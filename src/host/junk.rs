//! What steps want off the disk, and is there: files and whole folders that git does not track.
//!
//! What is tracked is for git to say: the index and HEAD, and the tree that the plan makes. No link is
//! followed, and other repositories are not entered, whatever a pattern matches.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use super::error::{HostError, Refusal};
use super::repo::{Repo, path_of};
use crate::finding::Finding;
use crate::path::{PathError, RepoPath};
use crate::plan::{Junk, JunkKind, OnDisk, Plan, Weight};
use crate::steps::{LeftAlone, Sweep};
use crate::tree::blob_id;

impl Repo {
    /// Looks for what the steps of a plan want off the disk. Writes nothing.
    ///
    /// # Errors
    /// When git cannot tell what is tracked.
    pub fn junk(&self, plan: &Plan) -> Result<OnDisk, HostError> {
        let mut disk = OnDisk::default();
        if plan.sweeps().next().is_none() {
            return Ok(disk);
        }
        let tracked = Tracked::read(self, plan)?;
        let world = World::of(self)?;
        for (step, sweep) in plan.sweeps() {
            let mut search =
                Search { root: self.root(), tracked: &tracked, world: &world, sweep, step, disk };
            search.folder(&RepoPath::root(), false);
            disk = search.disk;
        }
        Ok(disk.sorted())
    }
}

/// What git has, or is to have, at some path.
struct Tracked {
    paths: BTreeSet<Vec<u8>>,
    submodules: BTreeSet<Vec<u8>>,
    /// Whether names that differ in case are one name, as git was told.
    folds: bool,
}

impl Tracked {
    fn read(repo: &Repo, plan: &Plan) -> Result<Self, HostError> {
        let folds = repo.config().is_on("core.ignorecase");
        let mut tracked = Self { paths: BTreeSet::new(), submodules: BTreeSet::new(), folds };
        // All stages: what is in conflict is somebody's work.
        let listing = repo.git().run(&["ls-files", "--stage", "--full-name", "-z"])?;
        for record in listing.split(|byte| *byte == 0) {
            let Some(tab) = record.iter().position(|byte| *byte == b'\t') else { continue };
            let path = tracked.fold(&record[tab + 1..]);
            if record.starts_with(b"160000 ") {
                tracked.submodules.insert(path.clone());
            }
            tracked.paths.insert(path);
        }
        let head = match repo.commit("HEAD") {
            Ok(head) => Some(repo.snapshot(&head)?),
            // A plan may stand on another commit.
            Err(HostError::Refused(Refusal::NoCommit)) => None,
            Err(error) => return Err(error),
        };
        let head = head.iter().flat_map(|it| it.entries.keys());
        for path in head.chain(plan.after.entries().keys()) {
            let path = tracked.fold(path.as_bytes());
            tracked.paths.insert(path);
        }
        Ok(tracked)
    }

    fn fold(&self, path: &[u8]) -> Vec<u8> {
        match (self.folds, std::str::from_utf8(path)) {
            (true, Ok(text)) => text.to_lowercase().into_bytes(),
            _ => path.to_owned(),
        }
    }

    fn has(&self, path: &RepoPath) -> bool {
        self.paths.contains(&self.fold(path.as_bytes()))
    }

    fn is_submodule(&self, path: &RepoPath) -> bool {
        self.submodules.contains(&self.fold(path.as_bytes()))
    }

    fn has_below(&self, folder: &RepoPath) -> bool {
        let head = [self.fold(folder.as_bytes()).as_slice(), b"/"].concat();
        let mut below =
            self.paths.range::<[u8], _>((Bound::Included(head.as_slice()), Bound::Unbounded));
        below.next().is_some_and(|it| it.starts_with(&head))
    }
}

/// What is the same for the whole work tree.
struct World {
    device: u64,
    /// Whether the trash is on another file system.
    crosses: bool,
    /// The virtual environment that overhaul was started in.
    environment: Option<PathBuf>,
}

impl World {
    fn of(repo: &Repo) -> Result<Self, HostError> {
        let device = |path: &Path| {
            let meta = fs::metadata(path).map_err(|error| HostError::disk("read", path, error))?;
            Ok::<u64, HostError>(device_of(&meta))
        };
        let root = device(repo.root())?;
        let environment = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
        Ok(Self {
            device: root,
            crosses: root != device(repo.common_dir())?,
            environment: environment.and_then(|it| it.canonicalize().ok()),
        })
    }
}

/// The search of one step.
struct Search<'a> {
    root: &'a Path,
    tracked: &'a Tracked,
    world: &'a World,
    sweep: &'a Sweep,
    step: &'a str,
    disk: OnDisk,
}

/// What stands in a folder, in order.
type Listing = Vec<(OsString, Metadata)>;

impl Search<'_> {
    /// Looks through a folder; where it is wanted, each thing in it is.
    fn folder(&mut self, folder: &RepoPath, wanted: bool) {
        let listing = match list(&self.place(folder)) {
            Ok(listing) => listing,
            Err(error) => {
                let message = format!("cannot be read, and stays as it is: {}", error.kind());
                self.disk.findings.push(Finding::warning(Some(folder.clone()), message));
                return;
            }
        };
        for (name, meta) in listing {
            // What is no path of ours is `.git`, or a name that no pattern can match.
            let Some(path) = child(folder, &name) else { continue };
            if self.sweep.is_archived(&path) {
                continue;
            }
            let wanted = wanted || self.sweep.names(&path);
            if self.tracked.has(&path) {
                if wanted && self.tracked.is_submodule(&path) {
                    self.leave(&path, "a submodule is another repository");
                }
            } else if meta.is_dir() {
                self.found_folder(&path, &meta, wanted);
            } else if wanted {
                self.found_file(&path, &meta);
            }
        }
    }

    fn found_folder(&mut self, path: &RepoPath, meta: &Metadata, wanted: bool) {
        let inside = list(&self.place(path)).unwrap_or_default();
        let environment = inside.iter().any(|(name, _)| name == ENVIRONMENT);
        let named = || child(path, ENVIRONMENT.as_ref()).is_some_and(|it| self.sweep.names(&it));
        let wanted = wanted || (environment && named());
        if let Some(reason) = self.reason_to_stay_out(path, meta, &inside) {
            if wanted {
                self.leave(path, reason);
            }
            return;
        }
        if !wanted {
            if !environment {
                self.folder(path, false);
            }
            return;
        }
        if let Some(reason) = self.sweep.reason_to_keep(path).filter(|_| self.sweep.keeps_whole()) {
            self.leave(path, reason);
            return;
        }
        let mut names = Vec::new();
        match self.weigh(path, meta, &mut names) {
            Some(weight) if self.can_move(path, meta) => {
                self.take(path, JunkKind::Folder, weight, &names);
            }
            Some(_) => self.leave(path, NO_PERMISSION),
            None => self.folder(path, true),
        }
    }

    fn found_file(&mut self, path: &RepoPath, meta: &Metadata) {
        let kind = if meta.is_symlink() {
            JunkKind::Link
        } else if meta.is_file() {
            JunkKind::File
        } else {
            JunkKind::Special
        };
        if let Some(reason) = self.sweep.reason_to_keep(path) {
            self.leave(path, reason);
        } else if kind == JunkKind::Special && self.world.crosses {
            self.leave(path, "it is no file, and the trash is on another file system");
        } else if self.can_move(path, meta) {
            self.take(path, kind, Weight { files: 1, bytes: meta.len() }, &[]);
        } else {
            self.leave(path, NO_PERMISSION);
        }
    }

    /// Says why a folder is not ours to look into.
    fn reason_to_stay_out(
        &self,
        path: &RepoPath,
        meta: &Metadata,
        inside: &Listing,
    ) -> Option<&'static str> {
        let in_use = |it: &PathBuf| self.place(path).canonicalize().is_ok_and(|real| *it == real);
        if is_repository(inside) {
            Some("it is another repository")
        } else if device_of(meta) != self.world.device {
            Some("another file system is mounted there")
        } else if self.world.environment.as_ref().is_some_and(in_use) {
            Some("it is the virtual environment in use")
        } else {
            None
        }
    }

    /// Returns how much is in a folder, and what it is called; `None` where something in it has to
    /// stay.
    fn weigh(&self, folder: &RepoPath, meta: &Metadata, names: &mut Vec<u8>) -> Option<Weight> {
        let listing = list(&self.place(folder)).ok()?;
        let stays = self.tracked.has_below(folder)
            || self.sweep.is_archived(folder)
            || self.sweep.reason_to_keep(folder).is_some()
            || self.reason_to_stay_out(folder, meta, &listing).is_some()
            || (self.world.crosses && !self.can_empty(folder));
        if stays {
            return None;
        }
        let mut sum = Weight::default();
        for (name, meta) in listing {
            let path = child(folder, &name)?;
            names.extend_from_slice(path.as_bytes());
            names.push(if meta.is_dir() { b'/' } else { 0 });
            let weight = if meta.is_dir() {
                self.weigh(&path, &meta, names)?
            } else if self.sweep.is_archived(&path)
                || self.sweep.reason_to_keep(&path).is_some()
                || (self.world.crosses && !(meta.is_file() || meta.is_symlink()))
            {
                return None;
            } else {
                Weight { files: 1, bytes: meta.len() }
            };
            sum = [sum, weight].into_iter().sum();
        }
        Some(sum)
    }

    /// Tells whether the system would let us move it: a folder has to be writable itself, too.
    fn can_move(&self, path: &RepoPath, meta: &Metadata) -> bool {
        let folder = path.parent().unwrap_or_else(RepoPath::root);
        self.can_empty(&folder) && (!meta.is_dir() || self.can_empty(path))
    }

    fn can_empty(&self, folder: &RepoPath) -> bool {
        use rustix::fs::Access;
        rustix::fs::access(self.place(folder), Access::WRITE_OK | Access::EXEC_OK).is_ok()
    }

    fn take(&mut self, path: &RepoPath, kind: JunkKind, weight: Weight, names: &[u8]) {
        let (path, step, names) = (path.clone(), self.step.to_owned(), blob_id(names));
        self.disk.junk.push(Junk { path, kind, step, weight, names });
    }

    fn leave(&mut self, path: &RepoPath, reason: &str) {
        let (path, reason) = (path.clone(), reason.to_owned());
        let left = LeftAlone { path, reason, evidence: Vec::new() };
        self.disk.left_alone.entry(self.step.to_owned()).or_default().push(left);
    }

    fn place(&self, path: &RepoPath) -> PathBuf {
        self.root.join(path_of(path.as_bytes()))
    }
}

/// The file that makes a folder a virtual environment.
const ENVIRONMENT: &str = "pyvenv.cfg";

const NO_PERMISSION: &str = "there is no permission to move it";

fn list(folder: &Path) -> io::Result<Listing> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(meta) => found.push((entry.file_name(), meta)),
            // Whoever wrote it took it away again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found)
}

fn child(folder: &RepoPath, name: &std::ffi::OsStr) -> Option<RepoPath> {
    let mut path = folder.as_bytes().to_vec();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name.as_encoded_bytes());
    RepoPath::from_bytes(&path).ok()
}

/// Tells whether a folder is the root of a repository or of a work tree, or a git directory.
fn is_repository(inside: &Listing) -> bool {
    let has = |wanted: &str| inside.iter().any(|(name, _)| name == wanted);
    let is_git = |(name, _): &(OsString, Metadata)| {
        matches!(RepoPath::from_bytes(name.as_encoded_bytes()), Err(PathError::Git(_)))
    };
    inside.iter().any(is_git) || (has("HEAD") && has("objects") && has("refs"))
}

#[cfg(unix)]
fn device_of(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(meta)
}

#[cfg(not(unix))]
fn device_of(_: &Metadata) -> u64 {
    0
}
