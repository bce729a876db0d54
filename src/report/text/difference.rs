//! The diff as people read it: git's format, coloured, secrets hidden, binary files by name only.

use super::{Ink, Paint, visible};
use crate::report::diff::{Content, FileDiff, Hunk, Mark, NO_LINE_END, Side};
use crate::report::redact::Secrets;

/// How much of an id is shown.
const DIGITS: usize = 10;

/// Writes the diff of one file.
pub(super) fn write(file: &FileDiff, paint: Paint, out: &mut Vec<u8>) {
    for line in file.head(DIGITS) {
        push(out, &paint.bytes(Ink::Bold, &line));
    }
    match &file.content {
        Content::Same => {}
        Content::Binary => push(out, b"Binary files differ"),
        Content::Text(hunks) => {
            let secrets = |side: &Option<Side>| {
                let path = side.as_ref().map(|it| &it.path).or(file.path());
                path.map(|path| Secrets::of(path, Side::bytes(side)))
            };
            let Some((old, new)) = secrets(&file.old).zip(secrets(&file.new)) else { return };
            for hunk in hunks {
                write_hunk(hunk, (&old, &new), paint, out);
            }
        }
    }
}

fn write_hunk(hunk: &Hunk, (old, new): (&Secrets, &Secrets), paint: Paint, out: &mut Vec<u8>) {
    let mut head = paint.bytes(Ink::Cyan, hunk.place.as_bytes());
    if let Some((number, text)) = &hunk.heading {
        head.push(b' ');
        head.extend_from_slice(&visible(&old.hide(*number, text)));
    }
    push(out, &head);
    for row in &hunk.rows {
        let secrets = if row.mark == Mark::Added { new } else { old };
        let hidden = secrets.hide(row.number, &row.text);
        let (body, ended) = match hidden.strip_suffix(b"\n") {
            Some(body) => (body, true),
            None => (&*hidden, false),
        };
        let line = [&[row.mark.sign()], visible(body).as_slice()].concat();
        match row.mark {
            Mark::Context => push(out, &line),
            Mark::Removed => push(out, &paint.bytes(Ink::Red, &line)),
            Mark::Added => push(out, &paint.bytes(Ink::Green, &line)),
        }
        if !ended {
            out.extend_from_slice(NO_LINE_END);
        }
    }
}

fn push(out: &mut Vec<u8>, line: &[u8]) {
    out.extend_from_slice(line);
    out.push(b'\n');
}
