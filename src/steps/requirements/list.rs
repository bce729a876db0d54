//! Files of requirements as pip reads them, with the places of what they ask for.

use crate::text::Span;
use crate::text::requirement::Requirement;

/// A line of a file of requirements, with those that it goes on over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The first line, from 1.
    pub(super) number: u32,
    /// The text, its line end and comment aside.
    pub(super) span: Span,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a line of a file of requirements is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A requirement.
    Requirement(Requirement),
    /// A requirement that also says how it is installed: by which hashes, with which options.
    Bound(Requirement),
    /// The path of another file whose requirements belong to this one.
    Include(String),
    /// An option, a path, an address.
    Other,
}

/// Reads the lines that say something.
pub(super) fn lines(source: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let (mut at, mut number) = (0, 1);
    let mut begun: Option<(usize, u32)> = None;
    for line in source.split_inclusive('\n') {
        let (start, first) = begun.take().unwrap_or((at, number));
        at += line.len();
        number += 1;
        let goes_on = line.trim_end_matches(['\n', '\r']).ends_with('\\');
        if goes_on && at < source.len() {
            begun = Some((start, first));
            continue;
        }
        let text = without_comment(&source[start..at]);
        let body = text.trim();
        if !body.is_empty() {
            let start = start + (text.len() - text.trim_start().len());
            let span = start..start + body.len();
            found.push(Line { number: first, span, kind: kind_of(body) });
        }
    }
    found
}

/// A comment begins a line, or follows blanks.
fn without_comment(line: &str) -> &str {
    let mut hashes = line.match_indices('#').map(|(at, _)| at);
    let comment =
        hashes.find(|at| line[..*at].is_empty() || line[..*at].ends_with(char::is_whitespace));
    &line[..comment.unwrap_or(line.len())]
}

fn kind_of(body: &str) -> Kind {
    let flags = ["--requirement", "-r"];
    if let Some(path) = flags.iter().find_map(|it| body.strip_prefix(it)) {
        return Kind::Include(path.trim_start_matches(['=', ' ', '\t']).to_owned());
    }
    // What goes on over lines stays as it is written.
    if let Some(requirement) = Requirement::parse(body).filter(|_| !body.contains('\n')) {
        return Kind::Requirement(requirement);
    }
    let joined = body.replace("\\\r\n", " ").replace("\\\n", " ");
    let head = joined.split(" --").next().unwrap_or_default();
    Requirement::parse(head).map_or(Kind::Other, Kind::Bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_on_and_end() {
        let text = "# talk\nredis>=4  # cache\r\n-r base.txt\n-e ./lib\na==1 \\\n  --hash=sha256:0\nb#c\nx ; \\\n  os_name=='nt'";
        let shown: Vec<String> = lines(text)
            .into_iter()
            .map(|it| {
                let kind = match it.kind {
                    Kind::Requirement(it) => it.to_string(),
                    Kind::Bound(it) => format!("{it} --"),
                    Kind::Include(path) => format!("< {path}"),
                    Kind::Other => "?".to_owned(),
                };
                format!("{} {kind}", it.number)
            })
            .collect();
        let expected =
            ["2 redis>=4", "3 < base.txt", "4 ?", "5 a==1 --", "7 ?", "8 x ; os_name=='nt' --"];
        assert_eq!(shown, expected);
        assert_eq!(&text[lines(text)[0].span.clone()], "redis>=4");
    }
}
