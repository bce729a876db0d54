//! What is a name, and what belongs to Python itself.

use ruff_python_ast::PythonVersion;
use ruff_python_stdlib::{identifiers, keyword, sys};

/// The newest version of Python whose syntax can be read.
pub const NEWEST: (u8, u8) = PythonVersion::PY315.as_tuple();

/// Tells whether `text` can name something: an identifier that is no keyword.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    identifiers::is_identifier(text)
}

/// Tells whether `text` is a reserved word (the soft ones, such as `match`, are not).
#[must_use]
pub fn is_keyword(text: &str) -> bool {
    keyword::is_keyword(text)
}

/// Tells whether `top_level` is a module of the standard library of the target version.
#[must_use]
pub fn is_stdlib(top_level: &str, target: (u8, u8)) -> bool {
    // The parser's table lists what is on disk; these two are always there.
    matches!(top_level, "__future__" | "__main__")
        || sys::is_known_standard_library(target.1, top_level)
}

/// Tells whether every module has this name without binding it.
#[must_use]
pub fn is_builtin(name: &str) -> bool {
    ruff_python_stdlib::builtins::is_python_builtin(name, NEWEST.1, false)
        || matches!(name, "__name__" | "__file__" | "__doc__" | "__spec__" | "__package__")
}

/// Tells whether `text` is `a.b.c`.
pub(super) fn is_dotted(text: &str) -> bool {
    text.split('.').all(is_identifier)
}

/// Tells whether `text` is `a.b.c` or `a.b:c.d`. A single word is any word, and no path.
pub(super) fn is_path(text: &str) -> bool {
    // Most strings are prose or one word: one look at the bytes spares them the tables.
    let mut parted = false;
    for byte in text.bytes() {
        match byte {
            b'.' | b':' => parted = true,
            b'_' | 128.. => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return false,
        }
    }
    if !parted {
        return false;
    }
    match text.split_once(':') {
        Some((module, name)) => is_dotted(module) && is_dotted(name),
        None => is_dotted(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_the_parser_s() {
        assert_eq!(NEWEST, PythonVersion::latest_preview().as_tuple());
    }

    #[test]
    fn paths_are_whole_dotted_names() {
        for path in ["a.b", "a.b.c", "a.b:c", "a:b.c", "größe.x", "_x.__init__"] {
            assert!(is_path(path), "{path}");
        }
        for prose in
            ["", "a", ".", "a.", ".a", "a..b", "a b", "a:b:c", "a:", "1.2", "a.if", "a-b", "a/b"]
        {
            assert!(!is_path(prose), "{prose}");
        }
    }

    #[test]
    fn the_standard_library_depends_on_the_version() {
        assert!(is_stdlib("os", (3, 12)));
        assert!(is_stdlib("__future__", (3, 12)));
        assert!(is_stdlib("distutils", (3, 11)));
        assert!(!is_stdlib("distutils", (3, 12)));
        assert!(is_stdlib("tomllib", (3, 11)));
        assert!(!is_stdlib("tomllib", (3, 10)));
        assert!(!is_stdlib("requests", (3, 12)));
    }
}
