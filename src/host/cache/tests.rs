//! What is kept comes back, and nothing else does, whatever happens to the packs.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::facts::{Facts, Settings};
use crate::tree::{Memory, Tree};

/// A cache in a folder of its own, and the runs over it.
struct Bench {
    _home: TempDir,
    cache: Cache,
}

impl Bench {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::at(home.path().join("facts"));
        Self { _home: home, cache }
    }

    /// Indexes these files as a run does, and returns how many it read anew.
    fn run(&self, files: &[(String, String)]) -> usize {
        let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let snapshot = Memory::texts(files).unwrap();
        let (memo, plain) = (Memo::default(), Memo::default());
        self.cache.load(&snapshot, &memo);
        let tree = Tree::new(snapshot);
        let facts = Facts::index(&tree, &Settings::default(), &memo).unwrap();
        let expected = Facts::index(&tree, &Settings::default(), &plain).unwrap();
        assert_eq!(facts.files(), expected.files());
        let fresh = memo.take_fresh();
        self.cache.keep_facts(&fresh);
        fresh.len()
    }

    fn packs(&self) -> Vec<PathBuf> {
        self.cache.packs().unwrap().into_iter().map(|it| it.path).collect()
    }

    fn size(&self) -> u64 {
        self.cache.packs().unwrap().iter().map(|it| it.size).sum()
    }
}

/// Files that differ from those of other numbers.
fn files(numbers: std::ops::Range<usize>) -> Vec<(String, String)> {
    let text = |number| format!("import a{number}.b as c\n\ndef f{number}(): 'x.y{number}'\n");
    numbers.map(|number| (format!("m{number}.py"), text(number))).collect()
}

#[test]
fn a_second_run_reads_nothing() {
    let bench = Bench::new();
    assert_eq!(bench.run(&files(0..700)), 700);
    assert_eq!(bench.run(&files(0..700)), 0);
    assert_eq!(bench.run(&files(600..800)), 100);
    assert_eq!(bench.run(&files(0..800)), 0);
}

#[test]
fn nothing_new_writes_nothing() {
    let bench = Bench::new();
    bench.run(&files(0..9));
    let before = fs::metadata(&bench.packs()[0]).unwrap().modified().unwrap();
    bench.run(&files(0..5));
    assert_eq!(fs::metadata(&bench.packs()[0]).unwrap().modified().unwrap(), before);
}

#[test]
fn no_flipped_bit_is_believed() {
    let bench = Bench::new();
    bench.run(&files(0..3));
    let [pack] = &bench.packs()[..] else { panic!("one pack") };
    let whole = fs::read(pack).unwrap();
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 1 << (at % 8);
        fs::write(pack, &broken).unwrap();
        // `run` compares with what is read without a cache.
        let fresh = bench.run(&files(0..3));
        assert!(fresh > 0, "byte {at} has no checksum");
        for pack in bench.packs() {
            fs::remove_file(pack).unwrap();
        }
    }
}

#[test]
fn no_cut_pack_is_believed() {
    let bench = Bench::new();
    bench.run(&files(0..3));
    let [pack] = &bench.packs()[..] else { panic!("one pack") };
    let whole = fs::read(pack).unwrap();
    for length in 0..whole.len() {
        fs::write(pack, &whole[..length]).unwrap();
        assert!(bench.cache.packs().unwrap().is_empty(), "{length} bytes");
    }
    fs::write(pack, [whole.as_slice(), b"\n"].concat()).unwrap();
    assert_eq!(bench.run(&files(0..3)), 3);
    assert_eq!(bench.run(&files(0..3)), 0);
}

#[test]
fn a_pack_of_another_version_goes() {
    let bench = Bench::new();
    bench.run(&files(0..3));
    let [pack] = &bench.packs()[..] else { panic!("one pack") };
    let mut other = fs::read(pack).unwrap();
    let at = other.len() - 17;
    other[at] = if other[at] == b'0' { b'1' } else { b'0' };
    fs::write(pack, &other).unwrap();
    assert_eq!(bench.run(&files(0..3)), 3);
    assert_eq!(bench.run(&files(0..3)), 0);
    assert_eq!(bench.packs().len(), 1);
}

#[test]
fn whatever_stands_in_the_way_is_replaced() {
    let bench = Bench::new();
    let folder = &bench.cache.folder;
    let outside = folder.with_file_name("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("00000009.pack"), "theirs").unwrap();

    fs::write(folder, "a file").unwrap();
    assert_eq!(bench.run(&files(0..3)), 3);
    assert_eq!(bench.run(&files(0..3)), 0);

    fs::create_dir_all(folder.join("00000007.pack/sub")).unwrap();
    fs::create_dir_all(folder.join("new/sub")).unwrap();
    fs::write(folder.join("00000008.pack"), [0; 9000]).unwrap();
    fs::write(folder.join("4294967295.pack"), "no number follows this one").unwrap();
    assert_eq!(bench.run(&files(0..4)), 1);
    assert_eq!(bench.run(&files(0..4)), 0);

    #[cfg(unix)]
    {
        let link = |to: &std::path::Path, at: &str| {
            std::os::unix::fs::symlink(to, folder.join(at)).unwrap();
        };
        link(&outside.join("00000009.pack"), "00000009.pack");
        link(&outside.join("made"), "new");
        assert_eq!(bench.run(&files(0..5)), 1);
        fs::remove_dir_all(folder).unwrap();
        std::os::unix::fs::symlink(&outside, folder).unwrap();
        assert_eq!(bench.run(&files(0..5)), 5);
        assert_eq!(bench.run(&files(0..5)), 0);
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(fs::read(outside.join("00000009.pack")).unwrap(), b"theirs");
}

#[test]
fn packs_stay_few() {
    let bench = Bench::new();
    for turn in 0..200 {
        assert_eq!(bench.run(&files(turn..turn + 20)), if turn == 0 { 20 } else { 1 });
    }
    assert!(bench.packs().len() < 8, "{:?}", bench.packs());
    assert_eq!(bench.run(&files(0..219)), 0);
}

#[test]
fn the_oldest_facts_go_where_space_ends() {
    let mut bench = Bench::new();
    bench.cache.largest = 20_000;
    for turn in 0..60 {
        bench.run(&files(turn * 10..turn * 10 + 20));
        assert!(bench.size() <= 20_000, "{}", bench.size());
    }
    // What the last run used is still here, what the first one did is not.
    assert_eq!(bench.run(&files(600..610)), 0);
    assert_eq!(bench.run(&files(0..10)), 10);
    // One run that needs more than there is room for.
    assert_eq!(bench.run(&files(1000..2000)), 1000);
    assert!(bench.size() <= 20_000, "{}", bench.size());
    assert!(bench.size() > 10_000, "{}", bench.size());
}

#[test]
fn one_of_two_writers_writes() {
    let bench = Bench::new();
    bench.run(&files(0..3));
    let lock = File::options().write(true).open(bench.cache.folder.join("lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(bench.run(&files(0..5)), 2);
    assert_eq!(bench.run(&files(0..5)), 2);
    lock.unlock().unwrap();
    assert_eq!(bench.run(&files(0..5)), 2);
    assert_eq!(bench.run(&files(0..5)), 0);
}

#[test]
fn many_at_once_are_one_after_the_other() {
    let bench = Bench::new();
    std::thread::scope(|scope| {
        for start in 0..8 {
            let bench = &bench;
            scope.spawn(move || {
                for turn in 0..10 {
                    bench.run(&files(start * 7 + turn..start * 7 + turn + 30));
                }
            });
        }
    });
    let all = files(0..100);
    bench.run(&all);
    assert_eq!(bench.run(&all), 0);
}

#[test]
fn words_come_back_with_the_bytes_that_they_stand_for() {
    let bench = Bench::new();
    let read_anew = |files: &[(&str, &str)]| {
        let (memo, tree) = (Memo::default(), Tree::new(Memory::texts(files.to_vec()).unwrap()));
        bench.cache.load_words(tree.snapshot(), &memo);
        let facts = Facts::index(&tree, &Settings::default(), &memo).unwrap();
        let plain = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
        for path in tree.entries().keys() {
            assert_eq!(facts.sieve(&tree, path).unwrap(), plain.sieve(&tree, path).unwrap());
        }
        bench.cache.keep(&memo);
        memo.sieves().fresh().len()
    };
    let files = [("a.py", "import b  # c\n"), ("n.txt", "import b  # c\n"), ("empty", "")];
    // The same bytes have other words where they are code.
    assert_eq!(read_anew(&files), 3);
    assert_eq!(read_anew(&files), 0);
    assert_eq!(read_anew(&[("a.py", "import b  # d\n"), ("n.md", "import b  # c\n")]), 1);
}

#[test]
fn what_a_plan_made_is_not_read_by_the_next_one() {
    let bench = Bench::new();
    let index = |files: Vec<(String, String)>, memo: &Memo| {
        let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let tree = Tree::new(Memory::texts(files).unwrap());
        Facts::index(&tree, &Settings::default(), memo).unwrap()
    };
    for read in [20, 0] {
        let memo = Memo::default();
        bench.cache.lend(&memo);
        let known = index(files(0..10), &memo);
        assert_eq!(known.files(), index(files(0..10), &Memo::default()).files());
        index(files(10..20), &memo);
        let fresh = memo.take_fresh();
        assert_eq!(fresh.len(), read);
        bench.cache.keep_facts(&fresh);
    }
}
