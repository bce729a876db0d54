//! Files that the user names on the command line: playbooks, saved plans, reports.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::HostError;

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

/// Writes beside `path` and renames, so that no reader sees half of it.
pub(super) fn write_aside(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".overhaul-");
    #[cfg(unix)]
    {
        // As any new file, less what the umask takes; a temporary file is nobody else's to read.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // The cause alone: the path in the message would be one that nobody named.
    let mut file = builder.tempfile_in(folder).map_err(|error| io::Error::from(error.kind()))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
