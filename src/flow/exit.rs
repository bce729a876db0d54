//! The exit codes: a public contract with scripts and with CI.

/// How a command ended. The numbers are promised to users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// There are findings, or changes pending under `--check`.
    Findings = 1,
    /// The command line or the playbook is wrong, or reading or writing failed.
    Failed = 2,
    /// The plan would break something; nothing was written.
    Unverified = 3,
    /// Stale plan, lock held, touched files dirty, or a repository that is not supported.
    Refused = 4,
    /// Part of a campaign failed.
    Partial = 5,
}

impl Exit {
    /// Returns the number.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}
