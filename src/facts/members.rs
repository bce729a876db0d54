//! What a name of a module is: re-exports are followed to a real definition.
//!
//! A ring of re-exports, or a module that imports a name from itself, defines nothing: on the way
//! every (file, name) is looked at once, and meeting it again is no definition.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cache::StarNames;
use super::resolve::Unseen;
use super::table::is_init;
use super::{Found, Index, Member, Module};
use crate::path::RepoPath;
use crate::python::{All, Binding, DefinitionKind, FileFacts, Getattr, Import, Status, Target};

/// What every module has without binding it.
pub(super) const IMPLICIT: [&str; 14] = [
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__dict__",
    "__dir__",
    "__doc__",
    "__file__",
    "__loader__",
    "__name__",
    "__package__",
    "__path__",
    "__spec__",
    "__getattribute__",
];

/// What was met on the way.
#[derive(Default)]
pub(super) struct Met {
    /// Names by file.
    names: BTreeSet<(RepoPath, String)>,
    /// How many modules the way goes through by now.
    depth: usize,
}

/// A way through more modules than this is taken to end somewhere; nobody wrote it by hand.
const DEEPEST: usize = 200;

impl Index {
    /// See [`super::Facts::member`].
    pub(super) fn member(&self, module: &Module, name: &str) -> Member {
        let follow = || self.follow(module, name, &mut Met::default());
        match module {
            Module::File(path) => {
                self.defined(path, name).unwrap_or_else(|| self.cache.member(path, name, follow))
            }
            Module::Namespace(_) => follow(),
        }
    }

    /// Returns the definition that first binds a name of the module at `path`, where one does: what
    /// [`Index::follow`] would find after a longer look.
    pub(super) fn defined(&self, path: &RepoPath, name: &str) -> Option<Member> {
        let (file, facts) = self.lone.get_key_value(path)?;
        let first = facts.names.bound.get(name)?.first()?;
        defines(file, first)
            .then(|| Member::Definition { file: file.clone(), name: name.to_owned() })
    }

    pub(super) fn follow(&self, module: &Module, name: &str, met: &mut Met) -> Member {
        if met.depth > DEEPEST {
            return Member::Assumed;
        }
        met.depth += 1;
        let bound = match module {
            Module::File(path) => self.bound(path, name, met),
            Module::Namespace(_) => Member::Missing,
        };
        met.depth -= 1;
        if !matches!(bound, Member::Missing | Member::Assumed) {
            return bound;
        }
        match self.submodule(module, name) {
            Ok(Some(submodule)) => Member::Module(submodule),
            Ok(None) if bound == Member::Missing => self.implicit(module, name),
            Ok(None) | Err(Unseen) => Member::Assumed,
        }
    }

    fn implicit(&self, module: &Module, name: &str) -> Member {
        let package = !matches!(module, Module::File(path) if !is_init(path));
        if IMPLICIT.contains(&name) && (name != "__path__" || package) {
            return Member::External;
        }
        // The other portions of a namespace package may be installed.
        let shared = |portions: &[RepoPath]| self.shares_namespace(portions);
        let shared = matches!(module, Module::Namespace(portions) if shared(portions));
        if shared { Member::External } else { Member::Missing }
    }

    fn shares_namespace(&self, portions: &[RepoPath]) -> bool {
        portions.iter().any(|portion| {
            self.names_of(portion)
                .iter()
                .any(|name| self.is_third_party(name.split('.').next().unwrap_or_default()))
        })
    }

    /// Looks at the source of a module and at its stub: either may define a name.
    fn bound(&self, path: &RepoPath, name: &str, met: &mut Met) -> Member {
        let Some(twins) = self.table.twins(path) else { return Member::Assumed };
        let mut best = Member::Missing;
        for file in twins.source.iter().chain(&twins.stub) {
            best = better(best, self.bound_in(file, name, met));
        }
        // A compiled module, or a stub whose module is not here, may have more than can be read.
        let unread = twins.source.is_none() || twins.compiled.is_some();
        if best == Member::Missing && unread { Member::Assumed } else { best }
    }

    fn bound_in(&self, file: &RepoPath, name: &str, met: &mut Met) -> Member {
        let Some(facts) = self.files.get(file) else { return Member::Assumed };
        if !met.names.insert((file.clone(), name.to_owned())) {
            return Member::Missing;
        }
        let mut best = Member::Missing;
        for binding in facts.names.bound.get(name).into_iter().flatten() {
            best = better(best, self.binding(file, facts, name, binding, met));
        }
        if best == Member::Missing {
            best = self.starred(file, facts, name, met);
        }
        let unread = || {
            let names = &facts.names;
            // One that is imported, or that a stub declares, may answer anything.
            let foreign =
                names.getattr == Getattr::Absent && names.bound.contains_key("__getattr__");
            names.may_make(name) || foreign || facts.status != Status::Parsed
        };
        // A star import may bring in a `__getattr__` that an `__all__` names.
        let mut getattr = || self.starred(file, facts, "__getattr__", met) != Member::Missing;
        let assumed = best == Member::Missing
            && (unread() || getattr() || self.is_given(file, name, met) || self.is_reached(file));
        if assumed { Member::Assumed } else { best }
    }

    fn binding(
        &self,
        file: &RepoPath,
        facts: &FileFacts,
        name: &str,
        binding: &Binding,
        met: &mut Met,
    ) -> Member {
        let (import, taken) = match binding {
            Binding::Definition { .. } if defines(file, binding) => {
                return Member::Definition { file: file.clone(), name: name.to_owned() };
            }
            Binding::Definition { .. } => return Member::Missing,
            Binding::Import { import, name } => (facts.imports.get(*import), *name),
        };
        let Some(import) = import else { return Member::Missing };
        let module = match taken_from(self.find(file, import.level, &import.module)) {
            Ok(module) => module,
            Err(member) => return member,
        };
        match (&import.target, taken) {
            (Target::Names(names), Some(index)) => match names.get(index) {
                Some(name) => self.follow(&module, &name.name, met),
                None => Member::Missing,
            },
            // `import a.b` binds `a`, which is there only where all of `a.b` is.
            (Target::Module { asname: None }, _) => {
                let top = import.module.split('.').next().unwrap_or_default();
                taken_from(self.find(file, 0, top)).map_or_else(|member| member, Member::Module)
            }
            _ => Member::Module(module),
        }
    }

    /// Looks for `name` among what star imports bring in.
    fn starred(&self, file: &RepoPath, facts: &FileFacts, name: &str, met: &mut Met) -> Member {
        let mut best = Member::Missing;
        for import in stars(facts).filter(|_| !facts.names.gone.contains(name)) {
            let found = match taken_from(self.find(file, import.level, &import.module)) {
                Ok(module) if self.star_takes(&module, name) => self.follow(&module, name, met),
                // What a module of elsewhere exports is not known, private names aside.
                Err(member) if !name.starts_with('_') => member,
                Ok(_) | Err(_) => Member::Missing,
            };
            best = better(best, found);
        }
        best
    }

    /// Tells whether `from module import *` would take `name`, were it there.
    fn star_takes(&self, module: &Module, name: &str) -> bool {
        let Module::File(path) = module else { return !name.starts_with('_') };
        match self.files.get(path).map(|facts| &facts.names.all) {
            Some(All::Names(all)) => all.iter().any(|(exported, _)| exported == name),
            Some(All::Dynamic(_)) | None => true,
            Some(All::Absent) => !name.starts_with('_'),
        }
    }

    /// See [`super::Facts::star_names`].
    pub(super) fn star_names(&self, module: &Module) -> StarNames {
        let collect = || self.collect_star_names(module).map(Arc::new);
        match module {
            Module::File(path) => self.cache.star_names(path, collect),
            Module::Namespace(_) => collect(),
        }
    }

    fn collect_star_names(&self, module: &Module) -> Option<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        let mut met = BTreeSet::new();
        let mut open = vec![module.clone()];
        while let Some(module) = open.pop() {
            let Module::File(path) = &module else { continue };
            let facts = self.files.get(path)?;
            match &facts.names.all {
                All::Dynamic(_) => return None,
                All::Names(all) => {
                    // A module without an `__all__` hands on only what has no leading underscore.
                    let handed_on = |name: &&String| met.is_empty() || !name.starts_with('_');
                    names.extend(all.iter().map(|(name, _)| name).filter(handed_on).cloned());
                    continue;
                }
                All::Absent if facts.names.open || facts.status != Status::Parsed => return None,
                All::Absent => {}
            }
            if !met.insert(path.clone()) {
                continue;
            }
            let is_there = |name: &&str| self.member(&module, name) != Member::Missing;
            let made = facts.names.made.iter().filter(|it| !it.starts_with('_'));
            names.extend(made.cloned());
            let bound = facts.names.bound.keys().filter(is_there).map(str::to_owned);
            let public = |name: &String| !name.starts_with('_');
            names.extend(bound.chain(self.own_submodules(path, facts)).filter(public));
            for import in stars(facts) {
                open.push(taken_from(self.find(path, import.level, &import.module)).ok()?);
            }
        }
        Some(names)
    }

    /// Returns the submodules that the `__init__` at `path` imports itself: they become attributes.
    fn own_submodules<'a>(
        &'a self,
        path: &'a RepoPath,
        facts: &'a FileFacts,
    ) -> impl Iterator<Item = String> + 'a {
        let folder = path.parent().filter(|_| is_init(path));
        facts.imports.iter().filter(|it| !it.deferred && !it.type_checking).filter_map(
            move |import| {
                let Found::Module(Module::File(file)) =
                    self.find(path, import.level, &import.module)
                else {
                    return None;
                };
                let below = file.relative_to(folder.as_ref()?)?;
                let first = below.parts().next().and_then(|part| std::str::from_utf8(part).ok())?;
                let name = first.split('.').next().unwrap_or_default();
                (name != "__init__").then(|| name.to_owned())
            },
        )
    }
}

/// Tells whether a binding of `file` is a definition: an annotation alone is one in a stub only.
fn defines(file: &RepoPath, binding: &Binding) -> bool {
    match binding {
        Binding::Definition { kind: DefinitionKind::Annotation, .. } => file.extension() == "pyi",
        Binding::Definition { .. } => true,
        Binding::Import { .. } => false,
    }
}

/// Returns the star imports of a module.
fn stars(facts: &FileFacts) -> impl Iterator<Item = &Import> {
    facts.imports.iter().filter(|import| import.target == Target::Star && !import.type_checking)
}

/// Returns the module of this tree that a name is taken from, or what a name of anything else is.
fn taken_from(found: Found) -> Result<Module, Member> {
    match found {
        Found::Module(module) => Ok(module),
        Found::Stdlib | Found::ThirdParty | Found::Undeclared => Err(Member::External),
        Found::Missing { .. } => Err(Member::Missing),
        Found::Assumed => Err(Member::Assumed),
    }
}

/// Returns the one that says more; the first where both say as much.
fn better(first: Member, second: Member) -> Member {
    let rank = |member: &Member| match member {
        Member::Definition { .. } | Member::Module(_) => 3,
        Member::External => 2,
        Member::Assumed => 1,
        Member::Missing => 0,
    };
    if rank(&second) > rank(&first) { second } else { first }
}
