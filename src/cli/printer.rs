//! The one door to the terminal: data goes to stdout, talk goes to stderr.
//!
//! Nothing else in the crate prints. What is data is never coloured or shortened here; what is talk
//! is one sentence a line, silenced by `-q` and lengthened by `-v`. Failing to talk is no failure:
//! only a lost piece of data is.

use std::io::{self, IsTerminal, Write};

use clap::builder::styling::{AnsiColor, Style};

use super::error::CliError;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

impl Color {
    /// Decides for one stream.
    pub(crate) fn applies(self, stream: &impl IsTerminal) -> bool {
        match self {
            Self::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
                stream.is_terminal() && !refused && !dumb
            }
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// How much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Talk {
    /// Errors only.
    Quiet,
    /// What a user wants to know.
    Normal,
    /// What a user wants to know when something is odd.
    Verbose,
}

/// The way to the terminal.
pub(crate) struct Printer<'a> {
    /// Where data goes.
    out: &'a mut dyn Write,
    /// Where talk goes.
    err: &'a mut dyn Write,
    talk: Talk,
    /// Whether data may carry colour.
    colored_data: bool,
    colored_talk: bool,
}

impl<'a> Printer<'a> {
    /// Makes a printer over the process's own streams, or over those of a test.
    pub(crate) fn new(
        (out, colored_data): (&'a mut dyn Write, bool),
        (err, colored_talk): (&'a mut dyn Write, bool),
        talk: Talk,
    ) -> Self {
        Self { out, err, talk, colored_data, colored_talk }
    }

    /// Writes data to stdout, byte for byte.
    ///
    /// # Errors
    /// When stdout cannot take it.
    pub(crate) fn data(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), CliError> {
        self.out.write_all(bytes.as_ref()).map_err(CliError::output)
    }

    /// Sends what is held back on its way: before a prompt, and at the end.
    ///
    /// # Errors
    /// When stdout cannot take it.
    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        self.out.flush().map_err(CliError::output)
    }

    /// Tells whether data for people may carry colour.
    pub(crate) fn colored_data(&self) -> bool {
        self.colored_data
    }

    /// Tells whether `-v` was given.
    pub(crate) fn is_verbose(&self) -> bool {
        self.talk == Talk::Verbose
    }

    /// Says one sentence.
    pub(crate) fn say(&mut self, sentence: impl AsRef<str>) {
        if self.talk >= Talk::Normal {
            self.line(sentence.as_ref());
        }
    }

    /// Asks a question that an answer is waited for, whatever `-q` says.
    pub(crate) fn ask(&mut self, question: &str) {
        let _: io::Result<()> = self
            .out
            .flush()
            .and_then(|()| write!(self.err, "{question} [y/N] "))
            .and_then(|()| self.err.flush());
    }

    /// Says one sentence that only `-v` wants.
    pub(crate) fn detail(&mut self, sentence: impl AsRef<str>) {
        if self.talk >= Talk::Verbose {
            self.line(sentence.as_ref());
        }
    }

    /// Says what is probably wrong, without stopping for it.
    pub(crate) fn warn(&mut self, message: impl AsRef<str>) {
        if self.talk >= Talk::Normal {
            self.headed("warning", AnsiColor::Yellow, message.as_ref());
        }
    }

    /// Says what could be done about it.
    pub(crate) fn hint(&mut self, message: impl AsRef<str>) {
        if self.talk >= Talk::Normal {
            self.headed("hint", AnsiColor::Cyan, message.as_ref());
        }
    }

    /// Says why the command stops, with causes and remedies, whatever `-q` says.
    pub(crate) fn error(&mut self, error: &CliError) {
        if error.is_closed_pipe() {
            return;
        }
        self.headed("error", AnsiColor::Red, &error.to_string());
        for cause in error.causes() {
            self.line(&format!("  caused by: {cause}"));
        }
        if let Some(page) = error.page(self.colored_talk) {
            self.line(page.trim_end());
        }
        for hint in error.hints() {
            self.headed("hint", AnsiColor::Cyan, hint);
        }
    }

    fn headed(&mut self, word: &str, color: AnsiColor, message: &str) {
        let style = match self.colored_talk {
            true => Style::new().bold().fg_color(Some(color.into())),
            false => Style::new(),
        };
        self.line(&format!("{style}{word}:{style:#} {message}"));
    }

    fn line(&mut self, text: &str) {
        // Data first, so that both streams on one terminal read in the order of events. Where stdout
        // does not take it, the end of the command will say so.
        let _: io::Result<()> = self.out.flush();
        let _: io::Result<()> = writeln!(self.err, "{text}");
    }
}

/// Counts files in words.
pub(crate) fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(level: Talk, colored: bool) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new((&mut out, false), (&mut err, colored), level);
        printer.say("Planned.");
        printer.detail("Read 3 files.");
        printer.warn("`a/*.py` matches nothing");
        printer.error(&CliError::usage("no such playbook").hint("try `overhaul playbook list`"));
        String::from_utf8(err).unwrap()
    }

    #[test]
    fn errors_speak_at_every_level() {
        let error = "error: no such playbook\nhint: try `overhaul playbook list`\n";
        let warning = "warning: `a/*.py` matches nothing\n";
        assert_eq!(talk(Talk::Quiet, false), error);
        assert_eq!(talk(Talk::Normal, false), format!("Planned.\n{warning}{error}"));
        let all = format!("Planned.\nRead 3 files.\n{warning}{error}");
        assert_eq!(talk(Talk::Verbose, false), all);
    }

    #[test]
    fn colour_is_beside_the_words_only() {
        let colored = talk(Talk::Quiet, true);
        assert!(colored.starts_with("\u{1b}["), "{colored:?}");
        assert!(colored.contains("no such playbook"), "{colored:?}");
    }

    #[test]
    fn data_is_bytes() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new((&mut out, true), (&mut err, true), Talk::Quiet);
        printer.data(b"\xff\0\r\n").unwrap();
        assert_eq!((out.as_slice(), err.as_slice()), (&b"\xff\0\r\n"[..], &b""[..]));
    }
}
