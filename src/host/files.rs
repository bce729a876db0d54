//! Files that the user names on the command line: playbooks, saved plans, reports.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::{HostError, Refusal};
use super::trash::MOVED;

/// Reads a file that the user named.
///
/// # Errors
/// When it cannot be read.
pub fn read_file(path: &Path) -> Result<Vec<u8>, HostError> {
    fs::read(path).map_err(|error| HostError::disk("read", path, error))
}

/// Returns the entries of a folder, sorted; none where there is no such folder.
///
/// # Errors
/// When it is there and cannot be read.
pub fn list_folder(path: &Path) -> Result<Vec<PathBuf>, HostError> {
    let failed = |error| HostError::disk("list", path, error);
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let paths = entries.map(|entry| entry.map(|it| it.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

/// Writes a file that the user named: whole, or not at all.
///
/// # Errors
/// When it cannot be written; what stood there is then untouched.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), HostError> {
    let failed = |error| HostError::disk("write", path, error);
    // A device, such as `/dev/stdout`, cannot be replaced.
    if fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir()) {
        return fs::write(path, bytes).map_err(failed);
    }
    write_aside(path, bytes).map_err(failed)
}

/// Removes a file, if there is one.
pub(super) fn remove_file(path: &Path) -> Result<(), HostError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(HostError::disk("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Removes a folder and all in it, if there is one.
pub(super) fn remove_folder(path: &Path) -> Result<(), HostError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(HostError::disk("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Removes a file, a link, or a folder and all in it, if there is one; also where a folder in it may
/// not be written to, as the caches of some tools.
pub(super) fn remove_all(path: &Path) -> Result<(), HostError> {
    let failed = |error| HostError::disk("remove", path, error);
    if fs::symlink_metadata(path).is_ok_and(|it| !it.is_dir()) {
        return remove_file(path);
    }
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(path).map_err(failed)?;
            remove_folder(path)
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

/// Gives us the right to remove what is in a folder.
fn open_up(folder: &Path) -> io::Result<()> {
    let mut rights = fs::symlink_metadata(folder)?.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o700);
    #[cfg(not(unix))]
    rights.set_readonly(false);
    fs::set_permissions(folder, rights)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

/// Tells whether a symbolic link stands at `path`.
pub(super) fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|it| it.is_symlink())
}

/// Refuses a folder of ours in which, or in whose place, a symbolic link stands. What was moved into
/// the trash is not ours.
pub(super) fn check_no_link(place: &Path) -> Result<(), HostError> {
    let kind = match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        kind => kind.map_err(|error| HostError::disk("read", place, error))?,
    };
    match kind.file_type() {
        it if it.is_symlink() => Err(Refusal::Linked(place.to_owned()).into()),
        it if it.is_dir() && !place.ends_with(MOVED) => {
            list_folder(place)?.iter().try_for_each(|it| check_no_link(it))
        }
        _ => Ok(()),
    }
}

/// Takes away lock files that a git which was killed may have left, where they stay as they are for
/// a second: they are such as no git holds for as long.
pub(super) fn drop_stale(locks: &[PathBuf]) -> Result<(), HostError> {
    let stamp = |lock: &Path| fs::metadata(lock).and_then(|it| it.modified()).ok();
    let seen: Vec<_> = locks.iter().filter_map(|it| Some((it, stamp(it)?))).collect();
    if seen.is_empty() {
        return Ok(());
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    let stale = seen.iter().filter(|(lock, then)| stamp(lock) == Some(*then));
    stale.into_iter().try_for_each(|(lock, _)| remove_file(lock))
}

/// Waits until what was written to the file system of `folder` is on the disk. Once, for thousands
/// of objects: to ask for each of them takes a hundred times as long.
pub(super) fn settle(folder: &Path) -> Result<(), HostError> {
    #[cfg(target_os = "linux")]
    let settled = fs::File::open(folder).and_then(|it| Ok(rustix::fs::syncfs(it)?));
    #[cfg(not(target_os = "linux"))]
    let settled = {
        rustix::fs::sync();
        Ok(())
    };
    settled.map_err(|error| HostError::disk("write", folder, error))
}

/// Writes beside `path` and renames, so that no reader sees half of it.
pub(super) fn write_aside(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Opened as any new file is; one that is only temporary would be nobody else's to read.
    let open = |path: &Path| fs::File::options().write(true).create_new(true).open(path);
    let mut file = tempfile::Builder::new().prefix(".overhaul-").make_in(folder, open)?;
    // Not through the wrapper, whose errors name a path that nobody else does.
    file.as_file_mut().write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
