//! What other files can see of a file: its facts, without the places where they stand.
//!
//! A comment, a docstring or the body of a function leave it as it is. The order of what runs is part
//! of it. Everything is taken apart by name, so that a new fact does not compile until it is told
//! whether it counts.

use super::bound::Bound;
use super::model::{
    All, Binding, FileFacts, Import, ImportedName, Listing, Literal, Names, Snippet, Target,
};
use crate::kept::Kept as _;

/// An outline that is being written.
struct Outline {
    out: Vec<u8>,
    /// Where imports and definitions begin, in order.
    starts: Vec<usize>,
}

impl FileFacts {
    /// Returns the facts without places, as bytes.
    #[must_use]
    pub fn outline(&self) -> Vec<u8> {
        let Self {
            status,
            imports,
            // A function of the imports.
            asks: _,
            names,
            literals,
            main_guard,
            path_inserts,
            starts: started,
            listings,
            snippets,
            attempts,
        } = self;
        let mut outline = Outline { out: Vec::new(), starts: starts(self) };
        status.put(&mut outline.out);
        main_guard.put(&mut outline.out);
        // These are numbers of imports.
        attempts.put(&mut outline.out);
        // Their lines are shown as the reason of a root.
        path_inserts.put(&mut outline.out);
        // And so are these, of a run.
        started.put(&mut outline.out);
        outline.imports(imports);
        outline.names(names);
        let out = &mut outline.out;
        literals.len().put(out);
        for Literal { text, docstring, module, span: _, line: _ } in literals {
            text.put(out);
            (*docstring, *module).put(out);
        }
        listings.len().put(out);
        for Listing { of, deep, line: _, span: _ } in listings {
            of.put(out);
            deep.put(out);
        }
        snippets.len().put(out);
        for Snippet { imports, whole, open, talk, lines: _, line: _ } in snippets {
            (*whole, (*open, *talk)).put(&mut outline.out);
            // Their places are those in the snippet.
            imports.put(&mut outline.out);
        }
        outline.out
    }
}

impl Outline {
    fn imports(&mut self, imports: &[Import]) {
        imports.len().put(&mut self.out);
        for import in imports {
            let Import {
                statement,
                anchor,
                level,
                module,
                target,
                optional,
                name_optional,
                fallback,
                type_checking,
                deferred,
                span: _,
                line: _,
                column: _,
            } = import;
            self.place(statement.start);
            let out = &mut self.out;
            anchor.put(out);
            level.put(out);
            module.put(out);
            ((*optional, *name_optional), (*fallback, (*type_checking, *deferred))).put(out);
            match target {
                Target::Module { asname } => {
                    out.push(0);
                    asname.put(out);
                }
                Target::Names(names) => {
                    out.push(1);
                    put_names(names, out);
                }
                Target::Star => out.push(2),
                Target::Call { names, top } => {
                    out.push(3);
                    put_names(names, out);
                    top.put(out);
                }
            }
        }
    }

    fn names(&mut self, names: &Names) {
        let Names {
            bound,
            all,
            getattr,
            open,
            made,
            path_changed,
            childless,
            registers,
            idle,
            gone,
            modules,
            given,
            reaching,
        } = names;
        self.bound(bound);
        let out = &mut self.out;
        getattr.put(out);
        (*open, *path_changed).put(out);
        childless.put(out);
        (*registers, *idle).put(out);
        gone.put(out);
        modules.put(out);
        made.put(out);
        given.put(out);
        reaching.put(out);
        let (kind, exported) = match all {
            All::Absent => (0, &[][..]),
            All::Names(names) => (1, names.as_slice()),
            All::Dynamic(names) => (2, names.as_slice()),
        };
        out.push(kind);
        exported.len().put(out);
        exported.iter().for_each(|(name, _)| name.put(out));
    }

    fn bound(&mut self, bound: &Bound) {
        for (name, bindings) in bound.iter() {
            name.len().put(&mut self.out);
            self.out.extend_from_slice(name.as_bytes());
            bindings.len().put(&mut self.out);
            for binding in bindings {
                match binding {
                    Binding::Definition { kind, span } => {
                        self.out.push(0);
                        kind.put(&mut self.out);
                        self.place(span.start);
                    }
                    Binding::Import { .. } => binding.put(&mut self.out),
                }
            }
        }
        // No name is empty.
        0_usize.put(&mut self.out);
    }

    /// Writes how many imports and definitions stand before a place.
    fn place(&mut self, start: usize) {
        self.starts.partition_point(|it| *it < start).put(&mut self.out);
    }
}

fn put_names(names: &[ImportedName], out: &mut Vec<u8>) {
    names.len().put(out);
    for ImportedName { name, asname, span: _, line: _, column: _ } in names {
        name.put(out);
        asname.put(out);
    }
}

/// Returns where the imports and definitions of a file begin, in order.
fn starts(facts: &FileFacts) -> Vec<usize> {
    let defined = facts.names.bound.values().iter().filter_map(|it| match it {
        Binding::Definition { span, .. } => Some(span.start),
        Binding::Import { .. } => None,
    });
    let imported = facts.imports.iter().map(|it| it.statement.start);
    let mut starts: Vec<usize> = imported.chain(defined).collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

#[cfg(test)]
mod tests {
    use crate::python::read;

    const SOURCE: &str = "\
'''About a.b'''
import a.b as c, d
def f(x):
    from .g import h
    return h(x, 'p.q')
from .e import (f as i,
    k)
__all__ = ['f', 'i']
";

    /// Tells whether a file has the same outline once `old` is `new` in it.
    #[track_caller]
    fn check(old: &str, new: &str, same: bool) {
        assert!(SOURCE.contains(old), "{old}");
        let outline = |text: &str| read(text.as_bytes(), (3, 13)).outline();
        assert_eq!(outline(&SOURCE.replacen(old, new, 1)) == outline(SOURCE), same, "{old} {new}");
    }

    #[test]
    fn what_stands_elsewhere_has_the_same_outline() {
        check("'''About a.b'''", "# A comment.\n\n'''About a.b, and more'''", true);
        check("    return h(x, 'p.q')", "    y = h(x)\n    return h(y, 'p.q')", true);
        check("def f(x):", "def f(x, y):", true);
        check("(f as i,\n    k)", "f as i, k", true);
        check("import a.b as c, d", "import a.b as c,  d  # why", true);
    }

    #[test]
    fn what_is_otherwise_has_another_outline() {
        check("import a.b as c, d", "import a.b as c, e", false);
        check("import a.b as c, d", "import a.b as c", false);
        check("import a.b as c, d", "import a.b as b, d", false);
        check("import a.b as c, d", "if TYPE_CHECKING:\n    import a.b as c, d", false);
        check("def f(x):", "def g(x):", false);
        check("def f(x):", "class f:", false);
        check("from .g import h", "from ..g import h", false);
        check("['f', 'i']", "['f']", false);
        check("return h(x", "return h(x +", false);
    }

    #[test]
    fn a_line_that_is_shown_as_a_reason_is_part_of_an_outline() {
        let outline = |text: &str| read(text.as_bytes(), (3, 13)).outline();
        let (insert, broken) = ("import sys\nsys.path.insert(0, 'lib')\n", "def f(:\n");
        for text in [insert, broken] {
            assert_ne!(outline(text), outline(&format!("# A comment.\n{text}")));
        }
    }

    #[test]
    fn order_is_part_of_an_outline() {
        let outline = |text: &str| read(text.as_bytes(), (3, 13)).outline();
        assert_ne!(outline("X = 1\nfrom a import b\n"), outline("from a import b\nX = 1\n"));
        assert_eq!(outline("X = 1\nfrom a import b\n"), outline("X = 12\n\nfrom a import b\n"));
    }
}
