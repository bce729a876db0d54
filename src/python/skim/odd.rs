//! What facts depend on: words, calls and strings. A function that has one is left to the parser.

use std::sync::LazyLock;

use bstr::Finder;

/// Tells whether a name may do what the facts of a file tell of, or stand for something that may.
pub(super) fn is_odd(name: &[u8]) -> bool {
    matches!(
        name,
        b"ASGI_APPLICATION"
            | b"AUTHENTICATION_BACKENDS"
            | b"CELERY_IMPORTS"
            | b"CELERY_INCLUDE"
            | b"DATABASE_ROUTERS"
            | b"INSTALLED_APPS"
            | b"MIDDLEWARE"
            | b"ROOT_URLCONF"
            | b"WSGI_APPLICATION"
            | b"__all__"
            | b"__import__"
            | b"__module__"
            | b"__package__"
            | b"__path__"
            | b"_convert"
            | b"_convert_"
            | b"addsitedir"
            | b"collect_ignore_modules"
            | b"declare_namespace"
            | b"executable"
            | b"f_globals"
            | b"f_locals"
            | b"find_loader"
            | b"find_spec"
            | b"glob"
            | b"global_enum"
            | b"globals"
            | b"hiddenimports"
            | b"iglob"
            | b"import_by_path"
            | b"import_module"
            | b"import_string"
            | b"importorskip"
            | b"iter_modules"
            | b"iterdir"
            | b"known_first_party"
            | b"listdir"
            | b"load_module"
            | b"load_object"
            | b"locate"
            | b"meta_path"
            | b"modules"
            | b"py_modules"
            | b"pytest_plugins"
            | b"resolve_name"
            | b"rglob"
            | b"run_module"
            | b"scandir"
            | b"walk"
            | b"walk_packages"
    )
}

/// Tells whether a function of this name may be told the name of a module.
pub(super) fn is_told(function: &[u8]) -> bool {
    matches!(
        function,
        b"Analysis"
            | b"Flask"
            | b"Celery"
            | b"PackageLoader"
            | b"as_file"
            | b"assertLogs"
            | b"assertNoLogs"
            | b"at_level"
            | b"autodiscover_tasks"
            | b"config_from_object"
            | b"contents"
            | b"files"
            | b"find_namespace_packages"
            | b"find_packages"
            | b"getLogger"
            | b"get_data"
            | b"get_loader"
            | b"get_logger"
            | b"include"
            | b"is_resource"
            | b"loadTestsFromName"
            | b"open_binary"
            | b"open_text"
            | b"path"
            | b"read_binary"
            | b"read_text"
            | b"register_assert_rewrite"
            | b"resource_exists"
            | b"resource_filename"
            | b"resource_isdir"
            | b"resource_listdir"
            | b"resource_stream"
            | b"resource_string"
            | b"set_level"
            | b"setup"
    )
}

/// Tells whether the inside of a string may hold code that imports something.
pub(super) fn holds_code(inside: &[u8]) -> bool {
    static IMPORT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("import "));
    IMPORT.find(inside).is_some()
}

/// Returns how far a string is made of what dotted paths are made of, and how many dots that has.
pub(super) fn head(inside: &[u8]) -> (usize, usize) {
    let is_part = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.') || *it > 127;
    let length = inside.iter().position(|it| !is_part(it)).unwrap_or(inside.len());
    (length, inside[..length].iter().filter(|it| **it == b'.').count())
}
