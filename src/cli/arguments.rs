//! Arguments that several commands share.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::error::CliError;
use super::playbooks;
use crate::flow::Request;
use crate::host::Repo;
use crate::plan::Options;
use crate::report::{self, FORMATS, Format};
use crate::verify::CommitPer;

/// Which playbook to run, with what, and how much of it
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PlaybookArgs {
    /// A playbook file, the name of a shipped playbook, or of one in `.overhaul/playbooks/`
    pub(crate) playbook: String,

    /// Give a variable of the playbook a value; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,

    /// Carry out only this sprint or step; may be repeated
    #[arg(long, value_name = "SPRINT|STEP")]
    pub(crate) only: Vec<String>,

    /// Leave out this sprint or step; may be repeated
    #[arg(long, value_name = "SPRINT|STEP")]
    pub(crate) skip: Vec<String>,

    /// Start from this commit instead of HEAD
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,

    /// Also apply the edits that are only probably right
    #[arg(long, value_enum, value_name = "SAFETY")]
    pub(crate) include: Option<Include>,

    /// Take warnings for errors
    #[arg(long)]
    pub(crate) strict: bool,

    /// Allow a playbook of the repository itself to start programs
    #[arg(long)]
    pub(crate) allow_run: bool,
}

impl PlaybookArgs {
    /// Finds the playbook, and returns what is meant.
    ///
    /// # Errors
    /// When there is no such playbook.
    pub(crate) fn request(self, per: CommitPer, repo: Option<&Repo>) -> Result<Request, CliError> {
        let Self { playbook, set, only, skip, base, include, strict, allow_run } = self;
        let found = playbooks::find(&playbook, repo)?;
        let include_review = include == Some(Include::Review);
        let options = Options { only, skip, include_review };
        Ok(Request { found, set, options, base, strict, per, allow_run, saved_runs: None })
    }
}

/// How to carry a plan out
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct PublishArgs {
    /// Go on where files that the plan touches have changes that are not committed
    #[arg(long)]
    pub(crate) allow_dirty: bool,

    /// Name the branch [default: overhaul/PLAYBOOK, with a number where that is taken]
    #[arg(long, value_name = "NAME")]
    pub(crate) branch: Option<String>,

    /// How to gather the steps into commits
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub(crate) commit_per: Per,
}

/// Which edits to apply beside the safe ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Include {
    /// Those that a person should look at
    Review,
}

/// How the steps are gathered into commits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Per {
    /// One commit for each step
    #[default]
    Step,
    /// One for each sprint
    Sprint,
    /// One for all
    Run,
}

impl From<Per> for CommitPer {
    fn from(per: Per) -> Self {
        match per {
            Per::Step => Self::Step,
            Per::Sprint => Self::Sprint,
            Per::Run => Self::Run,
        }
    }
}

/// Returns the reader of `--format` for a command that can use these formats.
pub(crate) fn formats(
    shows: fn(&Format) -> bool,
) -> impl TypedValueParser<Value = &'static Format> {
    let rows = FORMATS.iter().filter(move |it| shows(it));
    let values = rows.map(|it| PossibleValue::new(it.name).help(it.about));
    PossibleValuesParser::new(values)
        .try_map(|name| report::format(&name).ok_or_else(|| format!("no format `{name}`")))
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_hold_what_it_likes() {
        assert_eq!(assignment("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(assignment("a="), Ok(("a".to_owned(), String::new())));
        assert!(assignment("a").is_err() && assignment("=b").is_err());
    }
}
