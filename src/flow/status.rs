//! How far a playbook has come in one repository: what its steps would still change, and what its
//! checks find.

use super::error::FlowError;
use super::planning::{Forbidden, Request, read};
use crate::audit::{self, Subject};
use crate::host::Repo;
use crate::plan::{OnDisk, Plan};
use crate::playbook::{Check, Playbook};
use crate::report::{CheckStatus, StatusReport};
use crate::verify::{self, Report};

/// A plan over a commit, which nobody means to carry out, and what is true of that commit.
#[derive(Debug)]
pub struct Status {
    playbook: Playbook,
    plan: Plan,
    disk: OnDisk,
    imports: Report,
    /// Steps that were not looked at, for they may not start programs.
    unseen: Vec<String>,
}

/// Plans what was asked for, and looks at the commit. Steps that may not start programs are not looked at.
///
/// # Errors
/// When the playbook has a mistake, the repository cannot be read, or a step cannot be carried out.
pub fn status(repo: &Repo, request: &Request) -> Result<Status, FlowError> {
    let (read, plan) = read(repo, request, Forbidden::LeftOut)?;
    let imports = verify::check(&plan.facts_before);
    read.keep(&plan.facts_before);
    let disk = repo.junk(&plan)?;
    Ok(Status { playbook: read.playbook, plan, disk, imports, unseen: read.left_out })
}

impl Status {
    /// Returns the view that formats read.
    #[must_use]
    pub fn report(&self) -> StatusReport<'_> {
        let checks = self.playbook.checks.iter().filter_map(|it| self.check(it)).collect();
        StatusReport::new(&self.plan, &self.disk, &self.playbook, &self.unseen, checks)
    }

    /// Looks whether a check holds. Whoever read the playbook knows that there is such a rule.
    fn check<'a>(&self, check: &'a Check) -> Option<CheckStatus<'a>> {
        let subject = Subject { report: &self.imports };
        match check {
            Check::Rule { rule, max } => {
                let rule = audit::rule(rule)?;
                Some(CheckStatus::Rule { rule, max: *max, found: (rule.find)(subject) })
            }
            Check::Manual { text, done } => Some(CheckStatus::Manual { text, done: *done }),
        }
    }
}
