//! What the rows of a file wanted and were granted, kept for rows further down: in memory that does not grow with the file.
//!
//! The answer to nearly every question is "nobody wanted that yet", and a filter in memory gives it. What was granted
//! lies in blocks of a temporary file without a name, chained by the first bits of its key. Keys are hashes under a secret
//! of this run: neither the file nor the filter holds anything that could be read.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// What one row was granted, under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// What was wanted.
    pub(super) key: u64,
    /// By the row on which line.
    pub(super) line: u64,
    /// All the values of the row, by which the same row is known again.
    pub(super) values: u64,
    /// No: nobody knows yet what becomes of it.
    pub(super) granted: bool,
}

/// Words of 64 bits in the filter for a large file: 8 MiB.
const LARGE_WORDS: usize = 1024 * 1024;
/// Words in the filter for the first entries: 256 KiB, which stay in the processor's cache where 8 MiB would be a new page of
/// memory for nearly every entry.
const SMALL_WORDS: usize = 32 * 1024;
/// Entries of the small filter: some fifty bits each.
const SMALL_ENTRIES: usize = 40_000;
/// Words of the filter that one key falls into.
const LINE_WORDS: usize = 8;
/// Chains of blocks.
const CHAINS: usize = 2048;
/// Entries of a block.
const BLOCK_ENTRIES: usize = 21;
/// Bytes of an entry in a block.
const ENTRY_BYTES: usize = 24;
/// Bytes of a block: its entries, and the place of the one before.
const BLOCK_BYTES: usize = BLOCK_ENTRIES * ENTRY_BYTES + 8;
/// Stands where there is no block before.
const NONE: u64 = u64::MAX;
/// Set in a stored line where nothing is granted yet.
const OPEN: u64 = 1 << 63;

/// See the module.
pub(super) struct Book {
    first: Filter,
    /// How many entries the first filter has; once it is full, further ones go into the other.
    firsts: usize,
    further: Filter,
    chains: Vec<Chain>,
    /// `None` until the first block is full, and after the file has failed.
    file: Option<File>,
    /// Where the next block goes.
    end: u64,
}

#[derive(Clone)]
struct Chain {
    /// Not in a block yet. Grows beyond a block only where there is no file to put one in.
    latest: Vec<Entry>,
    /// The place of the last block.
    last: u64,
}

impl Default for Book {
    fn default() -> Self {
        let chain = Chain { latest: Vec::new(), last: NONE };
        Self {
            first: Filter::of(SMALL_WORDS),
            firsts: 0,
            further: Filter::default(),
            chains: vec![chain; CHAINS],
            file: None,
            end: 0,
        }
    }
}

impl Book {
    /// The first entry under `key`.
    pub(super) fn find(&self, key: u64) -> Option<Entry> {
        if !self.first.may_hold(key) && !self.further.may_hold(key) {
            return None;
        }
        let chain = self.chains.get(chain_of(key))?;
        let mut found = None;
        let mut place = chain.last;
        while place != NONE {
            let (entries, before) = self.block(place)?;
            found = entries.into_iter().find(|entry| entry.key == key).or(found);
            place = before;
        }
        found.or_else(|| chain.latest.iter().find(|entry| entry.key == key).copied())
    }

    /// Adds an entry. One under a key that has one already is not found any more than if it had not been added.
    pub(super) fn add(&mut self, entry: Entry) {
        if self.firsts < SMALL_ENTRIES {
            self.first.add(entry.key);
            self.firsts += 1;
        } else {
            self.further.grow_to(LARGE_WORDS);
            self.further.add(entry.key);
        }
        let Some(chain) = self.chains.get_mut(chain_of(entry.key)) else { return };
        if chain.latest.len() >= BLOCK_ENTRIES {
            // Where there is no room for a file, memory has to do.
            if self.file.is_none() && self.end == 0 {
                self.file = tempfile::tempfile().ok();
            }
            let block = packed(&chain.latest, chain.last);
            let written = self.file.as_ref().is_some_and(|file| file.write_all_at(&block, self.end).is_ok());
            if written && chain.latest.len() == BLOCK_ENTRIES {
                chain.latest.clear();
                chain.last = self.end;
                self.end += BLOCK_BYTES as u64;
            }
        }
        chain.latest.push(entry);
    }

    fn block(&self, place: u64) -> Option<(Vec<Entry>, u64)> {
        let mut bytes = [0; BLOCK_BYTES];
        self.file.as_ref()?.read_exact_at(&mut bytes, place).ok()?;
        let (entries, before) = bytes.split_at(BLOCK_BYTES - 8);
        let entries = entries.chunks_exact(ENTRY_BYTES).map(|bytes| {
            let number = |at: usize| bytes.get(at..at + 8).map_or(0, number);
            let line = number(8);
            Entry { key: number(0), line: line & !OPEN, values: number(16), granted: line & OPEN == 0 }
        });
        Some((entries.collect(), number(before)))
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

fn packed(entries: &[Entry], before: u64) -> Vec<u8> {
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    for entry in entries.iter().take(BLOCK_ENTRIES) {
        let line = if entry.granted { entry.line } else { entry.line | OPEN };
        for number in [entry.key, line, entry.values] {
            block.extend(number.to_le_bytes());
        }
    }
    block.extend(before.to_le_bytes());
    block
}

const fn chain_of(key: u64) -> usize {
    (key >> 32) as usize % CHAINS
}

/// Tells most keys that are in no entry from those that are.
#[derive(Default)]
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn of(words: usize) -> Self {
        Self { words: vec![0; words] }
    }

    /// Makes an empty filter one of `words`.
    fn grow_to(&mut self, words: usize) {
        if self.words.is_empty() {
            self.words = vec![0; words];
        }
    }

    fn add(&mut self, key: u64) {
        for (word, bit) in self.bits(key) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
    }

    fn may_hold(&self, key: u64) -> bool {
        self.bits(key).into_iter().all(|(word, bit)| self.words.get(word).is_some_and(|found| found & bit != 0))
    }

    /// Four bits of one cache line, from parts of the key that the chain does not use.
    #[expect(clippy::cast_possible_truncation, reason = "the remainders are far smaller")]
    fn bits(&self, key: u64) -> [(usize, u64); 4] {
        let line = (key as usize % (self.words.len() / LINE_WORDS).max(1)) * LINE_WORDS;
        // Spread anew: the low bits chose the line.
        let spread = key.rotate_left(23).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        [0, 9, 18, 27].map(|shift| {
            let part = spread >> (shift + 28);
            (line + (part as usize & 7), 1_u64 << ((part >> 3) & 63))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher as _;

    use super::*;

    fn entry(key: u64, line: u64) -> Entry {
        Entry { key, line, values: key ^ line, granted: !line.is_multiple_of(3) }
    }

    #[test]
    fn every_entry_is_found_again_and_nothing_else() {
        let hash = std::hash::RandomState::new();
        let mut book = Book::default();
        for line in 0..200_000_u64 {
            book.add(entry(hash.hash_one(line), line));
        }
        assert!(book.file.is_some());
        for line in (0..200_000_u64).step_by(97) {
            assert_eq!(book.find(hash.hash_one(line)), Some(entry(hash.hash_one(line), line)));
        }
        for (filter, name) in [(&book.first, "first"), (&book.further, "further")] {
            let others = (1_000_000..1_100_000_u64).filter(|other| filter.may_hold(hash.hash_one(other))).count();
            assert!(others < 1000, "the {name} filter lets {others} of 100000 pass");
        }
        assert_eq!(book.find(hash.hash_one(7_000_000_u64)), None);
    }

    #[test]
    fn the_first_of_several_under_one_key_is_the_one_that_counts() {
        let mut book = Book::default();
        for line in 1..100 {
            book.add(entry(42, line));
        }
        assert_eq!(book.find(42), Some(entry(42, 1)));
    }

    #[test]
    fn without_a_file_memory_has_to_do() {
        let mut book = Book { end: 1, ..Book::default() };
        for line in 0..1000 {
            book.add(entry(line << 40, line));
        }
        assert!((0..1000).all(|line| book.find(line << 40) == Some(entry(line << 40, line))));
    }

    #[test]
    fn memory_does_not_grow_with_the_entries() {
        let hash = std::hash::RandomState::new();
        let mut book = Book::default();
        for line in 0..300_000_u64 {
            book.add(entry(hash.hash_one(line), line));
        }
        assert!(book.chains.iter().all(|chain| chain.latest.capacity() <= 2 * BLOCK_ENTRIES));
    }
}
