//! One pack: what is known of many files in one file that is written once and never changed.
//!
//! First the values, one after the other; then a row for each: its key, its length, its checksum;
//! then a trailer. Rows are read whole, values where they are wanted. What a length or a checksum
//! contradicts is not there.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::kept::VERSION;
use crate::tree::Id;

const MAGIC: [u8; 16] = *b"overhaul facts\r\n";
/// Number of rows, checksum of the rows, version, magic.
const TRAILER: usize = 4 + 4 + VERSION.len() + MAGIC.len();
/// Key, length, checksum.
const ROW: usize = KEY + 4 + 4;
const KEY: usize = NAME + 20;
const NAME: usize = 20 + 4;
/// Values that stand no further apart than this are read in one go.
const GAP: u64 = 16 << 10;
/// What is read in one go, at most, but for single values that are larger.
const SPAN: u64 = 256 << 10;

/// What is written in one go.
const BUFFER: usize = 256 << 10;

/// What a value is known by, then an id that is told without reading the value.
pub(super) type Key = [u8; KEY];

/// The id of a blob, and four bytes more: what a key begins with.
pub(super) type Name = [u8; NAME];

/// A pack, its rows read.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    pub(super) rows: Vec<Row>,
}

/// Where a value stands in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: Key,
    start: u64,
    length: u32,
    sum: u32,
}

impl Pack {
    /// Reads the rows of a pack; `None` for what is no whole pack of this version.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let Some(end) = size.checked_sub(TRAILER as u64) else { return Ok(None) };
        let trailer = read_at(&mut file, end, TRAILER as u64)?;
        let (head, tail) = trailer.split_at(8);
        if tail != [VERSION.as_bytes(), &MAGIC].concat() {
            return Ok(None);
        }
        let (count, sum) = (number(&head[..4]), number(&head[4..]));
        let length = u64::from(count) * ROW as u64;
        let Some(start) = end.checked_sub(length) else { return Ok(None) };
        let bytes = read_at(&mut file, start, length)?;
        if crc32fast::hash(&bytes) != sum {
            return Ok(None);
        }
        let rows = Row::all(&bytes);
        let whole = rows.last().map_or(0, Row::end) == start;
        Ok(whole.then(|| Self { path: path.to_owned(), size, rows }))
    }

    /// Reads the values of these rows, which are in the order of the pack, in parallel, and hands
    /// them to `work`. What is not as it was written is left out.
    pub(super) fn read<T: Send>(
        &self,
        rows: &[&Row],
        work: impl Fn(&Row, &[u8]) -> Option<T> + Sync,
    ) -> Vec<T> {
        let spans: Vec<&[&Row]> = spans(rows).collect();
        let read = spans.par_iter().map(|rows| {
            let bytes = self.span(rows).unwrap_or_default();
            let value = |row: &&Row| {
                let from = usize::try_from(row.start - rows[0].start).ok()?;
                let value = bytes.get(from..)?.get(..usize::try_from(row.length).ok()?)?;
                (crc32fast::hash(value) == row.sum).then(|| work(row, value))?
            };
            rows.iter().filter_map(value).collect::<Vec<T>>()
        });
        read.flatten_iter().collect()
    }

    fn span(&self, rows: &[&Row]) -> io::Result<Vec<u8>> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
        read_at(&mut File::open(&self.path)?, first.start, last.end() - first.start)
    }
}

/// Groups rows that are worth reading in one go.
fn spans<'a, 'b>(mut rest: &'b [&'a Row]) -> impl Iterator<Item = &'b [&'a Row]> {
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let near = |pair: &[&Row]| {
            pair[1].start - pair[0].end() <= GAP && pair[1].end() - first.start <= SPAN
        };
        let count = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let (span, others) = rest.split_at(count);
        rest = others;
        Some(span)
    })
}

impl Row {
    fn end(&self) -> u64 {
        self.start + u64::from(self.length)
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key);
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.sum.to_le_bytes());
    }

    fn all(bytes: &[u8]) -> Vec<Self> {
        let mut start = 0;
        let rows = bytes.chunks_exact(ROW).map(|row| {
            let (key, rest) = row.split_at(KEY);
            let key = key.try_into().unwrap_or([0; KEY]);
            let row = Self { key, start, length: number(&rest[..4]), sum: number(&rest[4..]) };
            start = row.end();
            row
        });
        rows.collect()
    }
}

/// Makes a key.
pub(super) fn key(name: Name, told: Id) -> Key {
    let mut key = [0; KEY];
    key[..NAME].copy_from_slice(&name);
    key[NAME..].copy_from_slice(told.as_bytes());
    key
}

/// Makes the name that a key begins with.
pub(super) fn to_name(id: Id, more: [u8; 4]) -> Name {
    let mut name = [0; NAME];
    name[..20].copy_from_slice(id.as_bytes());
    name[20..].copy_from_slice(&more);
    name
}

/// Returns what a key names.
pub(super) fn name(key: &Key) -> Name {
    key[..NAME].try_into().unwrap_or_default()
}

/// Returns what a key is made of.
pub(super) fn parts(key: &Key) -> (Id, [u8; 4]) {
    let (id, more) = (key[..20].try_into(), key[20..NAME].try_into());
    (Id::from_bytes(id.unwrap_or_default()), more.unwrap_or_default())
}

/// Returns what a key tells of its value.
pub(super) fn told(key: &Key) -> Id {
    Id::from_bytes(key[NAME..].try_into().unwrap_or_default())
}

/// A pack that is being written.
pub(super) struct Writer {
    file: BufWriter<File>,
    largest: u64,
    at: u64,
    rows: u32,
    table: Vec<u8>,
}

impl Writer {
    /// Begins a pack of at most that size, in a file that must not exist.
    pub(super) fn create(path: &Path, largest: u64) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER, File::create_new(path)?);
        Ok(Self { file, largest, at: 0, rows: 0, table: Vec::new() })
    }

    /// Returns how large the pack is by now.
    pub(super) fn size(&self) -> u64 {
        self.at + self.table.len() as u64 + TRAILER as u64
    }

    /// Adds a value, where there is room for it.
    pub(super) fn add(&mut self, key: Key, value: &[u8]) -> io::Result<()> {
        let Ok(length) = u32::try_from(value.len()) else { return Ok(()) };
        if self.size() + (ROW + value.len()) as u64 > self.largest {
            return Ok(());
        }
        let row = Row { key, start: self.at, length, sum: crc32fast::hash(value) };
        self.file.write_all(value)?;
        row.put(&mut self.table);
        self.at = row.end();
        self.rows += 1;
        Ok(())
    }

    /// Ends the pack. It need not survive a power failure: what is lost of it is not believed.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.write_all(&self.table)?;
        self.file.write_all(&self.rows.to_le_bytes())?;
        self.file.write_all(&crc32fast::hash(&self.table).to_le_bytes())?;
        self.file.write_all(VERSION.as_bytes())?;
        self.file.write_all(&MAGIC)?;
        self.file.flush()
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes.try_into().unwrap_or_default())
}

fn read_at(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length).map_err(io::Error::other)?)?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
