//! Which words a text has, told without reading it: most texts have none of those that are looked
//! for, and fall through.
//!
//! A word that a sieve does not hold is certainly not in the text; one that it holds may be another
//! one of the same hash. A sieve is a function of the bytes, and of whether they are Python code.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::pairs::{Pair, pairs};
use super::{LARGEST, python_strings};
use crate::facts::{Facts, Map};
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target};
use crate::text::{Span, Text};
use crate::tree::{Id, ReadError, Tree};

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stand {
    /// In a string or a comment of Python code; in any other text, anywhere.
    Said,
    /// In Python code, and a dot follows.
    Passed,
    /// In Python code, and something else follows.
    Ended,
    /// In an import statement.
    Imported,
    /// Beside another one, with a dot between: see [`Wanted::pair`].
    Paired,
}

/// Functions that are asked for an attribute by its name.
const ASKS: [&[u8]; 4] = [b"getattr", b"hasattr", b"setattr", b"delattr"];

/// The words of one text, by their hashes, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sieve(Arc<[u32]>);

/// What a sieve depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SieveKey {
    /// The bytes.
    pub id: Id,
    /// They are read as Python code: for this version, and whether as a stub.
    pub python: Option<((u8, u8), bool)>,
}

impl Sieve {
    /// Takes hashes as [`Sieve::hashes`] gave them.
    #[must_use]
    pub fn from_hashes(hashes: impl IntoIterator<Item = u32>) -> Self {
        let hashes: Arc<[u32]> = hashes.into_iter().collect();
        // What was kept is in order.
        match hashes.is_sorted_by(|one, other| one < other) {
            true => Self(hashes),
            false => Self::sorted(hashes.to_vec()),
        }
    }

    fn sorted(mut hashes: Vec<u32>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes.into())
    }

    /// Returns the hashes of the words.
    #[must_use]
    pub fn hashes(&self) -> &[u32] {
        &self.0
    }

    /// Reads a text; one that cannot be decoded, or is none that people write, has no words. Of Python
    /// code, `facts` tell where its import statements stand.
    fn of(bytes: &[u8], facts: Option<&FileFacts>) -> Self {
        if let Some(facts) = facts {
            let text = Text::decode_python(bytes).ok();
            return Self::of_code(text.as_ref().map_or("", Text::source), facts);
        }
        let text = if bytes.len() <= LARGEST { Text::decode_utf8(bytes) } else { None };
        let source = text.as_ref().map_or("", Text::source);
        let mut hashes = Hashes::new();
        hashes.extend(words(source.as_bytes()).map(|it| hash(Stand::Said, it.1)));
        Self::sorted(hashes.all)
    }

    fn of_code(text: &str, facts: &FileFacts) -> Self {
        let stated = facts.imports.iter().filter(|it| !matches!(it.target, Target::Call { .. }));
        let mut statements: Vec<&Span> = stated.map(|it| &it.statement).collect();
        statements.sort_by_key(|it| it.start);
        let mut rest = statements.as_slice();
        let (source, mut hashes, mut at) = (text.as_bytes(), Hashes::new(), 0);
        for (region, _) in python_strings::regions(text) {
            code(source, at..region.start, &mut rest, &mut hashes);
            let said = source.get(region.clone()).unwrap_or_default();
            hashes.extend(words(said).map(|(_, word)| hash(Stand::Said, word)));
            at = region.end;
        }
        code(source, at..source.len(), &mut rest, &mut hashes);
        let asks = ASKS.iter().any(|it| hashes.all.contains(&hash(Stand::Ended, it)));
        let unsaid = |it: &Import| matches!(it.target, Target::Star | Target::Call { .. });
        let apart = add_pairs(text, &statements, &mut hashes);
        let afar = asks || apart || facts.imports.iter().any(unsaid);
        hashes.extend(afar.then(|| paired("", "")));
        Self::sorted(hashes.all)
    }

    fn holds(&self, hash: u32) -> bool {
        self.0.binary_search(&hash).is_ok()
    }

    /// Tells whether the code has a name that Python may read as another spelling of one.
    pub(crate) fn has_odd_names(&self) -> bool {
        self.holds(hash(Stand::Passed, b""))
    }

    /// Tells whether the code may take an attribute whose owner does not stand beside it, or from what no
    /// import statement names.
    pub(crate) fn takes_from_afar(&self) -> bool {
        self.holds(paired("", ""))
    }
}

/// Hashes as they come. Most words stand in a text again and again, so the hashes of the last ones are
/// remembered.
struct Hashes {
    all: Vec<u32>,
    last: Vec<u32>,
}

impl Hashes {
    /// So many are remembered, each in its own place.
    const LAST: u32 = 2048;

    fn new() -> Self {
        // Not one of them is in its place.
        Self { all: Vec::new(), last: (0..Self::LAST).map(|it| it ^ 1).collect() }
    }

    fn push(&mut self, hash: u32) {
        let place = &mut self.last[(hash % Self::LAST) as usize];
        if *place != hash {
            *place = hash;
            self.all.push(hash);
        }
    }

    fn extend(&mut self, hashes: impl IntoIterator<Item = u32>) {
        hashes.into_iter().for_each(|it| self.push(it));
    }
}

/// Adds what stands around dots, but for those of the import statements; tells whether the two sides
/// of one may be apart.
fn add_pairs(text: &str, mut statements: &[&Span], hashes: &mut Hashes) -> bool {
    let mut apart = false;
    for Pair { dot, owner, name, parted } in pairs(text) {
        while let [first, others @ ..] = statements
            && first.end <= dot
        {
            statements = others;
        }
        if statements.first().is_none_or(|it| dot < it.start) {
            hashes.push(paired(owner, name));
            // `patch.object(a, "b")`
            apart |= parted || name == "object";
        }
    }
    apart
}

/// Adds the words of a stretch of code. `statements` are the import statements that do not end before
/// it, in order.
fn code(source: &[u8], span: Span, statements: &mut &[&Span], hashes: &mut Hashes) {
    let stretch = source.get(span.clone()).unwrap_or_default();
    for (at, word) in words(stretch) {
        let start = span.start + at;
        while let [first, others @ ..] = *statements
            && first.end <= start
        {
            *statements = others;
        }
        let rest = &source[start + word.len()..];
        let blank = |it: &u8| !matches!(it, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'\\');
        let passed = || rest.iter().find(|it| blank(it)) == Some(&b'.');
        let stand = match statements.first() {
            Some(first) if first.start <= start => Stand::Imported,
            _ if passed() => Stand::Passed,
            _ => Stand::Ended,
        };
        hashes.push(hash(stand, word));
        if !word.is_ascii() {
            hashes.push(hash(Stand::Passed, b""));
        }
    }
}

/// Returns the longest runs of letters, digits and `_`, with where they start. What is not ASCII is a
/// letter.
fn words(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let is_letter = |it: &u8| it.is_ascii_alphanumeric() || *it == b'_' || !it.is_ascii();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].iter().position(is_letter)?;
        let length = text[start..].iter().position(|it| !is_letter(it));
        at = length.map_or(text.len(), |length| start + length);
        Some((start, &text[start..at]))
    })
}

/// Hashes a word.
fn hash(stand: Stand, word: &[u8]) -> u32 {
    hash_of(stand, word.iter())
}

/// Hashes two words that stand together.
fn paired(owner: &str, name: &str) -> u32 {
    hash_of(Stand::Paired, owner.as_bytes().iter().chain(b".").chain(name.as_bytes()))
}

/// FNV-1a, folded. The same on every machine, for sieves are kept.
fn hash_of<'a>(stand: Stand, text: impl Iterator<Item = &'a u8>) -> u32 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let start = step(0xcbf2_9ce4_8422_2325, &(stand as u8));
    let hash = text.fold(start, step);
    let folded = (hash ^ (hash >> 32)) & u64::from(u32::MAX);
    u32::try_from(folded).unwrap_or_default()
}

/// Groups of words: a text is wanted where it has all words of one of them.
#[derive(Debug)]
pub(crate) struct Wanted {
    groups: Vec<(u32, Box<[u32]>)>,
    /// Some group has no word by which a text could be told.
    always: bool,
}

impl Wanted {
    /// Returns the words of a text as a group.
    pub(crate) fn group(stand: Stand, text: &[u8]) -> Vec<u32> {
        words(text).map(|(_, word)| hash(stand, word)).collect()
    }

    /// Returns two words with a dot between as a group.
    pub(crate) fn pair(owner: &str, name: &str) -> Vec<u32> {
        vec![paired(owner, name)]
    }

    /// Makes the groups, each with the word first that tells most.
    pub(crate) fn any_of(all: impl Iterator<Item = Vec<u32>>) -> Self {
        let (mut groups, mut always) = (Vec::new(), false);
        for group in all {
            match group.split_first() {
                Some((first, rest)) => groups.push((*first, rest.into())),
                None => always = true,
            }
        }
        groups.sort_unstable();
        groups.dedup();
        Self { groups, always }
    }

    /// Tells whether a text may be wanted.
    pub(crate) fn may_be_in(&self, sieve: &Sieve) -> bool {
        let fits = |(first, rest): &(u32, Box<[u32]>)| {
            sieve.holds(*first) && rest.iter().all(|it| sieve.holds(*it))
        };
        let groups = &self.groups;
        if self.always || groups.len() <= sieve.0.len() {
            return self.always || groups.iter().any(fits);
        }
        sieve.0.iter().any(|hash| {
            let from = groups.partition_point(|(first, _)| first < hash);
            groups[from..].iter().take_while(|(first, _)| first == hash).any(fits)
        })
    }
}

/// The sieves of a run.
#[derive(Default)]
pub struct Sieves {
    known: RwLock<Map<SieveKey, Sieve>>,
    /// What was read here, not learnt.
    fresh: Mutex<Vec<SieveKey>>,
}

impl fmt::Debug for Sieves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sieves").finish_non_exhaustive()
    }
}

impl Sieves {
    /// Takes sieves that an earlier run made.
    pub fn learn(&self, sieves: impl IntoIterator<Item = (SieveKey, Sieve)>) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).extend(sieves);
    }

    /// Returns what was read here and not learnt, in order.
    #[must_use]
    pub fn fresh(&self) -> Vec<(SieveKey, Sieve)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner).clone();
        fresh.sort_unstable();
        fresh.dedup();
        fresh.iter().filter_map(|key| Some((*key, known.get(key)?.clone()))).collect()
    }

    fn get(&self, key: SieveKey) -> Option<Sieve> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }

    /// Makes the sieve of a Python file, whoever may ask for it.
    pub(in crate::facts) fn read(&self, key: SieveKey, bytes: &[u8], facts: &FileFacts) {
        if self.get(key).is_none() {
            self.add(key, Sieve::of(bytes, Some(facts)));
        }
    }

    fn add(&self, key: SieveKey, sieve: Sieve) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(key, sieve);
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).push(key);
    }
}

impl Facts {
    /// Returns the sieve of a file, which is read only where no run has read it before.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn sieve(&self, tree: &Tree, path: &RepoPath) -> Result<Sieve, ReadError> {
        let facts = self.files().get(path).map(|it| &**it);
        match tree.entry(path) {
            Some(entry) => self.sieve_of(tree, (path, entry.id), facts),
            None => Ok(Sieve::of(&tree.read(path)?, facts)),
        }
    }

    /// As [`Facts::sieve`], where the id of the bytes is known, and the facts of a Python file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn sieve_of(
        &self,
        tree: &Tree,
        (path, id): (&RepoPath, Id),
        facts: Option<&FileFacts>,
    ) -> Result<Sieve, ReadError> {
        let python = facts.map(|_| (self.target(), path.extension() == "pyi"));
        let key = SieveKey { id, python };
        if let Some(known) = self.0.sieves.get(key) {
            return Ok(known);
        }
        let sieve = Sieve::of(&tree.read(path)?, facts);
        self.0.sieves.add(key, sieve.clone());
        Ok(sieve)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::listing::Listing;
    use super::super::{Family, Subjects, in_file};
    use super::*;
    use crate::facts::{Memo, Settings};
    use crate::tree::Memory;

    fn of_python(source: &str) -> Sieve {
        let facts = crate::python::read(source.as_bytes(), (3, 13));
        Sieve::of(source.as_bytes(), Some(&facts))
    }

    fn holds(sieve: &Sieve, stand: Stand, word: &str) -> bool {
        Wanted::any_of(std::iter::once(Wanted::group(stand, word.as_bytes()))).may_be_in(sieve)
    }

    /// Lists which of `words` stand where in Python code.
    #[track_caller]
    fn check(source: &str, words: &[&str], expected: &[&str]) {
        let sieve = of_python(source);
        let stands = [Stand::Said, Stand::Passed, Stand::Ended, Stand::Imported];
        let found = words.iter().flat_map(|word| {
            let here = stands.into_iter().filter(|stand| holds(&sieve, *stand, word));
            here.map(move |stand| format!("{word} {stand:?}"))
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{source}");
    }

    #[test]
    fn words_are_told_apart_by_where_they_stand() {
        check("a.b(c)  # d e.f", &["a", "b", "c"], &["a Passed", "b Ended", "c Ended"]);
        check(
            "a.b(c)  # d e.f",
            &["d", "e", "f", "e.f"],
            &["d Said", "e Said", "f Said", "e.f Said"],
        );
        check("a \\\n .b", &["a", "b", "ab"], &["a Passed", "b Ended"]);
        check("from a.b import c", &["a", "b", "c"], &["a Imported", "b Imported", "c Imported"]);
        check("a\nimport b; c", &["a", "b", "c"], &["a Ended", "b Imported", "c Ended"]);
        check(
            "def f():\n    from a import (b,  # c\n        d)\n    d.b",
            &["a", "b", "c", "d"],
            &["a Imported", "b Ended", "b Imported", "c Said", "d Passed", "d Imported"],
        );
        check("f'a.{b.c}'", &["a", "b", "c"], &["a Said", "b Passed", "c Ended"]);
        check("x = 'a'\r\ny = \"b\" 'c'", &["a", "b", "c"], &["a Said", "b Said", "c Said"]);
        check("", &["a"], &[]);
    }

    #[test]
    fn other_texts_say_all_of_their_words() {
        let sieve = Sieve::of(b"run: python a/b.py # c\n", None);
        assert!(["run", "a", "b", "py", "c", "a/b.py"].iter().all(|it| holds(
            &sieve,
            Stand::Said,
            it
        )));
        assert!(!holds(&sieve, Stand::Said, "a/x.py"));
        assert!(Sieve::of(b"a\0b", None).hashes().is_empty());
        assert!(
            Sieve::of(b"\xff", Some(&FileFacts::nothing(crate::python::Status::Parsed)))
                .hashes()
                .is_empty()
        );
    }

    #[test]
    fn a_name_that_may_be_spelled_otherwise_is_odd() {
        assert!(of_python("\u{fb01}le = 1").has_odd_names());
        assert!(!of_python("x = '\u{fb01}le'").has_odd_names());
    }

    #[test]
    fn few_groups_and_many_give_the_same_answer() {
        let sieve = Sieve::of(b"a.b c.d", None);
        let group = |text: String| Wanted::group(Stand::Said, text.as_bytes());
        let many = |last: &str| {
            let others = (0..100).map(|it| format!("x{it}.a"));
            Wanted::any_of(others.chain([last.to_owned()]).map(group)).may_be_in(&sieve)
        };
        assert!(many("d.a") && many("b") && !many("a.e") && many("./"));
    }

    /// What texts are made of, with every way to name `a/b.py`, `a/my-x.py` and the folder `a`.
    const PIECES: [&str; 30] = [
        "a.b",
        "a.b.f",
        "a/b.py",
        "./b.py",
        "../a/b.py",
        "/app/a/b.py",
        "b.py",
        "a/my-x.py",
        "a",
        "a/",
        "-m ",
        "import ",
        "'",
        "\"",
        "\n",
        " ",
        "# ",
        "= ",
        "{",
        "}",
        "f'",
        "[tool.x]\n",
        "\\",
        ":",
        "packages",
        "context: ",
        "uvicorn ",
        "a.",
        ".b",
        "\u{e9}",
    ];

    proptest! {
        #[test]
        fn what_falls_through_mentions_nothing(
            pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24),
            name in prop::sample::select(&[
                "x.py", "a/x.py", "x.toml", "setup.cfg", "Dockerfile", "a/x.yml", "x.md", "x.json",
                "x.js", "tox.ini", "x.txt",
            ][..]),
        ) {
            let text = pieces.concat();
            let files = [("a/__init__.py", ""), ("a/b.py", ""), ("a/my-x.py", ""), (name, &*text)];
            let tree = Tree::new(Memory::texts(files).unwrap());
            let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
            let paths = ["a", "a/b.py", "a/my-x.py"].map(|it| RepoPath::new(it).unwrap());
            for subjects in [&paths[..1], &paths[1..2], &paths[2..], &paths[..]] {
                let mut subjects = Subjects::new(&facts, subjects);
                subjects.look_for_words(|_, _| true);
                let path = RepoPath::new(name).unwrap();
                let family = match facts.files().get(&path) {
                    Some(_) => Family::Python,
                    None => Family::of(&path),
                };
                let wanted = subjects.wanted(family).may_be_in(&facts.sieve(&tree, &path).unwrap());
                let told = facts.files().get(&path).is_some_and(|it| subjects.is_told(it));
                let listing = Listing::new(&tree);
                let found =
                    in_file((&tree, &listing), (&path, family), (&facts, &subjects)).unwrap();
                prop_assert!(wanted || told || found.is_empty(), "{found:?}");
            }
        }
    }
}
