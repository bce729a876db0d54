//! Verdicts of earlier runs, each in a file named after the question that it answers.
//!
//! The question has all that decides the answer, the build too, so a verdict never grows stale: the
//! oldest go where they become many. First a checksum, then the question, then the verdict.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{ASIDE, Cache, clear, is_file};
use crate::kept::Kept as _;
use crate::tree::Id;
use crate::verify::Verdict;

/// As many are kept.
const MOST: usize = 64;
/// One that is larger is not kept.
const LARGEST: usize = 4 << 20;
const EXTENSION: &str = "verdict";

impl Cache {
    /// Returns the verdict on the question of this id, if an earlier run came to it.
    #[must_use]
    pub fn verdict(&self, question: Id) -> Option<Verdict> {
        let path = self.place(question);
        let bytes = is_file(&path).then(|| fs::read(&path).ok())??;
        let (sum, rest) = bytes.split_at_checked(4)?;
        let verdict = rest.strip_prefix(question.as_bytes().as_slice())?;
        let whole = sum == crc32fast::hash(rest).to_le_bytes();
        whole.then(|| Verdict::from_bytes(verdict))?
    }

    /// Keeps a verdict, where it can be kept: see [`Cache::keep`].
    pub fn keep_verdict(&self, question: Id, verdict: &Verdict) {
        let bytes = [question.as_bytes().as_slice(), &verdict.to_bytes()].concat();
        if bytes.len() <= LARGEST {
            let sum = crc32fast::hash(&bytes).to_le_bytes();
            let _: io::Result<()> =
                self.alone(|| self.write_verdict(question, &[&sum, bytes.as_slice()].concat()));
        }
    }

    fn write_verdict(&self, question: Id, bytes: &[u8]) -> io::Result<()> {
        let aside = self.folder.join(ASIDE);
        clear(&aside)?;
        let written = fs::write(&aside, bytes).and_then(|()| {
            let known = self.verdicts()?;
            known.iter().rev().skip(MOST - 1).try_for_each(fs::remove_file)?;
            fs::rename(&aside, self.place(question))
        });
        written.inspect_err(|_| drop(fs::remove_file(&aside)))
    }

    /// Returns the verdicts, oldest first.
    fn verdicts(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = self.listed()?;
        found.retain(|path| is_verdict(path));
        found.sort_by_cached_key(|path| fs::metadata(path).and_then(|it| it.modified()).ok());
        Ok(found)
    }

    fn place(&self, question: Id) -> PathBuf {
        self.folder.join(format!("{question}.{EXTENSION}"))
    }
}

/// Tells whether a verdict may stand at `path`.
pub(super) fn is_verdict(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == EXTENSION) && is_file(path)
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
        let place = cache.place(question);
        let whole = fs::read(&place).unwrap();
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 1 << (at % 8);
            fs::write(&place, &broken).unwrap();
            assert_eq!(cache.verdict(question), None, "byte {at} has no checksum");
            fs::write(&place, &whole[..at]).unwrap();
            assert_eq!(cache.verdict(question), None, "{at} bytes");
        }
        fs::write(cache.place(other), &whole).unwrap();
        assert_eq!(cache.verdict(other), None, "a verdict on another question");
        cache.keep_verdict(question, &verdict());
        assert_eq!(cache.verdict(question), Some(verdict()));
    }

    #[test]
    fn verdicts_stay_few() {
        let home = tempfile::tempdir().unwrap();
        let cache = cache(&home);
        for number in 0..2 * MOST {
            cache.keep_verdict(blob_id(&number.to_le_bytes()), &verdict());
        }
        assert_eq!(cache.verdicts().unwrap().len(), MOST);
        let last = blob_id(&(2 * MOST - 1).to_le_bytes());
        assert_eq!(cache.verdict(last), Some(verdict()));
        let mut large = verdict();
        large.third_party = vec!["a".repeat(LARGEST)];
        cache.keep_verdict(last, &large);
        assert_eq!(cache.verdict(last), Some(verdict()), "one that is too large was kept");
    }
}
