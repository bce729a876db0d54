//! Planning the same playbook on its own result: nothing may be left to do.
//!
//! That is at stake only where a step fills what an earlier one empties. Steps are told what the tree
//! shows as done by later ones; playbooks that still would not settle are refused.

use std::collections::BTreeSet;

use super::{Change, PlanError, Run, State, changes};
use crate::facts::Facts;
use crate::path::RepoPath;
use crate::playbook::PlaybookStep;
use crate::steps::{Now, Past};

/// Returns what each step is to know of the later ones: what they have put somewhere already.
pub(super) fn pasts(steps: &[PlaybookStep], now: &Now<'_>) -> Result<Vec<Past>, PlanError> {
    let mut past = Past::new(now.tree.clone());
    let mut found = Vec::new();
    for step in steps.iter().rev() {
        found.push(past.clone());
        step.step.take_back(&mut past, now)?;
    }
    if let Some((one, other)) = past.exchanged() {
        return Err(PlanError::Exchange { one: one.clone(), other: other.clone() });
    }
    found.reverse();
    Ok(found)
}

/// Refuses steps that would change their own result once more.
pub(super) fn settles(run: &Run<'_>, (after, facts): &State) -> Result<(), PlanError> {
    if !refills(run, facts) {
        return Ok(());
    }
    let result = after.settled();
    let mut second = Run { before: &result, steps: Vec::new(), ..*run };
    let again = match second.all(facts) {
        Ok((again, _)) => again,
        Err(PlanError::Read(error)) => return Err(PlanError::Read(error)),
        Err(source) => return Err(PlanError::FailsAgain { source: Box::new(source) }),
    };
    match changes(&result, &again).first() {
        Some(change) => {
            let path = change.from.as_ref().unwrap_or(&change.path).clone();
            Err(PlanError::Unsettled { path })
        }
        None => Ok(()),
    }
}

/// Tells whether a step puts a file where an earlier one takes something from, or takes what an
/// earlier one put there.
fn refills(run: &Run<'_>, facts: &Facts) -> bool {
    let mut arrived: BTreeSet<&RepoPath> = BTreeSet::new();
    for planned in &run.steps {
        let earlier = run.playbook.steps.iter().take_while(|it| it.id != planned.id);
        let earlier: Vec<_> = earlier.collect();
        let gone = |it: &Change| it.from.clone().or(it.new.is_none().then(|| it.path.clone()));
        if planned.changes.iter().filter_map(gone).any(|path| arrived.contains(&path)) {
            return true;
        }
        let arrives = planned.changes.iter().filter(|it| it.new.is_some());
        let arrives = arrives.filter(|it| it.old.is_none() || it.from.is_some());
        for path in arrives.map(|it| &it.path) {
            if earlier.iter().any(|step| step.step.takes(path, facts)) {
                return true;
            }
            arrived.insert(path);
        }
    }
    false
}
