//! `why`: who uses this file, module or name.

use std::collections::{BTreeMap, BTreeSet};

use super::warn_of_interrupted;
use crate::cli::arguments::formats;
use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::facts::references::Place;
use crate::facts::{Facts, How, Lookup, Memo, Settings, Subject};
use crate::finding::nearest;
use crate::flow::Exit;
use crate::host::Repo;
use crate::path::RepoPath;
use crate::report::{Format, Importer, Mention, TextOptions, WhyReport};
use crate::text::Text;
use crate::tree::Tree;

/// Who uses this file, folder, module or name?
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  overhaul why scripts/migrate.py
  overhaul why services/gateway
  overhaul why app.stores
  overhaul why app.stores:Pool")]
pub(crate) struct Args {
    /// A path from the root of the repository, a dotted module, or MODULE:NAME
    #[arg(value_name = "PATH|MODULE|MODULE:NAME")]
    subject: String,

    /// Read this commit instead of the work tree
    #[arg(long, value_name = "REV")]
    base: Option<String>,

    /// How to show it
    #[arg(long, default_value = "text", value_name = "FORMAT",
          value_parser = formats(|it| it.why.is_some()))]
    format: &'static Format,
}

/// Lists the imports and mentions of what was asked about.
pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    if RepoPath::new(&args.subject).is_ok_and(|it| it.is_root()) {
        let error = CliError::usage(format!("`{}` is the whole repository", args.subject));
        return Err(error.hint("name a file, a folder, a module or a name in it"));
    }
    let repo = Repo::open(".".as_ref())?;
    warn_of_interrupted(&repo, out)?;
    let snapshot = match &args.base {
        Some(revision) => repo.snapshot(&repo.commit(revision)?)?,
        None => repo.work_tree()?.snapshot,
    };
    let (cache, memo) = (repo.cache(), Memo::default());
    cache.load(&snapshot, &memo);
    cache.load_words(&snapshot, &memo);
    let tree = Tree::new(snapshot);
    let facts = Facts::index(&tree, &Settings::default(), &memo)?;
    let subject =
        facts.subject(&tree, &args.subject).ok_or_else(|| unknown(&args.subject, &tree, &facts))?;
    if let Subject::Path(path) = &subject
        && let Some(module) = facts.module_named(&args.subject).filter(|it| it != path)
    {
        out.hint(format!("this is about the path; the module `{}` is `{module}`", args.subject));
    }
    let users = facts.users_of(&tree, &subject)?;
    cache.keep(&memo);
    let mut pages = Pages { tree: &tree, read: BTreeMap::new() };
    let importer =
        |(path, line): (RepoPath, u32)| Ok(Importer { text: pages.line(&path, line)?, path, line });
    let importers = users.imports.into_iter().map(importer).collect::<Result<_, CliError>>()?;
    let mut mentions = Vec::new();
    for Lookup { by, line, how, .. } in users.lookups {
        let kind = match how {
            How::Attribute => "attribute",
            How::Quoted => "import in a string",
            How::Loaded => "loaded by its name",
            How::Listed { .. } => "lookup",
        };
        let text = pages.line(&by, line)?;
        mentions.push(Mention { path: by, line, kind: kind.to_owned(), text });
    }
    for (path, line) in users.commands {
        let text = pages.line(&path, line)?;
        mentions.push(Mention { path, line, kind: "command".to_owned(), text });
    }
    let mention = |it: crate::facts::references::Mention| {
        let text = pages.line(&it.file, it.line)?;
        Ok(Mention { path: it.file, line: it.line, kind: word(it.place).to_owned(), text })
    };
    let named = users.mentions.into_iter().map(mention);
    mentions.append(&mut named.collect::<Result<_, CliError>>()?);
    let report = WhyReport { subject: args.subject.clone(), importers, mentions };
    let options =
        TextOptions { colour: out.colored_data(), verbose: out.is_verbose(), stat: false };
    if let Some(show) = args.format.why {
        out.data(show(&report, options))?;
    }
    Ok(Exit::Fine)
}

/// The files of which lines are shown, each read once.
struct Pages<'a> {
    tree: &'a Tree,
    read: BTreeMap<RepoPath, Vec<String>>,
}

impl Pages<'_> {
    /// Returns a line of a file, without its indentation and its end.
    fn line(&mut self, path: &RepoPath, line: u32) -> Result<String, CliError> {
        if !self.read.contains_key(path) {
            let bytes = self.tree.read(path)?;
            let text = Text::decode_python(&bytes).ok().or_else(|| Text::decode_utf8(&bytes));
            let source = text.as_ref().map_or("", Text::source);
            let lines = source.lines().map(|it| it.trim().to_owned()).collect();
            self.read.insert(path.clone(), lines);
        }
        let at = line.saturating_sub(1) as usize;
        Ok(self.read.get(path).and_then(|it| it.get(at)).cloned().unwrap_or_default())
    }
}

fn word(place: Place) -> &'static str {
    match place {
        Place::PythonString => "string",
        Place::Comment => "comment",
        Place::Docstring => "docstring",
        Place::Documentation => "documentation",
        Place::Text => "text",
    }
}

fn unknown(text: &str, tree: &Tree, facts: &Facts) -> CliError {
    let error = CliError::usage(format!("there is no path, module or name `{text}` here"));
    let folders: BTreeSet<RepoPath> = tree.entries().keys().flat_map(RepoPath::folders).collect();
    let paths = || tree.entries().keys().chain(&folders);
    let modules: Vec<String> = paths().flat_map(|it| facts.names_of(it)).collect();
    let paths = paths().filter_map(RepoPath::as_str);
    match nearest(text, paths.chain(modules.iter().map(String::as_str))) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("paths are written from the root of the repository"),
    }
}
