//! What is kept of the facts of a file, see [`crate::kept`].

use super::model::{
    All, Anchor, Attempt, Binding, DefinitionKind, FileFacts, Framework, Getattr, Import,
    ImportedName, Listed, Listing, Literal, Names, PathInsert, PathSpot, Snippet, Start, Status,
    Target,
};
use crate::kept::{choices, records};

records! {
    FileFacts {
        status, imports, asks, attempts, names, literals, main_guard, path_inserts, starts, listings,
        snippets
    }
    Import {
        statement, span, line, column, anchor, level, module, target, optional, name_optional, fallback,
        type_checking, deferred
    }
    Attempt { start, tried, handler, end }
    ImportedName { span, name, asname, line, column }
    Names {
        bound, all, getattr, open, made, path_changed, childless, registers, idle, gone, modules, given,
        reaching
    }
    Literal { text, span, line, docstring, module }
    Snippet { lines, line, imports, whole, open, talk }
    Listing { of, deep, line, span }
    PathInsert { folder, from_file, spot, line }
    Start { file, from_file, line, own_path }
}

choices! {
    Status {
        0: Parsed {}
        1: Broken { line: line, column: column, message: message }
        2: Undecodable { 0: message }
    }
    Target {
        0: Module { asname: asname }
        1: Names { 0: names }
        2: Star {}
        3: Call { names: names, top: top }
    }
    Binding {
        0: Definition { kind: kind, span: span }
        1: Import { import: import, name: name }
    }
    DefinitionKind {
        0: Function {}
        1: Class {}
        2: Variable {}
        3: Annotation {}
    }
    Getattr {
        0: Absent {}
        1: Names { 0: names }
        2: Any {}
    }
    Listed {
        0: Package { level: level, module: module }
        1: Folder { folder: folder, from_file: from_file }
        2: Unknown {}
        3: Named { name: name }
        4: Apps { name: name, framework: framework }
    }
    Framework {
        0: Django {}
        1: Celery {}
    }
    Anchor {
        0: Package {}
        1: Name {}
        2: Joined {}
    }
    PathSpot {
        0: First {}
        1: Second {}
        2: Last {}
    }
    All {
        0: Absent {}
        1: Names { 0: names }
        2: Dynamic { 0: names }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kept::Kept as _;
    use crate::python::read;

    /// Statements that together make every kind of fact.
    const STATEMENTS: [&str; 26] = [
        "import a.b as c, d\n",
        "from ..x import (y as z, w)\n",
        "from s import *\n",
        "try:\n    import t\nexcept ImportError:\n    t = None\n",
        "def f():\n    from . import g\n",
        "if TYPE_CHECKING:\n    import u\n",
        "import importlib\nimportlib.import_module('v.w')\n",
        "__all__ = ['f', 'C']\n",
        "__all__ = names()\n",
        "__all__ += ['h']\n",
        "class C:\n    pass\n",
        "n: int\n",
        "k = l = 'a.b.c'\n",
        "'''a.b:c'''\n",
        "globals()['q'] = 1\n",
        "def __getattr__(name): ...\n",
        "__path__.append('r')\n",
        "__path__ = []\n",
        "import sys\nsys.modules['m.o'] = 1\n",
        "import sys\nsys.path.insert(0, 'lib')\nsys.path.append('more')\n",
        "import sys\nrun([sys.executable, 'a.py'])\n",
        "import pkgutil\npkgutil.iter_modules(__path__)\n",
        "CODE = '''\nimport p.q\nfrom p import r\n'''\n",
        "if __name__ == '__main__':\n    f()\n",
        "é = 'ü.ö'\n",
        "def broken(:\n",
    ];

    fn texts() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(&STATEMENTS[..]), 0..12)
            .prop_map(|statements| statements.concat())
    }

    proptest! {
        #[test]
        fn what_is_kept_comes_back(text in texts(), minor in 7_u8..15) {
            let facts = read(text.as_bytes(), (3, minor));
            prop_assert_eq!(FileFacts::from_bytes(&facts.to_bytes()), Some(facts));
        }

        #[test]
        fn other_bytes_do_no_harm(text in texts(), at in any::<usize>(), byte: u8) {
            let mut bytes = read(text.as_bytes(), (3, 13)).to_bytes();
            let at = at % bytes.len();
            prop_assert_eq!(FileFacts::from_bytes(&bytes[..at]), None);
            // What comes out is for the checksum to judge.
            bytes[at] = byte;
            let _ = FileFacts::from_bytes(&bytes).map(|facts| facts.to_bytes());
        }
    }

    #[test]
    fn what_cannot_be_decoded_comes_back() {
        let facts = read(b"\xff\xfe\x00", (3, 13));
        assert_eq!(FileFacts::from_bytes(&facts.to_bytes()), Some(facts));
    }
}
