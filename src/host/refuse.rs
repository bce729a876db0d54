//! Repositories that overhaul could get wrong: told apart before anything is said of them.
//!
//! git's library is silently wrong about sparse checkouts and filters, finds no blobs in partial
//! clones, and does not open the newer formats. So the configuration, as git itself reads it,
//! decides.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::error::{HostError, Refusal};
use super::git::{Config, Git, Running, is_true};

/// Refuses to work elsewhere than git would, which follows these variables. A hook is given those of
/// its own repository.
pub(super) fn by_environment(git_dir: &Path, root: &Path) -> Result<(), Refusal> {
    for (variable, place) in [("GIT_DIR", git_dir), ("GIT_WORK_TREE", root)] {
        let Some(named) = std::env::var_os(variable) else { continue };
        let here = Path::new(&named).canonicalize();
        // A hook begins at the root, and we may have gone elsewhere since.
        let there = root.join(&named).canonicalize();
        let real = place.canonicalize();
        let same = |path: &std::io::Result<_>| matches!((path, &real), (Ok(a), Ok(b)) if a == b);
        if !same(&here) && !same(&there) {
            return Err(named_elsewhere(variable, &named, root));
        }
    }
    Ok(())
}

/// Says what a git directory, and the one that it shares, lack of a repository. git does not.
pub(super) fn lack_of(git_dir: Option<PathBuf>, shared: Option<PathBuf>) -> Option<String> {
    let git_dir = git_dir?;
    let head = git_dir.join("HEAD");
    let mut wanted = vec![git_dir.clone(), head.clone()];
    wanted.extend(shared.iter().flat_map(|it| ["objects", "refs"].map(|name| it.join(name))));
    if let Some(missing) = wanted.iter().find(|it| !it.exists()) {
        return Some(format!("`{}` is missing", missing.display()));
    }
    let text = match std::fs::read(&head) {
        Ok(bytes) => bytes,
        Err(error) => return Some(format!("`{}` cannot be read: {error}", head.display())),
    };
    let named = text.strip_prefix(b"ref:").is_some_and(|it| it.trim_ascii().starts_with(b"refs/"));
    let id = text.trim_ascii();
    let detached = id.len() >= 40 && id.iter().all(u8::is_ascii_hexdigit);
    (!named && !detached).then(|| format!("`{}` names no branch and no commit", head.display()))
}

/// Says that a variable leads away from the work tree at `root`.
pub(super) fn named_elsewhere(variable: &'static str, named: &OsStr, root: &Path) -> Refusal {
    let named = named.to_string_lossy().into_owned();
    Refusal::Named { variable, named, root: root.to_owned() }
}

/// Refuses what the configuration gives away.
pub(super) fn by_config(config: &Config) -> Result<(), Refusal> {
    match config.get("extensions.objectformat") {
        None | Some("sha1") => {}
        Some(other) => return Err(Refusal::ObjectFormat(other.to_owned())),
    }
    match config.get("extensions.refstorage") {
        None | Some("files") => {}
        Some(other) => return Err(Refusal::RefFormat(other.to_owned())),
    }
    if config.is_on("core.sparsecheckout") {
        return Err(Refusal::Sparse);
    }
    let promised = config.section("remote.").any(|(key, value)| {
        key.ends_with(".partialclonefilter") || (key.ends_with(".promisor") && is_true(value))
    });
    if promised || config.get("extensions.partialclone").is_some() {
        return Err(Refusal::Partial);
    }
    Ok(())
}

/// Asks git of which tracked files attributes tell a filter, or that there is none; it finds out while
/// we do something else.
pub(super) fn begin_filtered(git: &Git) -> Result<Running, HostError> {
    // For each such pattern git looks for attributes in every folder, so there is only one.
    git.begin_pathspecs(&["ls-files", "-z", "--", ":(top)", UNTOLD])
}

/// Refuses a repository of which a tracked file goes through a filter. One that is only
/// configured, and that no attribute names, is no matter.
pub(super) fn by_filters(git: &Git, told: Running) -> Result<(), HostError> {
    if told.end()?.is_empty() {
        return Ok(());
    }
    let ask = ["ls-files", "-z", "--", ":(top)", UNTOLD, ":(top,exclude,attr:-filter)"];
    let filtered = git.begin_pathspecs(&ask)?.end()?;
    match filtered.split(|byte| *byte == 0).find(|it| !it.is_empty()) {
        Some(path) => Err(Refusal::Filtered(String::from_utf8_lossy(path).into_owned()).into()),
        None => Ok(()),
    }
}

/// Leaves out the files of which no attribute tells anything about a filter.
const UNTOLD: &str = ":(top,exclude,attr:!filter)";

/// Returns the names of the filters that are configured, to override them.
pub(super) fn filters(config: &Config) -> Vec<String> {
    let mut names: Vec<String> = config
        .section("filter.")
        .filter_map(|(key, _)| Some(key.strip_prefix("filter.")?.rsplit_once('.')?.0.to_owned()))
        .collect();
    names.dedup();
    names
}
