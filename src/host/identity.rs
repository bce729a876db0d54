//! Who commits, and when: as git itself finds it in the environment and its configuration.

use super::error::{Cause, HostError};
use super::git::complaint;
use super::repo::Repo;

/// An author and a committer.
pub(super) struct Identity {
    /// Who is said to have written the change.
    pub(super) author: git2::Signature<'static>,
    /// Who commits it.
    pub(super) committer: git2::Signature<'static>,
}

impl Identity {
    /// Asks git, which also reads the variables that fix a date.
    pub(super) fn of(repo: &Repo) -> Result<Self, HostError> {
        Ok(Self {
            author: ask(repo, "GIT_AUTHOR_IDENT")?,
            committer: ask(repo, "GIT_COMMITTER_IDENT")?,
        })
    }

    /// Returns when the commit is made, in seconds since 1970, UTC.
    pub(super) fn time(&self) -> i64 {
        self.committer.when().seconds()
    }
}

fn ask(repo: &Repo, variable: &str) -> Result<git2::Signature<'static>, HostError> {
    let output = repo.git().output(&["var", variable])?;
    if !output.status.success() {
        return Err(HostError::NoIdentity(Cause(complaint(&output))));
    }
    let line = String::from_utf8_lossy(&output.stdout);
    let odd = || HostError::NoIdentity(Cause(format!("git says `{}`", line.trim())));
    let (name, email, time) = parse(line.trim()).ok_or_else(odd)?;
    git2::Signature::new(name, email, &time).map_err(|_| odd())
}

/// Reads `Name <e-mail> seconds ±hhmm`.
fn parse(line: &str) -> Option<(&str, &str, git2::Time)> {
    let (who, when) = line.rsplit_once("> ")?;
    let (name, email) = who.rsplit_once(" <")?;
    let (seconds, zone) = when.split_once(' ')?;
    let hours: i32 = zone.get(1..3)?.parse().ok()?;
    let minutes: i32 = zone.get(3..5)?.parse().ok()?;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    Some((name, email, git2::Time::new(seconds.parse().ok()?, sign * (60 * hours + minutes))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_as_git_prints_it() {
        let (name, email, time) = parse("A <b> C <a@b.c> 1767323045 -0130").unwrap();
        assert_eq!((name, email), ("A <b> C", "a@b.c"));
        assert_eq!((time.seconds(), time.offset_minutes()), (1_767_323_045, -90));
        assert!(parse("nobody").is_none());
    }
}
