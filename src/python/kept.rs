//! Facts as bytes, for a cache, and back.
//!
//! The bytes mean something only to the build that made them: whoever keeps them also keeps
//! [`VERSION`], and believes nothing of another one. Numbers are seven bits a byte, lengths stand
//! before what they count. Bytes that nobody made here are no facts, or other facts: never a panic.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{
    All, Binding, DefinitionKind, FileFacts, Import, ImportedName, Listed, Listing, Literal, Names,
    PathInsert, Snippet, Status, Target,
};

/// Tells builds apart that may read other facts out of the same file, or keep them otherwise.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "-", env!("OVERHAUL_FACTS"));

impl FileFacts {
    /// Returns the facts as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out);
        out
    }

    /// Returns the facts that were made into these bytes; `None` where they are none.
    #[must_use]
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let facts = Self::take(&mut bytes)?;
        bytes.is_empty().then_some(facts)
    }
}

/// What can be kept.
trait Kept: Sized {
    /// Adds the value to `out`.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes a value off the front of `from`.
    fn take(from: &mut &[u8]) -> Option<Self>;
}

/// Keeps structs, field by field: a new field does not compile until it is listed.
macro_rules! records {
    ($($name:ident { $($field:ident),+ })+) => {$(
        impl Kept for $name {
            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field),+ } = self;
                $($field.put(out);)+
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                $(let $field = Kept::take(from)?;)+
                Some(Self { $($field),+ })
            }
        }
    )+};
}

/// Keeps enums: a number for the variant, then its fields.
macro_rules! choices {
    ($($name:ident { $($tag:literal: $variant:ident { $($field:tt: $bound:ident),* })+ })+) => {$(
        impl Kept for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant { $($field: $bound),* } => {
                        out.push($tag);
                        $($bound.put(out);)*
                    })+
                }
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                match byte(from)? {
                    $($tag => {
                        $(let $bound = Kept::take(from)?;)*
                        Some(Self::$variant { $($field: $bound),* })
                    })+
                    _ => None,
                }
            }
        }
    )+};
}

records! {
    FileFacts {
        status, imports, names, literals, main_guard, path_inserts, listings, snippets
    }
    Import {
        statement, span, line, column, level, module, target, optional, type_checking, deferred
    }
    ImportedName { span, name, asname, line, column }
    Names { bound, all, getattr, open, path_changed, modules, given, reaching }
    Literal { text, span, line, docstring, module }
    Snippet { lines, line, imports, whole, open, talk }
    Listing { of, deep, line, span }
    PathInsert { folder, from_file, last, line }
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
        3: Call {}
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
    Listed {
        0: Package { level: level, module: module }
        1: Folder { folder: folder, from_file: from_file }
        2: Unknown {}
    }
    All {
        0: Absent {}
        1: Names { 0: names }
        2: Dynamic { 0: names }
    }
}

impl Kept for usize {
    fn put(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        out.push(rest.to_le_bytes()[0]);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let mut value = 0;
        for shift in (0..Self::BITS).step_by(7) {
            let next = byte(from)?;
            value |= Self::from(next & 0x7f).checked_shl(shift)?;
            if next < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

impl Kept for u32 {
    fn put(&self, out: &mut Vec<u8>) {
        // Every number here counts bytes or lines of a file: `usize` holds it.
        usize::try_from(*self).unwrap_or(usize::MAX).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        usize::take(from)?.try_into().ok()
    }
}

impl Kept for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        match byte(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Kept for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = usize::take(from)?;
        let (text, rest) = from.split_at_checked(length)?;
        *from = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }
}

impl<T: Kept> Kept for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl Kept for crate::text::Span {
    fn put(&self, out: &mut Vec<u8>) {
        (self.start, self.end - self.start).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let (start, length) = Kept::take(from)?;
        Some(start..usize::checked_add(start, length)?)
    }
}

impl<T: Kept> Kept for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        self.iter().for_each(|it| it.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = usize::take(from)?;
        // Nothing takes less than a byte, so no number makes us ask for memory that has no use.
        let mut values = Self::with_capacity(length.min(from.len()).min(1 << 10));
        for _ in 0..length {
            values.push(T::take(from)?);
        }
        Some(values)
    }
}

impl<T: Kept> Kept for BTreeMap<String, T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Vec::<(String, T)>::take(from)?.into_iter().collect())
    }
}

impl Kept for BTreeSet<String> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        self.iter().for_each(|it| it.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Vec::take(from)?.into_iter().collect())
    }
}

fn byte(from: &mut &[u8]) -> Option<u8> {
    let (first, rest) = from.split_first()?;
    *from = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::python::read;

    /// Statements that together make every kind of fact.
    const STATEMENTS: [&str; 24] = [
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
        "import sys\nsys.modules['m.o'] = 1\n",
        "import sys\nsys.path.insert(0, 'lib')\nsys.path.append('more')\n",
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
