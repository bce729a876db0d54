//! What stands in the packages of the standard library: a folder of the same name does not hide it.

/// The packages, with what stands directly in them in any version from 3.7 to 3.14. Left out are those
/// that nothing else imports, and those that are loaded before any program.
const PACKAGES: [(&str, &str); 30] = [
    (
        "asyncio",
        "base_events base_futures base_subprocess base_tasks constants coroutines events \
         exceptions format_helpers futures graph locks log mixins proactor_events protocols \
         queues runners selector_events sslproto staggered streams subprocess taskgroups tasks \
         threads timeouts tools transports trsock unix_events windows_events windows_utils",
    ),
    ("collections", "abc"),
    ("compression", "_common bz2 gzip lzma zlib zstd"),
    ("concurrent", "futures interpreters"),
    ("ctypes", "_aix _endian macholib util wintypes"),
    ("curses", "ascii has_key panel textpad"),
    ("dbm", "dumb gnu ndbm sqlite3"),
    (
        "distutils",
        "_msvccompiler archive_util bcppcompiler ccompiler cmd command config core \
         cygwinccompiler debug dep_util dir_util dist errors extension fancy_getopt file_util \
         filelist log msvc9compiler msvccompiler spawn sysconfig text_file unixccompiler util \
         version versionpredicate",
    ),
    (
        "email",
        "_encoded_words _header_value_parser _parseaddr _policybase base64mime charset \
         contentmanager encoders errors feedparser generator header headerregistry iterators \
         message mime parser policy quoprimime utils",
    ),
    ("html", "entities parser"),
    ("http", "client cookiejar cookies server"),
    (
        "importlib",
        "_abc _adapters _bootstrap _bootstrap_external _common abc machinery metadata readers \
         resources simple util",
    ),
    ("json", "decoder encoder scanner tool"),
    ("logging", "config handlers"),
    (
        "multiprocessing",
        "connection context dummy forkserver heap managers pool popen_fork popen_forkserver \
         popen_spawn_posix popen_spawn_win32 process queues reduction resource_sharer \
         resource_tracker semaphore_tracker shared_memory sharedctypes spawn synchronize util",
    ),
    ("pathlib", "_abc _local _os types"),
    ("re", "_casefix _compiler _constants _parser"),
    ("sqlite3", "dbapi2 dump"),
    ("string", "templatelib"),
    ("sysconfig", ""),
    (
        "tkinter",
        "colorchooser commondialog constants dialog dnd filedialog font messagebox scrolledtext \
         simpledialog tix ttk",
    ),
    ("tomllib", "_parser _re _types"),
    ("unittest", "_log async_case case loader main mock result runner signals suite util"),
    ("urllib", "error parse request response robotparser"),
    ("venv", ""),
    ("wsgiref", "handlers headers simple_server types util validate"),
    ("xml", "dom etree parsers sax"),
    ("xmlrpc", "client server"),
    ("zipfile", "_path"),
    ("zoneinfo", "_common _tzpath _zoneinfo"),
];

/// Tells whether a package of the standard library has a module of that name, in some version.
#[must_use]
pub fn is_stdlib_submodule(package: &str, name: &str) -> bool {
    let at = PACKAGES.binary_search_by_key(&package, |(package, _)| *package);
    at.is_ok_and(|at| PACKAGES[at].1.split(' ').any(|it| it == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_sorted() {
        assert!(PACKAGES.is_sorted_by(|one, other| one.0 < other.0));
        assert!(is_stdlib_submodule("asyncio", "events"));
        assert!(is_stdlib_submodule("zoneinfo", "_common"));
        assert!(!is_stdlib_submodule("email", "mine"));
        assert!(!is_stdlib_submodule("queue", "x"));
    }
}
