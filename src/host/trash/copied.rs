//! Copies of what git will delete: files and links, the originals still in their places.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{ASIDE, Item, Put, make_folders};
use crate::host::contents::{Disk, Kind};
use crate::host::repo::path_of;
use crate::path::RepoPath;

/// Copies the file or link at `place` to `copy`.
pub(super) fn copy(path: &RepoPath, place: &Path, kind: Kind, copy: &Path) -> io::Result<Item> {
    let meta = fs::symlink_metadata(place)?;
    let link = kind == Kind::Link;
    if link {
        fs::write(copy, fs::read_link(place)?.into_os_string().into_encoded_bytes())?;
    } else {
        fs::copy(place, copy)?;
    }
    let since = meta.modified().ok().and_then(|it| it.duration_since(SystemTime::UNIX_EPOCH).ok());
    let changed = since.map(|it| (it.as_secs(), it.subsec_nanos()));
    Ok(Item {
        path: path.as_bytes().to_vec(),
        link,
        size: meta.len(),
        changed,
        stays: false,
        moved: None,
    })
}

/// Puts a copy in its place through a new name beside it, so that it appears at once.
pub(super) fn put_back(item: &Item, root: &Path, path: &RepoPath, copy: &Path) -> io::Result<Put> {
    let place = root.join(path_of(path.as_bytes()));
    if fs::symlink_metadata(&place).is_ok() {
        let disk = Disk::new(root);
        let same = disk.read(path).is_ok_and(|now| fs::read(copy).is_ok_and(|it| it == now));
        return Ok(if same { Put::Same } else { Put::Occupied });
    }
    if !make_folders(root, path)? {
        return Ok(Put::Occupied);
    }
    let put = if item.link {
        super::link(&path_of(&fs::read(copy)?), &place)
    } else {
        match appear(item, copy, copy, &place) {
            // The git directory may be on another disk than the work tree.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                appear(item, copy, &place, &place)
            }
            done => done,
        }
    };
    match put {
        Ok(()) => Ok(Put::Back),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Put::Occupied),
        Err(error) => Err(error),
    }
}

/// Copies `copy` to a new file in the folder of `near`, and gives that the name `place`.
fn appear(item: &Item, copy: &Path, near: &Path, place: &Path) -> io::Result<()> {
    let folder = near.parent().unwrap_or(near);
    let file = tempfile::Builder::new().prefix(ASIDE).tempfile_in(folder)?;
    fs::copy(copy, file.path())?;
    if let Some((seconds, nanos)) = item.changed {
        let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
        file.as_file().set_modified(time)?;
    }
    file.persist_noclobber(place).map(|_| ()).map_err(|error| error.error)
}
