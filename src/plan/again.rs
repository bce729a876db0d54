//! Planning the same playbook on its own result: nothing may be left to do.
//!
//! Steps are told what the tree shows as done by later ones. Whether that is enough is tried: the
//! steps run once more on what they made, and a playbook that would change it is refused.

use super::{PlanError, Run, State, changes};
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
