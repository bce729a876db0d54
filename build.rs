//! Names the build: whatever decides what is read of a file, what is found in a tree, or how either
//! is kept, changes `OVERHAUL_BUILD`, so that a cache of another build is not believed.
//!
//! By hand the number would be forgotten, and so would a source in a list of sources: it is a hash of
//! all of them, and of the locked dependencies.
#![expect(clippy::disallowed_methods, reason = "a build script reads sources")]

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

const SOURCES: [&str; 2] = ["src", "Cargo.lock"];

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        for file in files(Path::new(source))? {
            file.hash(&mut hasher);
            fs::read(&file)?.hash(&mut hasher);
        }
    }
    println!("cargo::rustc-env=OVERHAUL_BUILD={:016x}", hasher.finish());
    Ok(())
}

/// Returns the files at or below `path`, in order; none where there is none, as `Cargo.lock` in a
/// package that somebody else's project locks.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(path.exists().then(|| path.to_owned()).into_iter().collect());
    }
    let entries = fs::read_dir(path)?.map(|it| it.map(|it| it.path()));
    let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let nested = entries.iter().map(|it| files(it)).collect::<io::Result<Vec<_>>>()?;
    Ok(nested.concat())
}
