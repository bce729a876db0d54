//! What is known of one Python file. Plain data: filled by the reader, kept by the cache.

use std::collections::{BTreeMap, BTreeSet};

use super::asks::{Asked, Asks};
use super::bound::Bound;
use crate::text::Span;

/// What is true of one Python file, whatever tree it stands in. A pure function of its bytes and of
/// the target version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Whether it could be read at all.
    pub status: Status,
    /// Every import, in order of appearance, at any depth.
    pub imports: Vec<Import>,
    /// The names that they have.
    pub asks: Asks,
    /// Where a handler imports something in place of what is tried.
    pub attempts: Vec<Attempt>,
    /// The module's namespace after it has run.
    pub names: Names,
    /// String literals that are, whole, a dotted path or `pkg.mod:attr`.
    pub literals: Vec<Literal>,
    /// Whether it has an `if __name__ == "__main__":` block.
    pub main_guard: bool,
    /// Literal insertions into `sys.path`, relative to the file's own folder where they can be, in the
    /// order in which Python searches them.
    pub path_inserts: Vec<PathInsert>,
    /// The Python files that it starts, in order.
    pub starts: Vec<Start>,
    /// Where it looks for modules that it does not name, in order.
    pub listings: Vec<Listing>,
    /// Code in strings that imports something, in order.
    pub snippets: Vec<Snippet>,
}

impl FileFacts {
    /// Returns the facts of a file in which nothing is found.
    #[must_use]
    pub fn nothing(status: Status) -> Self {
        Self {
            status,
            imports: Vec::new(),
            asks: Asks::default(),
            attempts: Vec::new(),
            names: Names::default(),
            literals: Vec::new(),
            main_guard: false,
            path_inserts: Vec::new(),
            starts: Vec::new(),
            listings: Vec::new(),
            snippets: Vec::new(),
        }
    }

    /// Tells whether what some import counts from depends on the file that these are the facts of.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        self.asks.may_have(Asked::OWN_NAME)
            && self.imports.iter().any(|it| it.anchor == Anchor::Name)
    }

    /// Lets every import count from the package of a file, which may be the `__init__.py` of one.
    pub fn settle(&mut self, is_init: bool) {
        let own = self.imports.iter_mut().filter(|it| it.anchor == Anchor::Name);
        // One dot is an error, for a module that is no package has nothing below it.
        for import in own.filter(|it| !is_init && it.level > 1) {
            import.level -= 1;
        }
    }
}

/// A Python file that code starts: `subprocess.run([sys.executable, "tools/build.py"])`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The path, `/`-separated, with `..` parts.
    pub file: String,
    /// Whether it counts from the folder of the code, or from wherever that runs.
    pub from_file: bool,
    /// Line of the command, from 1.
    pub line: u32,
    /// The code speaks of `PYTHONPATH`: of what else the run finds, nothing is known.
    pub own_path: bool,
}

/// Whether a file could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It parses under the target version.
    Parsed,
    /// It does not parse. Its imports are read as far as they go; it is never edited.
    Broken {
        /// Line of the first error, from 1.
        line: u32,
        /// Column of the first error in characters, from 1.
        column: u32,
        /// What the parser says.
        message: String,
    },
    /// It cannot be decoded: wrong cookie, null bytes, bytes that are not of its encoding. Or it is
    /// too large to be code.
    Undecodable(String),
}

/// One imported module: `import a, b` gives two, `from a import b, c` gives one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The whole statement (for a call such as `import_module("a")`: the whole call).
    pub statement: Span,
    /// What is written for this module: `a.b as c` in `import x, a.b as c`; `..a` in
    /// `from ..a import b`; the string literal, quotes and all, in a call.
    pub span: Span,
    /// Line of the statement's first byte, from 1.
    pub line: u32,
    /// Column of the statement's first byte in characters, from 1.
    pub column: u32,
    /// What the dots count from, as it is written. The level counts from the package in any case, once
    /// [`FileFacts::settle`] knows the file.
    pub anchor: Anchor,
    /// The leading dots; 0 for an absolute import.
    pub level: u32,
    /// The dotted name after the dots; empty in `from . import b`.
    pub module: String,
    /// What is taken from the module.
    pub target: Target,
    /// A failure is expected and handled: `except ImportError`, `suppress(ImportError)`, or a branch
    /// that the target version does not take. What a handler imports is optional, too: it may not run.
    pub optional: bool,
    /// So is one of a name that the module does not have, which `except ModuleNotFoundError` handles
    /// not.
    pub name_optional: bool,
    /// It is optional only because it stands in handlers: where all that is tried fails, it has to work.
    pub fallback: bool,
    /// Stands under `if TYPE_CHECKING:`.
    pub type_checking: bool,
    /// Does not run when the module is imported: inside a function, a lambda, under
    /// `if __name__ == "__main__":`.
    pub deferred: bool,
}

/// What the leading dots of an import count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The package that the file is in.
    Package,
    /// The module's own name, which is its package in an `__init__.py` only: `import_module("..a",
    /// __name__)`.
    Name,
    /// The package, to which the name is joined: `import_module(__package__ + ".a")`.
    Joined,
}

/// `try: import a` with `except ImportError: import b`, as places in [`FileFacts::imports`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Where what is tried begins.
    pub start: usize,
    /// Where what is tried ends.
    pub tried: usize,
    /// Where the handler's imports begin.
    pub handler: usize,
    /// Where the handler's imports end.
    pub end: usize,
}

impl Attempt {
    /// Tells whether the import at this place stands in the handler.
    #[must_use]
    pub fn replaces(&self, import: usize) -> bool {
        (self.handler..self.end).contains(&import)
    }
}

/// What an import takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `import a.b` (binds `a`), or `import a.b as c` (binds `c`).
    Module {
        /// The name after `as`.
        asname: Option<String>,
    },
    /// `from a import b, c as d`.
    Names(Vec<ImportedName>),
    /// `from a import *`.
    Star,
    /// `importlib.import_module("a.b")`, `__import__("a.b")`: binds nothing.
    Call {
        /// What `__import__` imports along where the module has no such name: its `fromlist`.
        names: Vec<ImportedName>,
        /// It gives the first package of the name, as `__import__("a.b")` gives `a`.
        top: bool,
    },
}

/// `b as c` in `from a import b as c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedName {
    /// The span of `b as c`.
    pub span: Span,
    /// The name in the other module.
    pub name: String,
    /// The name after `as`.
    pub asname: Option<String>,
    /// Line of `name`, from 1.
    pub line: u32,
    /// Column of `name` in characters, from 1.
    pub column: u32,
}

impl ImportedName {
    /// Returns the name that the import binds here.
    #[must_use]
    pub fn local(&self) -> &str {
        self.asname.as_deref().unwrap_or(&self.name)
    }
}

/// A module's namespace, as Python makes it: every name that may be bound at module level once the
/// module has run (`global` inside functions counts, `del` takes away).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The names and what may have bound them, in order of appearance.
    pub bound: Bound,
    /// `__all__`.
    pub all: All,
    /// What the module's own `__getattr__` answers (PEP 562).
    pub getattr: Getattr,
    /// Names are made in ways that cannot be read: `globals()`, `vars()`, `exec`, `sys.modules`,
    /// `setattr` on the module itself. Any name may exist.
    pub open: bool,
    /// Names that it makes one by one, by `globals()["a"] = …` and such.
    pub made: BTreeSet<String>,
    /// Modules below this one may be found where no file of that name is: `__path__` is assigned or
    /// extended, `sys.meta_path` is spoken of, or entries of `sys.modules` are made under names that
    /// cannot be read.
    pub path_changed: bool,
    /// Its `__path__` is made empty: no file below it is found as a part of it.
    pub childless: bool,
    /// Entries of `sys.modules` are made under names that a function is told.
    pub registers: bool,
    /// It only imports, and binds names to what calls nothing.
    pub idle: bool,
    /// Names that are taken away after the last star import: what that brings in, they are not.
    pub gone: BTreeSet<String>,
    /// The names under which entries of `sys.modules` are made; `.a` counts from the module's own.
    pub modules: BTreeSet<String>,
    /// What the module sets on other modules when it runs: `base.dialect` where `base` is imported.
    pub given: BTreeSet<String>,
    /// Functions and classes that reach into a module that they are not part of: the caller's
    /// namespace (`f_globals`), or `sys.modules[name]`. Whoever takes one may get any name from it.
    pub reaching: BTreeSet<String>,
}

impl Names {
    /// Tells whether `name` may be made while the module runs, or when it is asked for.
    #[must_use]
    pub fn may_make(&self, name: &str) -> bool {
        self.open || self.made.contains(name) || self.getattr.may_answer(name)
    }
}

/// Which names a module's `__getattr__` may answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Getattr {
    /// The module has none.
    #[default]
    Absent,
    /// These, at most: it raises for any other one.
    Names(BTreeSet<String>),
    /// Any.
    Any,
}

impl Getattr {
    /// Tells whether `name` may be answered.
    #[must_use]
    pub fn may_answer(&self, name: &str) -> bool {
        match self {
            Self::Absent => false,
            Self::Names(names) => names.contains(name),
            Self::Any => true,
        }
    }
}

/// What bound a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// The module itself defines it.
    Definition {
        /// What kind of statement.
        kind: DefinitionKind,
        /// The span of the name where it is bound.
        span: Span,
    },
    /// An import binds it.
    Import {
        /// Index into [`FileFacts::imports`].
        import: usize,
        /// Index into the names of that import; `None` where the import binds a module.
        name: Option<usize>,
    },
}

/// How a module defines a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinitionKind {
    /// `def`, `async def`.
    Function,
    /// `class`.
    Class,
    /// An assignment of any form, `for`, `with`, walrus, `match`, `type`. The name of an `except … as`
    /// is none: it is gone after the handler.
    Variable,
    /// `x: int` without a value: annotated only, bound to nothing.
    Annotation,
}

/// `__all__`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum All {
    /// The module has none: a star import takes every name without a leading underscore.
    #[default]
    Absent,
    /// A list or tuple of literals, with `+=`, `.append`, `.extend` of literals: name and span of
    /// each literal, quotes and all.
    Names(Vec<(String, Span)>),
    /// Something that cannot be read; the literals that could be.
    Dynamic(Vec<(String, Span)>),
}

/// A string literal that is, whole, a dotted path of two names or more: `"a.b.c"` or `"a:b"`. Where
/// only a module can stand, one name alone is one, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// The text between the quotes.
    pub text: String,
    /// The span of the text between the quotes; it stands there byte for byte.
    pub span: Span,
    /// Line, from 1.
    pub line: u32,
    /// A docstring, or an expression statement: talk, no use.
    pub docstring: bool,
    /// It stands where only the name of a module, or of something in one, can stand.
    pub module: bool,
}

/// A literal insertion into `sys.path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathInsert {
    /// The folder, `/`-separated, with `.` and `..` parts as written.
    pub folder: String,
    /// Whether it counts from the file's own folder (`__file__`) or from the working directory.
    pub from_file: bool,
    /// Where it stands on the path.
    pub spot: PathSpot,
    /// Line, from 1.
    pub line: u32,
}

/// Where on `sys.path` a folder is inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathSpot {
    /// Before all that was there.
    First,
    /// Behind what Python begins with: the folder of the script that is started.
    Second,
    /// At the end.
    Last,
}

/// Python code that stands in a string and imports something: what a template writes, what a doctest
/// runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Where its lines stand in the source, without what indents or marks them, and without their
    /// ends.
    pub lines: Vec<Span>,
    /// Line of its first line, from 1.
    pub line: u32,
    /// Its absolute imports; places count in [`Snippet::code`].
    pub imports: Vec<Import>,
    /// All that runs together is in it: else it is one statement, and what follows is not known.
    pub whole: bool,
    /// What it takes is written by the run: `"from a.b import " + names`.
    pub open: bool,
    /// Stands in a docstring.
    pub talk: bool,
}

impl Snippet {
    /// Returns the code, out of the source that it stands in.
    #[must_use]
    pub fn code(&self, source: &str) -> String {
        let lines = self.lines.iter().map(|it| source.get(it.clone()).unwrap_or_default());
        let code = lines.collect::<Vec<_>>().join("\n");
        if self.open { code + "_" } else { code }
    }

    /// Returns where a place of the code stands in the source, and on which of its lines.
    #[must_use]
    pub fn place(&self, at: usize) -> Option<(usize, usize)> {
        let mut start = 0;
        for (index, line) in self.lines.iter().enumerate() {
            if at <= start + line.len() {
                return Some((line.start + at - start, index));
            }
            start += line.len() + 1;
        }
        None
    }
}

/// A place that finds modules, or makes their names, while the program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Where the modules are looked for.
    pub of: Listed,
    /// Not only directly there, but at any depth.
    pub deep: bool,
    /// Line, from 1.
    pub line: u32,
    /// Where the dotted name of the package stands in the source, if it stands there in one piece.
    pub span: Option<Span>,
}

/// Where modules are looked for that nothing names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// In a package, named as in an import: `iter_modules(__path__)`, `import_module(f"a.b.{name}")`.
    Package {
        /// The leading dots.
        level: u32,
        /// The dotted name after them.
        module: String,
    },
    /// In a folder: `Path(__file__).parent.glob("*.py")`.
    Folder {
        /// The folder, `/`-separated, with `..` parts; empty for the one that it counts from.
        folder: String,
        /// Whether it counts from the file's own folder or from the working directory.
        from_file: bool,
    },
    /// In a package that is computed, under this dotted name: `import_module("..a.b", package)`.
    Named {
        /// The name, without its dots.
        name: String,
    },
    /// In a package that a framework is given, under the names that it knows: `INSTALLED_APPS`.
    Apps {
        /// The dotted name of the package, or of something in its `apps` module.
        name: String,
        /// Who loads them.
        framework: Framework,
    },
    /// In a package that the code is given: `iter_modules(package.__path__)`.
    Unknown,
}

/// A framework that loads modules of a package by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    /// `INSTALLED_APPS = ["a"]`.
    Django,
    /// `app.autodiscover_tasks(["a"])`.
    Celery,
}

/// Where the names that imports bind are used, by scope. Read of files that are edited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bindings {
    /// Uses of what an import binds, keyed by the index into [`FileFacts::imports`] and the index of
    /// the name in it (`None` for a module). `import a.b` and `import a.c` in one scope both bind `a`:
    /// a use of `a` is listed under each of them.
    pub uses: BTreeMap<(usize, Option<usize>), Vec<Use>>,
    /// Whose name each import statement binds, by the same keys.
    pub owners: BTreeMap<(usize, Option<usize>), Owner>,
    /// The attributes that are taken of anything else, two and more at once: `b.c` in `a().b.c`, and in
    /// `a.b.c` where no import binds `a`. Where nothing here binds `a`, it counts, too.
    pub loose: Vec<Use>,
    /// Every name that is bound anywhere in the file, in any scope, or used as a global or builtin:
    /// what a new local name must not be.
    pub taken: BTreeSet<String>,
    /// Per import binding: names bound in some scope in which a use of it stands, other than by
    /// module-level imports. A use rewritten to start with such a name would be captured.
    pub captured: BTreeMap<(usize, Option<usize>), BTreeSet<String>>,
    /// Where attributes of what an import binds are taken while the module runs, outside of functions: the
    /// starts of those uses, by the same keys.
    pub early: BTreeMap<(usize, Option<usize>), BTreeSet<usize>>,
}

/// Whose name an import binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The module's, by a statement of the module.
    Module,
    /// The module's, by a statement in a function or a class that says `global`.
    Global,
    /// A function's.
    Function,
    /// A class's, or, by `nonlocal`, that of a function around it.
    Other,
}

/// One use of a name that an import binds, with the attributes that follow: `a.b.f` in `a.b.f(1)`. The
/// value of a call that imports is used without a name: `import_module("a").b`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The parts of the chain with the span of each; the first is the bound name, or the call.
    pub parts: Vec<(String, Span)>,
    /// The first name is assigned or deleted here, not read (`del a`, `a = 1`, `global a`).
    pub written: bool,
    /// The attribute that is asked for by name, `getattr(a.b, "f")`, and where it stands between the
    /// quotes.
    pub asked: Option<(String, Span)>,
    /// The part that a call takes which does nothing else, `getattr(a.b, "f")` for `a.b.f`, as an index
    /// into `parts`, and where the call stands.
    pub call: Option<(usize, Span)>,
}

impl Use {
    /// Returns where the chain stands up to one of its parts.
    #[must_use]
    pub fn span(&self, last: usize) -> Span {
        let part = |at: usize| self.parts.get(at).map_or(0..0, |it| it.1.clone());
        match &self.call {
            Some((at, call)) if *at == last => call.clone(),
            Some((at, call)) if *at < last => call.start..part(last).end,
            Some(_) | None => part(0).start..part(last).end,
        }
    }
}

/// A statement of a module, none that stands in another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The statement, its decorators included.
    pub span: Span,
    /// What it is.
    pub form: Form,
    /// The names that it defines, where it defines some and nothing else.
    pub names: Vec<String>,
    /// The names of the module, and those of no scope, that it mentions, in order of evaluation.
    pub mentions: Vec<Mentioned>,
}

/// What a statement of a module is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// The docstring of the module.
    Docstring,
    /// `import`, `from … import`.
    Import,
    /// `def`.
    Function {
        /// It is one of several signatures of one function.
        overload: bool,
    },
    /// `class`.
    Class,
    /// An assignment to names, annotated or not, or a type alias.
    Value,
    /// An assignment to several names at once.
    Tuple,
    /// An assignment to an attribute or an item of this name.
    Change(String),
    /// `if TYPE_CHECKING:` with nothing but imports.
    Checking,
    /// A `try` or `if` with nothing but imports, and names for what is written out.
    Guarded,
    /// `if __name__ == "__main__":`.
    Main,
    /// Anything else.
    Other,
}

/// A name of the module, or of no scope, as it is mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mentioned {
    /// The name, and the attributes that follow, with the span of each; never empty.
    pub parts: Vec<(String, Span)>,
    /// It is bound or deleted here.
    pub written: bool,
    /// This runs when a function is called, not with the module.
    pub deferred: bool,
    /// Something in the module binds it.
    pub known: bool,
}

impl Mentioned {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.parts.first().map_or("", |(name, _)| name)
    }
}
