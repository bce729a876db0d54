//! What becomes of each file of a folder that is folded into another.

use std::collections::BTreeMap;

use super::alike::{NEAR, Said};
use super::names::Names;
use super::{Consolidate, OnConflict, alike, evidence, inits};
use crate::facts::{Member, Module};
use crate::finding::{Finding, nearest};
use crate::path::RepoPath;
use crate::steps::packages::{double_of, is_init, is_python, stub_of};
use crate::steps::relocate::Relocation;
use crate::steps::{Stage, StepError, place};

/// One folder on its way into another.
struct Fold<'a> {
    step: &'a Consolidate,
    /// `same`, by whole paths, stubs included.
    same: BTreeMap<RepoPath, RepoPath>,
    /// `rename`, by whole paths, stubs included.
    rename: BTreeMap<RepoPath, RepoPath>,
    /// What is decided so far.
    relocation: Relocation,
    /// Dropped file → the file, by its old path, that is to offer the same names.
    stands_for: BTreeMap<RepoPath, RepoPath>,
    /// `__init__` files with other ones in their place: decided last, when all places are known.
    inits: Vec<(RepoPath, RepoPath)>,
    /// Files with the same bytes in their place: relative imports may make them two things yet.
    twins: Vec<(RepoPath, RepoPath)>,
    /// Files with the same text in their place, line ends and blanks at the ends of lines aside.
    respelled: Vec<(RepoPath, RepoPath)>,
    /// Files that conflict with another one, where the step says nothing of conflicts.
    conflicts: Vec<(RepoPath, RepoPath)>,
    /// Why `__init__` files that only re-export their folders do not yield.
    reasons: Vec<String>,
    /// Files that would be modules of which the target folder has the name already.
    hidden: Vec<(RepoPath, RepoPath)>,
    /// Files that would be the same module as another file of the target.
    doubles: Vec<(RepoPath, RepoPath)>,
}

/// Plans what becomes of `files`, which stand in `step.from`.
pub(super) fn relocation(
    step: &Consolidate,
    stage: &mut Stage<'_>,
    files: &[RepoPath],
) -> Result<Relocation, StepError> {
    let mut fold = Fold {
        step,
        same: with_stubs(stage, step, &step.same),
        rename: with_stubs(stage, step, &step.rename),
        relocation: Relocation { archive: Some(step.archive.clone()), ..Relocation::default() },
        stands_for: BTreeMap::new(),
        inits: Vec::new(),
        twins: Vec::new(),
        respelled: Vec::new(),
        conflicts: Vec::new(),
        reasons: Vec::new(),
        hidden: Vec::new(),
        doubles: Vec::new(),
    };
    fold.warn_unknown_rows(stage);
    for file in files {
        fold.file(stage, file)?;
    }
    fold.part_twins(stage)?;
    for (init, other) in std::mem::take(&mut fold.inits) {
        fold.init(stage, &init, other)?;
    }
    fold.refuse_conflicts(stage)?;
    fold.find_equivalents(stage)?;
    evidence::keep_names(stage, &fold.stands_for, &fold.relocation)?;
    fold.tell_respelled(stage);
    let proposals = evidence::proposals(step, stage, &fold.relocation)?;
    stage.outcome.findings.extend(proposals);
    fold.relocation.folders.insert(step.from.clone(), step.into.clone());
    Ok(fold.relocation)
}

/// Returns rows by whole paths. A stub goes the way of its module, to a stub if there is one.
fn with_stubs(
    stage: &Stage<'_>,
    step: &Consolidate,
    rows: &BTreeMap<RepoPath, RepoPath>,
) -> BTreeMap<RepoPath, RepoPath> {
    let mut whole = BTreeMap::new();
    for (left, right) in rows {
        let (left, right) = (step.from.join(left), step.into.join(right));
        let stubs = stub_of(&left).zip(stub_of(&right));
        if let Some((stub, other)) = stubs.filter(|(stub, _)| stage.tree.entry(stub).is_some()) {
            whole.entry(stub).or_insert(other);
        }
        whole.insert(left, right);
    }
    whole
}

impl Fold<'_> {
    /// Warns of rows that name no file of the folder.
    fn warn_unknown_rows(&self, stage: &mut Stage<'_>) {
        let step = self.step;
        for left in step.same.keys().chain(step.rename.keys()) {
            let whole = step.from.join(left);
            if stage.tree.entry(&whole).is_none() {
                let text = whole.to_string();
                stage.warn_nothing(&text, format!("`{text}` does not exist"));
            }
        }
    }

    /// Decides about one file.
    fn file(&mut self, stage: &Stage<'_>, file: &RepoPath) -> Result<(), StepError> {
        let plain = file.rebase(&self.step.from, &self.step.into);
        let Some(target) = self.rename.get(file).cloned().or(plain) else { return Ok(()) };
        if let Some(right) = self.same.get(file) {
            let right = right.clone();
            self.drop_source(file, right);
            return Ok(());
        }
        let entries = stage.tree.entry(file).zip(stage.tree.entry(&target));
        let Some((own, other)) = entries else {
            match self.double(stage, &target) {
                Some(double) => self.two_of_a_module(stage, file, target, double)?,
                None if self.is_hidden(stage, file, &target) => {
                    self.hidden(stage, file, &target)?
                }
                None => _ = self.relocation.files.insert(file.clone(), target),
            }
            return Ok(());
        };
        if (own.id, own.mode) == (other.id, other.mode) {
            self.relocation.merged.insert(file.clone(), target.clone());
            self.twins.push((file.clone(), target));
        } else if own.mode == other.mode && alike::is_same_text(stage, file, &target)? {
            self.relocation.merged.insert(file.clone(), target.clone());
            self.respelled.push((file.clone(), target.clone()));
            self.twins.push((file.clone(), target));
        } else if is_init(file) {
            self.relocation.merged.insert(file.clone(), target.clone());
            self.inits.push((file.clone(), target));
        } else {
            self.conflict(stage, file, target)?;
        }
        Ok(())
    }

    /// Takes files of the same bytes for different ones where what they import by relative imports
    /// differs. Each that is found may part others.
    fn part_twins(&mut self, stage: &Stage<'_>) -> Result<(), StepError> {
        loop {
            let twins = std::mem::take(&mut self.twins);
            let (same, parted): (Vec<_>, Vec<_>) = twins.into_iter().partition(|(file, target)| {
                inits::imports_the_same(stage, file, target, &self.relocation)
            });
            self.twins = same;
            if parted.is_empty() {
                return Ok(());
            }
            for (file, target) in parted {
                if is_init(&file) {
                    self.inits.push((file, target));
                } else {
                    self.relocation.merged.remove(&file);
                    self.conflict(stage, &file, target)?;
                }
            }
        }
    }

    /// Decides which of two `__init__` files stays.
    fn init(
        &mut self,
        stage: &mut Stage<'_>,
        file: &RepoPath,
        target: RepoPath,
    ) -> Result<(), StepError> {
        let names = Names { stage, init: file, other: &target, relocation: &self.relocation };
        if inits::says_nothing(stage, file)? {
            let Some(reason) = names.shadowed()? else { return Ok(()) };
            self.reasons.push(reason);
            self.relocation.merged.remove(file);
            return self.conflict(stage, file, target);
        }
        if inits::says_nothing(stage, &target)? && !names.would_hide() {
            self.relocation.merged.remove(file);
            self.replace(file, target);
            return Ok(());
        }
        if inits::only_exports(stage, file) {
            match names.followed()? {
                Ok(followed) => {
                    self.relocation.names.extend(followed.names);
                    self.relocation.dropped.insert(file.clone(), followed.dropped);
                    stage.outcome.findings.extend(followed.findings);
                    return Ok(());
                }
                Err(reason) => self.reasons.push(reason),
            }
        }
        self.relocation.merged.remove(file);
        self.conflict(stage, file, target)
    }

    /// Tells whether the package of the target has another thing of the name that the module at `file`
    /// would have in it: importing the module would put it in that place.
    fn is_hidden(&self, stage: &Stage<'_>, file: &RepoPath, target: &RepoPath) -> bool {
        let (package, name) = match target.parent() {
            Some(folder) if is_init(target) => (folder.parent(), folder.name_str().to_owned()),
            folder if is_python(target) => (folder, target.stem().to_owned()),
            _ => return false,
        };
        let inits = ["__init__.py", "__init__.pyi"].into_iter().filter_map(|name| {
            let init = package.as_ref()?.child(name).ok()?;
            stage.tree.entry(&init).map(|_| Module::File(init))
        });
        inits.into_iter().any(|init| match stage.facts.member(&init, &name) {
            Member::Missing => false,
            Member::Module(Module::File(found)) => {
                found != *file && self.relocation.place_of(&found) != target
            }
            Member::Module(Module::Namespace(_)) => false,
            Member::Definition { .. } | Member::External | Member::Assumed => true,
        })
    }

    /// Returns the file that is the same module as `target` and stays.
    fn double(&self, stage: &Stage<'_>, target: &RepoPath) -> Option<RepoPath> {
        double_of(target)
            .filter(|it| stage.tree.entry(it).is_some() && !it.is_under(&self.step.from))
    }

    /// Decides about a file that would be the same module as `double`.
    fn two_of_a_module(
        &mut self,
        stage: &Stage<'_>,
        file: &RepoPath,
        target: RepoPath,
        double: RepoPath,
    ) -> Result<(), StepError> {
        match self.step.on_conflict {
            OnConflict::KeepTarget if is_init(&double) => {
                self.drop_source(file, double);
                Ok(())
            }
            OnConflict::Rename if is_init(&double) => self.conflict(stage, file, target),
            OnConflict::Fail
            | OnConflict::KeepTarget
            | OnConflict::KeepSource
            | OnConflict::Rename => {
                // Of a package only the whole could yield or be renamed, and a step names that.
                self.doubles.push((file.clone(), double));
                Ok(())
            }
        }
    }

    fn conflict(
        &mut self,
        stage: &Stage<'_>,
        file: &RepoPath,
        target: RepoPath,
    ) -> Result<(), StepError> {
        match self.step.on_conflict {
            OnConflict::Rename if is_init(file) => {
                self.reasons.push(format!("`{file}` cannot have another name"));
                self.conflicts.push((file.clone(), target));
            }
            OnConflict::Fail => self.conflicts.push((file.clone(), target)),
            OnConflict::KeepTarget => self.drop_source(file, target),
            OnConflict::KeepSource => {
                if let Some(entry) = stage.tree.entry(&target).filter(|it| !it.mode.is_file()) {
                    let what = place::noun(entry.mode);
                    return Err(StepError::new(format!("`{target}` is {what}")));
                }
                if stage.context.keep.covers(&target) {
                    let message = format!("`{target}` cannot go: `[keep] paths` keeps it");
                    return Err(StepError::new(message));
                }
                self.relocation.archived.insert(target.clone());
                self.stands_for.insert(target.clone(), file.clone());
                self.replace(file, target);
            }
            OnConflict::Rename => {
                let place = self.free_name(stage, file, &target)?;
                // Where the very file has that name already, it is there.
                match stage.tree.entry(&place) {
                    Some(_) => self.relocation.merged.insert(file.clone(), place),
                    None => self.relocation.files.insert(file.clone(), place),
                };
            }
        }
        Ok(())
    }

    /// Decides about a module of which the target folder has the name already.
    fn hidden(
        &mut self,
        stage: &Stage<'_>,
        file: &RepoPath,
        target: &RepoPath,
    ) -> Result<(), StepError> {
        match self.step.on_conflict {
            OnConflict::Rename if !is_init(target) => self.conflict(stage, file, target.clone()),
            OnConflict::Fail
            | OnConflict::KeepTarget
            | OnConflict::KeepSource
            | OnConflict::Rename => {
                self.hidden.push((file.clone(), target.clone()));
                Ok(())
            }
        }
    }

    /// The file goes; `right` stands for it.
    fn drop_source(&mut self, file: &RepoPath, right: RepoPath) {
        self.stands_for.insert(file.clone(), right.clone());
        self.relocation.archived.insert(file.clone());
        self.relocation.merged.insert(file.clone(), right);
    }

    /// The file takes the place of `target`.
    fn replace(&mut self, file: &RepoPath, target: RepoPath) {
        self.relocation.merged.insert(target.clone(), target.clone());
        self.relocation.files.insert(file.clone(), target);
    }

    /// Returns `a/b_from.py` for `a/b.py`, where `from` is the name of the folder that goes: a place
    /// that is free, or holds the same file.
    fn free_name(
        &self,
        stage: &Stage<'_>,
        file: &RepoPath,
        target: &RepoPath,
    ) -> Result<RepoPath, StepError> {
        let same = |place: &RepoPath| {
            let entries = stage.tree.entry(file).zip(stage.tree.entry(place));
            entries.is_some_and(|(own, other)| (own.id, own.mode) == (other.id, other.mode))
        };
        let folder = target.parent().unwrap_or_else(RepoPath::root);
        let (stem, extension) = (target.stem(), target.extension());
        let dot = if extension.is_empty() { "" } else { "." };
        let own = self.step.from.name_str();
        let candidates = (1..).map(|number: usize| match number {
            1 => format!("{stem}_{own}{dot}{extension}"),
            more => format!("{stem}_{own}_{more}{dot}{extension}"),
        });
        for name in candidates {
            let place = folder.child(&name)?;
            let taken = self.relocation.files.values().any(|it| *it == place);
            if !taken && (!stage.tree.exists(&place) || same(&place)) {
                return Ok(place);
            }
        }
        Ok(target.clone())
    }

    fn refuse_conflicts(&self, stage: &Stage<'_>) -> Result<(), StepError> {
        let (mut messages, mut rows) = (Vec::new(), Vec::new());
        for (file, target) in &self.conflicts {
            let percent = Said::read(stage, file)?.percent(&Said::read(stage, target)?);
            let compared = evidence::compared(stage, (file, target), percent);
            let how = if compared.is_empty() { compared } else { format!(" ({compared})") };
            messages.push(format!("`{file}` differs from `{target}`{how}"));
            rows.extend(evidence::row(self.step, file, target).filter(|_| percent >= Some(NEAR)));
        }
        let doubles = self.doubles.iter();
        messages.extend(
            doubles.map(|(file, other)| format!("`{file}` would be the same module as `{other}`")),
        );
        messages.extend(self.hidden.iter().map(|(file, target)| {
            format!("`{file}` cannot become `{target}`: that package has another thing of its name")
        }));
        if messages.is_empty() {
            return Ok(());
        }
        let mut hints = self.reasons.clone();
        hints.extend(rows);
        hints.push("`same`, `rename` or `on-conflict` say what is to become of it".to_owned());
        Err(StepError::new(messages.join("; ")).with_hint(hints.join("; ")))
    }

    /// Refuses equivalents that do not exist.
    fn find_equivalents(&mut self, stage: &Stage<'_>) -> Result<(), StepError> {
        let arriving: BTreeMap<&RepoPath, &RepoPath> =
            self.relocation.files.iter().map(|(from, to)| (to, from)).collect();
        for (left, right) in &mut self.stands_for {
            if let Some(from) = arriving.get(right) {
                *right = (*from).clone();
            } else if stage.tree.entry(right).is_none() {
                let known = stage.tree.under(&self.step.into);
                let known: Vec<String> = known.map(|(path, _)| path.to_string()).collect();
                let message = format!("`{right}`, which is to stand for `{left}`, does not exist");
                let error = StepError::new(message);
                let near = nearest(&right.to_string(), known.iter().map(String::as_str));
                return Err(match near {
                    Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                    None => error,
                });
            }
        }
        Ok(())
    }

    /// Tells of files that merged although their bytes differ.
    fn tell_respelled(&self, stage: &mut Stage<'_>) {
        for (file, target) in &self.respelled {
            if self.relocation.merged.get(file) == Some(target)
                && !self.stands_for.contains_key(file)
            {
                let what = "only in line ends or in blanks at the ends of lines";
                let message = format!("differs from `{target}` {what}: they are one now");
                stage.tell(Finding::note(Some(file.clone()), message));
            }
        }
    }
}
