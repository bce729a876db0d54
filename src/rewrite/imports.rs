//! The imports of one file, followed: where each led, where that is now, which of them are affected.

use std::collections::{BTreeMap, BTreeSet};

use super::Uses;
use super::places::{MovedFolders, below, member_module, module_path};
use super::view::{Lead, NameLead, View};
use super::walk::{Bound, Key, Naming};
use crate::facts::Module;
use crate::python::{Binding, Import, ImportedName, Target};

/// The place, among the names of an import, of the submodule that it binds in the `__init__.py` of its
/// package.
pub(super) const ALONG: Option<usize> = Some(usize::MAX);

/// Where everything that one file imports is now.
#[derive(Debug)]
pub(super) struct Followed {
    /// The module of each import.
    pub(super) leads: Vec<Lead>,
    /// The names of each `from` import.
    pub(super) names: Vec<Vec<NameLead>>,
}

impl Followed {
    /// Follows every import of a file.
    pub(super) fn of(view: &View<'_>) -> Self {
        let (leads, names) = view.facts.imports.iter().map(|it| follow(view, it)).unzip();
        Self { leads, names }
    }

    /// Tells whether this import, as it is written, leads elsewhere now.
    pub(super) fn is_affected(&self, import: usize) -> bool {
        leads_elsewhere(&self.leads[import], &self.names[import])
    }

    /// Returns the names that imports bind to modules with something below that moved: those whose
    /// uses have to be read. `through` tells that any module may lead on to something that moved.
    pub(super) fn bound(
        &self,
        view: &View<'_>,
        moved: &MovedFolders,
        uses: Uses,
        through: bool,
    ) -> Vec<Bound> {
        let imports = &view.facts.imports;
        let dotted_tops: BTreeSet<&str> = imports
            .iter()
            .filter(|it| it.target == (Target::Module { asname: None }))
            .filter_map(|it| Some(it.module.split_once('.')?.0))
            .collect();
        let mut found = Vec::new();
        for (index, (import, lead)) in imports.iter().zip(&self.leads).enumerate() {
            match &import.target {
                Target::Module { asname: Some(local) } => found.push(Bound {
                    key: (index, None),
                    local: local.clone(),
                    module: lead.was.clone(),
                    dotted: lead.dotted.clone(),
                    naming: Naming::Chosen,
                }),
                Target::Module { asname: None } => {
                    let local = import.module.split('.').next().unwrap_or_default();
                    found.push(Bound {
                        key: (index, None),
                        local: local.to_owned(),
                        module: self.top(view, local),
                        dotted: Some(local.to_owned()),
                        naming: match dotted_tops.contains(local) {
                            true => Naming::Plain,
                            false => Naming::Chosen,
                        },
                    });
                }
                Target::Names(names) => {
                    let modules = names.iter().enumerate().filter_map(|(at, name)| {
                        let module = named_module(view, lead, name);
                        let dotted = lead.dotted.as_ref().map(|it| format!("{it}.{}", name.name));
                        let known = module.is_some()
                            || dotted.as_ref().is_some_and(|it| view.places.may_be_named(it));
                        let (key, local) = ((index, Some(at)), name.local().to_owned());
                        known.then_some(Bound {
                            key,
                            local,
                            module,
                            dotted,
                            naming: Naming::Chosen,
                        })
                    });
                    found.extend(modules);
                }
                Target::Star => found.extend(starred(view, index, lead)),
                Target::Call { names, top } => {
                    let first = import.module.split('.').next().filter(|_| *top);
                    let given = first.map(|it| view.lead(import.level, it));
                    let given = given.as_ref().unwrap_or(lead);
                    let (module, dotted) = (given.was.clone(), given.dotted.clone());
                    let (key, local) = ((index, None), String::new());
                    let known = names.is_empty() && module.is_some();
                    found.extend(known.then_some(Bound {
                        key,
                        local,
                        module,
                        dotted,
                        naming: if *top { Naming::Own } else { Naming::Chosen },
                    }));
                }
            }
        }
        found.extend(self.own_submodules(view));
        found.retain(|it| through && it.module.is_some() || self.concerns(view, moved, uses, it));
        found
    }

    /// Returns the names that a package has because its `__init__.py` imports something of a submodule.
    fn own_submodules(&self, view: &View<'_>) -> Vec<Bound> {
        let folder = view.old.parent().filter(|_| view.old.name_str().starts_with("__init__."));
        let Some(folder) = folder else { return Vec::new() };
        let imports = view.facts.imports.iter().zip(&self.leads).enumerate();
        let stated = imports.filter(|(_, (it, _))| {
            !it.deferred && !it.type_checking && !matches!(it.target, Target::Call { .. })
        });
        let submodule = |(index, (_, lead)): (usize, (&Import, &Lead))| {
            let path = module_path(lead.was.as_ref()?)?;
            let above = path.folders().chain([path.clone()]);
            let own = above.into_iter().find(|it| it.parent().as_ref() == Some(&folder))?;
            let local = own.name_str().to_owned();
            let module = below(view.places.before, &Module::File(view.old.clone()), &local)?;
            let dotted = view.places.before.names_of(&own).into_iter().next();
            let is_bound = view.facts.names.bound.contains_key(&local);
            let key = (index, ALONG);
            (!is_bound).then_some(Bound {
                key,
                local,
                module: Some(module),
                dotted,
                naming: Naming::Own,
            })
        };
        stated.filter_map(submodule).collect()
    }

    /// Returns the module that `import a.b` binds as `a`. It may be a namespace package with a portion
    /// here and others installed, of which the name alone does not tell; what is below it does.
    fn top(&self, view: &View<'_>, local: &str) -> Option<Module> {
        let portion = || {
            let imports = view.facts.imports.iter().zip(&self.leads);
            let plain = imports.filter(|(it, _)| it.target == Target::Module { asname: None });
            let mut below = plain.filter_map(|(import, lead)| {
                let rest = import.module.strip_prefix(local)?.strip_prefix('.')?;
                let module = module_path(lead.was.as_ref()?)?;
                rest.split('.').try_fold(module, |folder, _| folder.parent())
            });
            below.next().map(|folder| Module::Namespace(vec![folder]))
        };
        view.lead(0, local).was.or_else(portion)
    }

    fn concerns(&self, view: &View<'_>, moved: &MovedFolders, uses: Uses, bound: &Bound) -> bool {
        let named = bound.dotted.as_ref().is_some_and(|it| view.places.may_be_named(it));
        let module_names = !view.places.moves.names.is_empty() && bound.module.is_some();
        let held = bound.module.as_ref().is_some_and(|it| moved.hold(it));
        let renamed = (bound.naming != Naming::Chosen || uses == Uses::Rename)
            && self.is_affected(bound.key.0);
        named || module_names || held || renamed
    }
}

/// Follows one import, and each of its names.
fn follow(view: &View<'_>, import: &Import) -> (Lead, Vec<NameLead>) {
    let lead = view.follow_module(import.level, &import.module);
    let names = match &import.target {
        Target::Names(names) | Target::Call { names, .. } => {
            names.iter().map(|it| view.follow_name(import, &lead, &it.name)).collect()
        }
        Target::Module { .. } | Target::Star => Vec::new(),
    };
    (lead, names)
}

fn leads_elsewhere(lead: &Lead, names: &[NameLead]) -> bool {
    if names.is_empty() { !lead.holds } else { names.iter().any(|it| !it.holds) }
}

/// Tells whether one import, as it is written, leads elsewhere now.
pub(super) fn is_affected(view: &View<'_>, import: &Import) -> bool {
    let (lead, names) = follow(view, import);
    leads_elsewhere(&lead, &names)
}

/// Returns the names that only `import a.b` binds in the module of a file, where it leads elsewhere
/// now; `None` where no such import does. Whoever reaches `a.b` through that module has to go another
/// way.
pub(super) fn lost_names(view: &View<'_>) -> Option<BTreeSet<String>> {
    let imports = &view.facts.imports;
    let is_plain = |it: &Import| it.target == (Target::Module { asname: None });
    let leaves = |it: &&Import| is_plain(it) && !view.follow_module(0, &it.module).holds;
    let lost = |binding: &Binding| match binding {
        Binding::Import { import, name: None } => {
            imports.get(*import).is_some_and(|it| leaves(&it))
        }
        Binding::Import { .. } | Binding::Definition { .. } => false,
    };
    let leaving = imports.iter().filter(leaves);
    let tops: BTreeSet<&str> =
        leaving.filter_map(|it| Some(it.module.split_once('.')?.0)).collect();
    let is_lost =
        |top: &&str| view.facts.names.bound.get(top).is_some_and(|it| it.iter().all(lost));
    let names = || tops.iter().copied().filter(is_lost).map(str::to_owned).collect();
    (!tops.is_empty()).then(names)
}

/// Returns the modules that a star import binds.
fn starred(view: &View<'_>, index: usize, lead: &Lead) -> Vec<Bound> {
    let before = view.places.before;
    let modules = lead.was.as_ref().map_or(BTreeMap::new(), |it| before.star_modules(it));
    let bound = modules.into_iter().enumerate().map(|(at, (local, module))| {
        let path = module_path(&module);
        let dotted = path.and_then(|it| before.names_of(&it).into_iter().next());
        Bound {
            key: (index, Some(at)),
            local,
            module: Some(module),
            dotted,
            naming: Naming::Chosen,
        }
    });
    bound.collect()
}

/// Returns the names among `bound` that imports bind and do not say.
pub(super) fn unsaid(imports: &[Import], bound: &[Bound]) -> BTreeMap<Key, String> {
    let is_unsaid = |it: &Bound| it.key.1 == ALONG || imports[it.key.0].target == Target::Star;
    bound.iter().filter(|it| is_unsaid(it)).map(|it| (it.key, it.local.clone())).collect()
}

/// Returns the module that a name of a `from` import stood for, where it stood for one.
fn named_module(view: &View<'_>, lead: &Lead, name: &ImportedName) -> Option<Module> {
    member_module(view.places.before, lead.was.as_ref()?, &name.name)
}
