//! Answers of earlier runs, each in a file named after the question that it answers: verdicts, and
//! the import graphs of trees that plans stand on.
//!
//! The question has all that decides the answer, the build too, so an answer never grows stale: the
//! oldest go where they become many. First a checksum, then the question, then the answer.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{ASIDE, Cache, clear, is_file};
use crate::kept::Kept as _;
use crate::tree::Id;
use crate::verify::Verdict;

/// One kind of answers.
struct Kind {
    extension: &'static str,
    /// As many are kept.
    most: usize,
    /// One that is larger, in bytes, is not kept.
    largest: usize,
}

const VERDICTS: Kind = Kind { extension: "verdict", most: 64, largest: 4 << 20 };
const GRAPHS: Kind = Kind { extension: "graph", most: 8, largest: 16 << 20 };

impl Cache {
    /// Returns the verdict on the question of this id, if an earlier run came to it.
    #[must_use]
    pub fn verdict(&self, question: Id) -> Option<Verdict> {
        Verdict::from_bytes(&self.answer(&VERDICTS, question)?)
    }

    /// Keeps a verdict, where it can be kept: see [`Cache::keep`].
    pub fn keep_verdict(&self, question: Id, verdict: &Verdict) {
        self.keep_answer(&VERDICTS, question, &verdict.to_bytes());
    }

    /// Returns the import graph that the question of this id asks for, if an earlier run resolved it.
    #[must_use]
    pub fn graph(&self, question: Id) -> Option<Vec<u8>> {
        self.answer(&GRAPHS, question)
    }

    /// Keeps an import graph, where it can be kept: see [`Cache::keep`].
    pub fn keep_graph(&self, question: Id, graph: &[u8]) {
        self.keep_answer(&GRAPHS, question, graph);
    }

    fn answer(&self, kind: &Kind, question: Id) -> Option<Vec<u8>> {
        let path = self.place(kind, question);
        let bytes = is_file(&path).then(|| fs::read(&path).ok())??;
        let (sum, rest) = bytes.split_at_checked(4)?;
        let answer = rest.strip_prefix(question.as_bytes().as_slice())?;
        let whole = sum == crc32fast::hash(rest).to_le_bytes();
        whole.then(|| answer.to_vec())
    }

    fn keep_answer(&self, kind: &Kind, question: Id, answer: &[u8]) {
        let bytes = [question.as_bytes().as_slice(), answer].concat();
        if bytes.len() <= kind.largest {
            let sum = crc32fast::hash(&bytes).to_le_bytes();
            let bytes = [&sum, bytes.as_slice()].concat();
            let _: io::Result<()> = self.alone(|| self.write_answer(kind, question, &bytes));
        }
    }

    fn write_answer(&self, kind: &Kind, question: Id, bytes: &[u8]) -> io::Result<()> {
        let aside = self.folder.join(ASIDE);
        clear(&aside)?;
        let written = fs::write(&aside, bytes).and_then(|()| {
            let known = self.answers(kind)?;
            known.iter().rev().skip(kind.most - 1).try_for_each(fs::remove_file)?;
            fs::rename(&aside, self.place(kind, question))
        });
        written.inspect_err(|_| drop(fs::remove_file(&aside)))
    }

    /// Returns the answers of one kind, oldest first.
    fn answers(&self, kind: &Kind) -> io::Result<Vec<PathBuf>> {
        let mut found = self.listed()?;
        found.retain(|path| is_of(kind, path));
        found.sort_by_cached_key(|path| fs::metadata(path).and_then(|it| it.modified()).ok());
        Ok(found)
    }

    fn place(&self, kind: &Kind, question: Id) -> PathBuf {
        self.folder.join(format!("{question}.{}", kind.extension))
    }
}

/// Tells whether an answer may stand at `path`.
pub(super) fn is_answer(path: &Path) -> bool {
    [VERDICTS, GRAPHS].iter().any(|kind| is_of(kind, path))
}

fn is_of(kind: &Kind, path: &Path) -> bool {
    path.extension().is_some_and(|it| it == kind.extension) && is_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::blob_id;
    use crate::verify::Report;

    fn verdict() -> Verdict {
        let report = Report { files: 7, imports: 300, ..Report::default() };
        let third_party = vec!["attrs".to_owned()];
        Verdict {
            report,
            placed: Vec::new(),
            proof: None,
            roots: Vec::new(),
            target: (3, 13),
            third_party,
        }
    }

    fn cache(home: &tempfile::TempDir) -> Cache {
        Cache::at(home.path().join("facts"))
    }

    #[test]
    fn only_the_whole_verdict_on_this_question_is_believed() {
        let home = tempfile::tempdir().unwrap();
        let (cache, question, other) = (cache(&home), blob_id(b"a"), blob_id(b"b"));
        assert_eq!(cache.verdict(question), None);
        cache.keep_verdict(question, &verdict());
        assert_eq!(cache.verdict(question), Some(verdict()));
        assert_eq!(cache.verdict(other), None);
        let place = cache.place(&VERDICTS, question);
        let whole = fs::read(&place).unwrap();
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 1 << (at % 8);
            fs::write(&place, &broken).unwrap();
            assert_eq!(cache.verdict(question), None, "byte {at} has no checksum");
            fs::write(&place, &whole[..at]).unwrap();
            assert_eq!(cache.verdict(question), None, "{at} bytes");
        }
        fs::write(cache.place(&VERDICTS, other), &whole).unwrap();
        assert_eq!(cache.verdict(other), None, "a verdict on another question");
        cache.keep_verdict(question, &verdict());
        assert_eq!(cache.verdict(question), Some(verdict()));
    }

    #[test]
    fn verdicts_stay_few() {
        let home = tempfile::tempdir().unwrap();
        let cache = cache(&home);
        for number in 0..2 * VERDICTS.most {
            cache.keep_verdict(blob_id(&number.to_le_bytes()), &verdict());
        }
        assert_eq!(cache.answers(&VERDICTS).unwrap().len(), VERDICTS.most);
        let last = blob_id(&(2 * VERDICTS.most - 1).to_le_bytes());
        assert_eq!(cache.verdict(last), Some(verdict()));
        let mut large = verdict();
        large.third_party = vec!["a".repeat(VERDICTS.largest)];
        cache.keep_verdict(last, &large);
        assert_eq!(cache.verdict(last), Some(verdict()), "one that is too large was kept");
    }

    #[test]
    fn kinds_of_answers_are_apart() {
        let home = tempfile::tempdir().unwrap();
        let (cache, question) = (cache(&home), blob_id(b"a"));
        cache.keep_graph(question, b"graph");
        assert_eq!(cache.verdict(question), None);
        cache.keep_verdict(question, &verdict());
        for number in 0..2 * GRAPHS.most {
            cache.keep_graph(blob_id(&number.to_le_bytes()), b"another");
        }
        assert_eq!(cache.answers(&GRAPHS).unwrap().len(), GRAPHS.most);
        assert_eq!(cache.graph(question), None, "the oldest goes");
        assert_eq!(cache.verdict(question), Some(verdict()));
    }
}
