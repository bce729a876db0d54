//! Hides the values of secrets in what is shown; the patch alone is exact.
//!
//! Three things are taken for secrets: a value under a name that says so (`password`, `api_key`), a
//! text of a well-known shape (an AWS key, a token of a forge, a password in an address), and every
//! value of an `.env` file. Of a private key all lines between its marks are hidden. Hiding too much
//! costs little, so a doubtful value is hidden; in code only a quoted one is, so that code stays
//! readable.

use std::borrow::Cow;
use std::ops::Range;

use bstr::ByteSlice;

use crate::path::RepoPath;
use crate::text::dotenv::is_env_file;

mod names;
mod shapes;

/// What stands in place of a secret.
const HIDDEN: &[u8] = b"<redacted>";

/// How values are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    /// Values are quoted.
    Code,
    /// Sentences, in which a value stands right behind its `=`.
    Prose,
    /// Anything else: `key: value`, `key = value`.
    Settings,
}

/// Where the secrets of one file are.
#[derive(Debug)]
pub(super) struct Secrets {
    /// Every value is one.
    env: bool,
    syntax: Syntax,
    /// The lines of private keys, from 0.
    keys: Vec<Range<usize>>,
}

impl Secrets {
    /// Looks at a whole file, or at a part of one.
    pub(super) fn of(path: &RepoPath, bytes: &[u8]) -> Self {
        Self { env: is_env_file(path), syntax: Syntax::of(path), keys: keys(bytes) }
    }

    /// Returns a line without its secrets; `number` counts from 0.
    pub(super) fn hide<'a>(&self, number: usize, line: &'a [u8]) -> Cow<'a, [u8]> {
        let body = line.trim_end_with(|last| matches!(last, '\n' | '\r'));
        let mut spans: Vec<Range<usize>> = match self.env {
            true => env_value(body).into_iter().collect(),
            false => names::values(body, self.syntax),
        };
        spans.extend(self.keys.iter().filter(|it| it.contains(&number)).map(|_| 0..body.len()));
        spans.extend(shapes::secrets(body));
        cut(line, spans)
    }
}

/// Returns a text of the file at `path`, of one line or several, without its secrets.
pub(super) fn text(path: &RepoPath, text: &str) -> String {
    let secrets = Secrets::of(path, text.as_bytes());
    let lines = text.as_bytes().split_inclusive(|byte| *byte == b'\n').enumerate();
    let shown = lines.map(|(number, line)| secrets.hide(number, line));
    String::from_utf8_lossy(&shown.collect::<Vec<_>>().concat()).into_owned()
}

/// Returns the value that the user gave to the variable `name`, hidden where the name says so.
pub(super) fn value<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    let hidden = names::is_secret(name.as_bytes()) || !shapes::secrets(value.as_bytes()).is_empty();
    if hidden { String::from_utf8_lossy(HIDDEN) } else { Cow::Borrowed(value) }
}

impl Syntax {
    fn of(path: &RepoPath) -> Self {
        match path.extension() {
            "py" | "pyi" | "pyw" | "js" | "jsx" | "ts" | "tsx" | "go" | "rs" | "java" | "kt"
            | "rb" | "php" | "c" | "h" | "cc" | "cpp" | "cs" | "swift" | "scala" => Self::Code,
            "md" | "rst" | "txt" | "adoc" => Self::Prose,
            _ => Self::Settings,
        }
    }
}

/// Finds the value in a line of an `.env` file, also of one that is commented out. A line that has
/// no `=` goes on with the value of the one above.
fn env_value(line: &[u8]) -> Option<Range<usize>> {
    let rest = line.trim_start();
    let comment = rest.starts_with(b"#");
    let name_starts = line.len() - rest.trim_start_with(|it| it == '#' || it.is_whitespace()).len();
    let Some(equals) = line.find_byte(b'=') else {
        return (!comment && !rest.is_empty()).then_some(0..line.len());
    };
    let name = line.get(name_starts..equals).unwrap_or_default().trim();
    let name = name.strip_prefix(b"export ").unwrap_or(name);
    let plain = !name.is_empty()
        && name.iter().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.' | b'-'));
    match (plain, comment) {
        (true, _) => Some(equals + 1..line.len()).filter(|it| !line[it.clone()].trim().is_empty()),
        (false, true) => None,
        (false, false) => Some(0..line.len()),
    }
}

/// Finds the lines between the marks of private keys. A key that does not end hides all that
/// follows.
fn keys(bytes: &[u8]) -> Vec<Range<usize>> {
    const MARK: &[u8] = b"PRIVATE KEY-----";
    let mut found = Vec::new();
    if bytes.find(MARK).is_none() {
        return found;
    }
    let mut begun = None;
    let mut last = 0;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        last = number;
        match (line.find(MARK).is_some(), line.find(b"-----BEGIN").is_some()) {
            (true, true) if line.find(b"-----END").is_none() => begun = Some(number + 1),
            (true, false) => found.extend(begun.take().map(|start| start..number)),
            _ => {}
        }
    }
    found.extend(begun.map(|start| start..last + 1));
    found
}

/// Cuts `spans`, which may overlap, out of a line.
fn cut(line: &[u8], mut spans: Vec<Range<usize>>) -> Cow<'_, [u8]> {
    spans.retain(|it| !it.is_empty());
    if spans.is_empty() {
        return Cow::Borrowed(line);
    }
    spans.sort_by_key(|it| it.start);
    let mut out = Vec::new();
    let mut done = 0;
    for span in spans {
        if span.start >= done {
            out.extend_from_slice(&line[done..span.start]);
            out.extend_from_slice(HIDDEN);
        }
        done = done.max(span.end);
    }
    out.extend_from_slice(&line[done..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, before: &str, expected: &str) {
        assert_eq!(text(&RepoPath::new(path).unwrap(), before), expected);
    }

    #[test]
    fn every_value_of_an_env_file() {
        check(
            ".env",
            "DEBUG=1\n# DB=x\n# a comment\n\n",
            "DEBUG=<redacted>\n# DB=<redacted>\n# a comment\n\n",
        );
        check("conf/.env.local", "export A=b\r\nB=\r\n", "export A=<redacted>\r\nB=\r\n");
        check("prod.env", "A=\"x\ny\"\n", "A=<redacted>\n<redacted>\n");
    }

    #[test]
    fn values_under_telling_names() {
        check("a.py", "API_KEY = \"abc\"  # x\n", "API_KEY = \"<redacted>\"  # x\n");
        check("a.py", "db_password: str = 'it\\'s'\n", "db_password: str = '<redacted>'\n");
        check(
            "a.py",
            "connect(password=b'x', user='y')",
            "connect(password=b'<redacted>', user='y')",
        );
        check(
            "a.py",
            "{\"clientSecret\": \"x\", \"id\": 1}",
            "{\"clientSecret\": \"<redacted>\", \"id\": 1}",
        );
        check("a.py", "k = os.getenv('DB_PASS', 'x')", "k = os.getenv('DB_PASS', '<redacted>')");
        check("a.yml", "  password: hunter2 # old\n", "  password: <redacted> # old\n");
        check("a.toml", "secret-key = 'x'\n", "secret-key = '<redacted>'\n");
        check("Dockerfile", "ENV TOKEN=abc X=1", "ENV TOKEN=<redacted> X=1");
        check(
            "run.sh",
            "tool --password abc --token=def x",
            "tool --password <redacted> --token=<redacted> x",
        );
        check("README.md", "set TOKEN=abc.", "set TOKEN=<redacted>");
    }

    #[test]
    fn code_and_references_stay() {
        check("a.py", "token = read_token(path)\n", "token = read_token(path)\n");
        check(
            "a.py",
            "def f(password: str, token=None): pass",
            "def f(password: str, token=None): pass",
        );
        check("a.py", "if token == \"x\": pass", "if token == \"x\": pass");
        check("a.py", "__all__ = [\"token\", \"parse\"]", "__all__ = [\"token\", \"parse\"]");
        check("a.py", "\"a.tokens\": \"b.tokens\"", "\"a.tokens\": \"b.tokens\"");
        check(
            "a.yml",
            "password: ${DB_PASSWORD}\ntoken: null\n",
            "password: ${DB_PASSWORD}\ntoken: null\n",
        );
        check("README.md", "the token: it is long", "the token: it is long");
        check("a.py", "import secret\n", "import secret\n");
    }

    #[test]
    fn well_known_shapes() {
        check("a.py", "x = 'AKIAIOSFODNN7EXAMPLE'", "x = '<redacted>'");
        check("a.md", "ghp_0123456789abcdefghijklmnopqrstuvwxyz!", "<redacted>!");
        check("a.ini", "url = postgres://me:pw@host/db", "url = postgres://me:<redacted>@host/db");
        check("a.ini", "url = postgres://me:$PW@host/db", "url = postgres://me:$PW@host/db");
        check(
            "a.py",
            "h = 'Authorization: Bearer abcdef'",
            "h = 'Authorization: Bearer <redacted>'",
        );
        check(
            "a.py",
            "j = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'",
            "j = '<redacted>'",
        );
        check("a.py", "AKIAN = 1; sk = 'sk-learn'", "AKIAN = 1; sk = 'sk-learn'");
    }

    #[test]
    fn lines_of_private_keys() {
        check(
            "id_rsa",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nx\n",
            "-----BEGIN RSA PRIVATE KEY-----\n<redacted>\n<redacted>\n-----END RSA PRIVATE KEY-----\nx\n",
        );
        check(
            "k.pem",
            "-----BEGIN PRIVATE KEY-----\nMIIE\n",
            "-----BEGIN PRIVATE KEY-----\n<redacted>\n",
        );
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_taken(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "password", "--token", "API_KEY", "=", ":", "\"", "'", "\\", " ", ",", "get(",
                    "://", "@", "x", "é", "#", "Authorization: Bearer ", "eyJ", ".", "PRIVATE KEY-----",
                ]),
                0..12,
            ),
        ) {
            let before = parts.concat();
            for path in ["a.py", ".env", "a.md", "a.yml"] {
                let shown = text(&RepoPath::new(path).unwrap(), &before);
                proptest::prop_assert_eq!(shown.lines().count(), before.lines().count());
            }
        }
    }

    #[test]
    fn variables_by_name() {
        assert_eq!(value("deploy_token", "x"), "<redacted>");
        assert_eq!(value("archive", "attic"), "attic");
    }
}
