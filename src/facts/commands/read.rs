//! Commands in a text: which file does Python start, and from where?
//!
//! A reader of words, not of languages: a line of a Makefile, of a workflow, of a Dockerfile or of a
//! shell script holds a command the same way. `python -m`, `python -c` and what merely has a file as
//! an argument (`black x.py`) start no file.

use std::collections::BTreeSet;

use super::variables::{Dialect, Expanded, Variables};
use crate::facts::references::by_comments;

/// The commands of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::facts) struct Commands {
    /// The files that are started, in order.
    pub(super) starts: Vec<Start>,
    /// Words that may name a folder in which something is started.
    pub(super) folders: Vec<String>,
    /// Something is put on the path of runs: of what else they find, nothing is known.
    pub(super) own_path: bool,
}

/// A command that starts a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// The file as it is named; behind a slash where a part of the name is not known.
    pub(super) file: String,
    /// The folder that the command goes to first.
    pub(super) within: Option<String>,
    /// Line, from 1.
    pub(super) line: u32,
    /// The lines that say what the variables of it stand for.
    pub(super) assigned: BTreeSet<u32>,
}

/// Words behind which a folder stands that something is started in, or whose files go elsewhere.
const FOLDER_KEYS: [&str; 12] = [
    "-C",
    "--directory",
    "--chdir",
    "add",
    "build:",
    "context:",
    "copy",
    "cwd:",
    "dir:",
    "workdir",
    "working-directory:",
    "working_dir:",
];

/// Modules that start the file that they are given, with its own folder on the path.
const STARTERS: [&str; 8] =
    ["cProfile", "debugpy", "kernprof", "memory_profiler", "pdb", "profile", "trace", "viztracer"];

/// Reads the commands of a text whose comments begin with `#`.
pub(in crate::facts) fn read(source: &str, dialect: Dialect) -> Commands {
    let own_path = source.contains("PYTHONPATH");
    let mut reader =
        Reader { found: Commands { own_path, ..Commands::default() }, ..Reader::default() };
    let stretches = numbered(source);
    let used = stretches.iter().filter(|(_, _, is_use)| *is_use);
    let variables = Variables::of(used.map(|(number, text, _)| (*number, *text)), dialect);
    let mut goes_on = false;
    for (number, text, is_use) in stretches {
        if is_use {
            let Expanded { text, lines } = variables.expand(text);
            if !goes_on {
                reader.begin_line(text.trim_start());
            }
            reader.assigned = lines;
            reader.line(&text, number);
        }
        goes_on = is_use && text.trim_end().ends_with('\\');
    }
    reader.found
}

/// Cuts a text into what runs and what is a comment, with the number of each line.
fn numbered(source: &str) -> Vec<(u32, &str, bool)> {
    let mut number = 1;
    let stretches = by_comments(source, "#").into_iter().map(|(span, place)| {
        let text = &source[span];
        let here = number;
        number += u32::from(text.ends_with('\n'));
        (here, text, place.is_use())
    });
    stretches.collect()
}

/// What the next word is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Expected {
    /// Nothing in particular.
    #[default]
    Any,
    /// The folder that `cd` goes to.
    Within,
    /// Some folder.
    Folder,
    /// An option of Python, or the file.
    File,
    /// What belongs to an option of Python.
    Value,
    /// A module that Python starts.
    Module,
    /// `run`, behind the module that offers it.
    Run,
    /// An option of something that starts files, or the file.
    Launched,
    /// The same, or what belongs to an option.
    LaunchedOrValue,
}

#[derive(Debug, Default)]
struct Reader {
    found: Commands,
    expected: Expected,
    within: Option<String>,
    /// The lines that say what the variables of this one stand for.
    assigned: BTreeSet<u32>,
    /// Words that the command has so far.
    words: usize,
}

impl Reader {
    /// Begins a line that does not merely go on with the one before. A list goes on over lines.
    fn begin_line(&mut self, text: &str) {
        let of_list = ["- ", "\"", "'", "args:", "CMD"].iter().any(|it| text.starts_with(it));
        let waits = matches!(self.expected, Expected::File | Expected::Launched);
        if !(waits && (of_list || text.is_empty())) {
            self.end();
        }
        self.within = None;
    }

    /// Ends a command.
    fn end(&mut self) {
        (self.expected, self.words) = (Expected::Any, 0);
    }

    fn line(&mut self, text: &str, number: u32) {
        let (mut start, mut depth) = (0, 0_usize);
        let mut before = ' ';
        for (at, character) in text.char_indices() {
            // `$(dirname "$0")/x.py` is one word.
            match character {
                '(' if before == '$' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                _ if depth > 0 => {}
                _ if is_between(character) || matches!(character, ';' | '|' | '&') => {
                    self.word(&text[start..at], number);
                    start = at + character.len_utf8();
                    if !is_between(character) {
                        self.end();
                    }
                }
                _ => {}
            }
            before = character;
        }
        self.word(&text[start..], number);
    }

    fn word(&mut self, word: &str, number: u32) {
        // A dash that begins an item of a list is no word.
        if word.is_empty() || matches!(word, "-" | "\\" | "args:" | "CMD") {
            return;
        }
        self.expected = match self.expected {
            Expected::Any => self.first(word),
            Expected::Within => {
                self.within = path_in(word);
                self.folder(word)
            }
            Expected::Folder if is_python(word) => Expected::File,
            Expected::Folder if word.starts_with("--") => Expected::Folder,
            Expected::Folder => self.folder(word),
            Expected::File => match word.strip_prefix('-') {
                Some(option) => after_option(option),
                None => self.start(word, number),
            },
            Expected::Value => Expected::File,
            Expected::Module if word == "coverage" => Expected::Run,
            Expected::Module if STARTERS.contains(&word) => Expected::Launched,
            Expected::Run if word == "run" => Expected::Launched,
            Expected::Module | Expected::Run => Expected::Any,
            Expected::Launched | Expected::LaunchedOrValue => match word {
                "-m" | "--module" => Expected::Any,
                _ if word.starts_with('-') && word.contains('=') => Expected::Launched,
                _ if word.starts_with('-') => Expected::LaunchedOrValue,
                _ if is_python(word) => Expected::File,
                _ if word.ends_with(".py") => self.start(word, number),
                _ if self.expected == Expected::LaunchedOrValue => Expected::Launched,
                _ => Expected::Any,
            },
        };
        self.words += 1;
        if word.contains('/') && !word.ends_with(".py") {
            self.folder(word);
        }
    }

    /// Reads a word that nothing is expected of.
    fn first(&mut self, word: &str) -> Expected {
        match word {
            "cd" | "pushd" => Expected::Within,
            "run" if self.words > 0 => Expected::Launched,
            "torchrun" | "kernprof" | "scalene" => Expected::Launched,
            _ if is_folder_key(word) => Expected::Folder,
            _ if is_python(word) => Expected::File,
            _ => Expected::Any,
        }
    }

    fn folder(&mut self, word: &str) -> Expected {
        if let Some(folder) = path_in(word).filter(|it| !self.found.folders.contains(it)) {
            self.found.folders.push(folder);
        }
        Expected::Any
    }

    fn start(&mut self, word: &str, line: u32) -> Expected {
        if let Some(file) = path_in(word) {
            let (within, assigned) = (self.within.clone(), self.assigned.clone());
            self.found.starts.push(Start { file, within, line, assigned });
        }
        Expected::Any
    }
}

/// Tells whether a character only stands between words.
fn is_between(character: char) -> bool {
    character.is_whitespace() || "\"'`[](),<>".contains(character)
}

fn is_folder_key(word: &str) -> bool {
    let is_instruction = word.chars().all(|it| it.is_ascii_uppercase());
    let key = if is_instruction { word.to_ascii_lowercase() } else { word.to_owned() };
    FOLDER_KEYS.contains(&key.as_str())
}

/// Tells whether a word is how people call Python: by its name, by a path, by a variable.
fn is_python(word: &str) -> bool {
    let name = word.rsplit(['/', ':', '=', '@']).next().unwrap_or_default();
    if word.starts_with(['$', '{', '%']) || name.starts_with(['$', '{']) {
        return word.to_ascii_lowercase().contains("py") && !word.contains(".py");
    }
    let name = name.trim_start_matches(['-', '+', '!']);
    let version = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"));
    let is_version = |it: &str| it.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    version.is_some_and(is_version)
        || matches!(
            name,
            "py" | "pyw" | "python.exe" | "pythonw" | "pythonw.exe" | "sys.executable"
        )
}

/// Returns what follows an option of Python, without its dash.
fn after_option(option: &str) -> Expected {
    match option {
        "W" | "X" | "-check-hash-based-pycs" => return Expected::Value,
        _ if option.starts_with(['W', 'X', '-']) => return Expected::File,
        _ => {}
    }
    for letter in option.chars() {
        match letter {
            'm' => return Expected::Module,
            // With these, Python does not put the folder of the file on the path, or starts none.
            'c' | 'I' | 'P' => return Expected::Any,
            _ => {}
        }
    }
    Expected::File
}

/// Returns a path as far as it is known: what follows a variable, behind a slash.
fn path_in(word: &str) -> Option<String> {
    let unknown = |part: &str| part.contains(['$', '{', '}', '(', ')', '%', '~']);
    let mut parts = word.split('/').rev();
    let known: Vec<&str> = parts.by_ref().take_while(|part| !unknown(part)).collect();
    let path: Vec<&str> = known.iter().rev().copied().collect();
    let is_whole = path.len() == word.split('/').count();
    let path = path.join("/");
    let is_path = |it: char| it.is_alphanumeric() || matches!(it, '_' | '.' | '/' | '-' | '+');
    let is_some = path.chars().any(char::is_alphanumeric) || matches!(&*path, ".." | "../..");
    (is_some && path.chars().all(is_path)).then(|| if is_whole { path } else { format!("/{path}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows what a text starts, as `line: file`, with the folder that it goes to first.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let show = |it: &Start| match &it.within {
            Some(within) => format!("{}: {} in {within}", it.line, it.file),
            None => format!("{}: {}", it.line, it.file),
        };
        let found: Vec<String> = read(text, Dialect::Make).starts.iter().map(show).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn each_format_holds_commands_its_own_way() {
        check("all:\n\t@python s/t.py --x a.py\n", &["2: s/t.py"]);
        check("\t$(PYTHON) -u s/t.py; $(PY3) s/u.py\n", &["1: s/t.py", "1: s/u.py"]);
        check("web: python3.11 -OO app/run.py\n", &["1: app/run.py"]);
        check("WORKDIR /app\nCMD [\"python\", \"-u\", \"/app/run.py\"]\n", &["2: /app/run.py"]);
        check("ENTRYPOINT [\"python\"]\nCMD [\"run.py\"]\n", &["2: run.py"]);
        check("    command: python a/b.py\n", &["1: a/b.py"]);
        check("command:\n  - python\n  - -u\n  - a/b.py\n  - c.py\n", &["4: a/b.py"]);
        check("command: [\"python\"]\nargs: [\"a/b.py\"]\n", &["2: a/b.py"]);
        check("- run: |\n    pip install x\n    python a.py | tee b.py\n", &["3: a.py"]);
        check("  \"start\": \"python s/t.py\",\n", &["1: s/t.py"]);
        check("ExecStart=/srv/venv/bin/python /srv/s/t.py\n", &["1: /srv/s/t.py"]);
        check("commands =\n    {envpython} s/t.py\n", &["2: s/t.py"]);
        check("subprocess.run([sys.executable, 's/t.py'])", &["1: s/t.py"]);
    }

    #[test]
    fn a_command_may_go_to_a_folder_first() {
        check("cd s && python t.py; python u.py\n", &["1: t.py in s", "1: u.py in s"]);
        check("(cd s; python t.py)\npython u.py\n", &["1: t.py in s", "2: u.py"]);
        check("cd s && \\\n  python t.py\n", &["2: t.py in s"]);
        check("python \"$(dirname \"$0\")/t.py\"\n", &["1: /t.py"]);
        check("python ${HERE}/a/t.py $X\n", &["1: /a/t.py"]);
    }

    #[test]
    fn what_starts_no_file_is_told() {
        check("python -m s.t\npython -c 'x' s/t.py\npython -um pytest s/t.py\n", &[]);
        check("python -I s/t.py\npython -P s/t.py\n", &[]);
        check("# python s/t.py\nblack s/t.py\npytest s/t.py\n", &[]);
        check("FROM python:3.12\nCOPY s/t.py /app/\n", &[]);
        check("docker run image s/t.py\nuv run pytest s/t.py\n", &[]);
        check("python --version\ns/t.py\n", &[]);
        check("coverage run -m pytest s/t.py\n", &[]);
    }

    #[test]
    fn what_starts_a_file_for_somebody_is_told() {
        check("coverage run --source=p -p s/t.py\n", &["1: s/t.py"]);
        check("coverage run --source p s/t.py\n", &["1: s/t.py"]);
        check("uv run s/t.py; uv run --with x python s/u.py\n", &["1: s/t.py", "1: s/u.py"]);
        check("python -m coverage run s/t.py\npython -m pdb s/u.py\n", &["1: s/t.py", "2: s/u.py"]);
        check("python -W error -X dev -Wx s/t.py\n", &["1: s/t.py"]);
    }
}
