//! What the search knows of positions that it has seen.

use rules::Move;

/// What a stored score says of the true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// It is at least the score.
    Lower,
    /// It is at most the score.
    Upper,
    /// It is the score.
    Exact,
}

/// What is known of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The best move; [`Move::NONE`] if none is known.
    pub(super) best: Move,
    /// The score, with ends counted from the position.
    pub(super) score: i16,
    /// What the evaluator says of the position.
    pub(super) eval: i16,
    /// Plies that the score looks ahead; 0 for a search of noisy moves.
    pub(super) depth: u8,
    pub(super) bound: Bound,
}

/// An entry in 16 bytes, which are all 0 where there is none: the lower 32 bits of the check and the best move, then score, evaluation,
/// depth, bound, the number of the search that wrote it modulo 64, and the upper 16 bits of the check.
#[derive(Clone, Copy, Debug, Default)]
struct Packed([u64; 2]);

impl Packed {
    #[inline]
    fn new(check: u64, entry: &Entry, age: u8) -> Packed {
        let half = |x: i16| u64::from(x.cast_unsigned());
        let bound = 1 + entry.bound as u64;
        let second = half(entry.score)
            | half(entry.eval) << 16
            | u64::from(entry.depth) << 32
            | bound << 40
            | u64::from(age & AGE) << 42
            | check >> 32 << 48;
        Packed([check << 32 | u64::from(entry.best.bits()), second])
    }

    #[inline]
    fn is_used(self) -> bool {
        self.0[1] >> 40 & 3 != 0
    }

    /// The bits of the key from [`LEAST_BITS`] on.
    #[inline]
    fn check(self) -> u64 {
        self.0[0] >> 32 | self.0[1] >> 48 << 32
    }

    #[inline]
    fn age(self) -> u8 {
        (self.0[1] >> 42) as u8 & AGE
    }

    #[inline]
    fn entry(self) -> Option<Entry> {
        let [first, second] = self.0;
        let bound = match second >> 40 & 3 {
            1 => Bound::Lower,
            2 => Bound::Upper,
            3 => Bound::Exact,
            _ => return None,
        };
        Some(Entry {
            best: Move::from_bits(first as u32),
            score: second as i16,
            eval: (second >> 16) as i16,
            depth: (second >> 32) as u8,
            bound,
        })
    }
}

/// The largest number of a search.
const AGE: u8 = 63;
/// Bits of a key that say where its bucket is in the smallest table; an entry holds the 48 bits above them.
const LEAST_BITS: u32 = 12;
/// Entries that a key may be kept in.
const WAYS: usize = 4;
/// Numbers of a bucket: as many bytes as a line of the processor's cache.
const WORDS: usize = 2 * WAYS;

/// A table that grows with what one search writes to it: a small search stays in the processor's caches, and growing takes a small share of the
/// time that a search has taken.
#[derive(Debug)]
pub(super) struct Table {
    /// All buckets, one after the other.
    words: Vec<u64>,
    /// Numbers before the first bucket, which stands at the beginning of a line of the cache.
    offset: usize,
    buckets: usize,
    /// The most buckets, a power of two.
    most: usize,
    /// Entries in use.
    used: usize,
    /// Entries that this search has written.
    written: usize,
    age: u8,
}

impl Table {
    /// An empty table that takes at most so many bytes, or 256 KiB if that is more.
    pub(super) fn new(bytes: usize) -> Table {
        let count = (bytes / (8 * WORDS)).max(1 << LEAST_BITS);
        // A power of two, so that a place is found without a division.
        let most = if count.is_power_of_two() { count } else { count.next_power_of_two() / 2 };
        let mut table = Table { words: Vec::new(), offset: 0, buckets: 0, most, used: 0, written: 0, age: 0 };
        table.allocate(1 << LEAST_BITS);
        table
    }

    fn allocate(&mut self, buckets: usize) {
        self.words = vec![0; (buckets + 1) * WORDS];
        self.offset = (WORDS - self.words.as_ptr().addr() / 8 % WORDS) % WORDS;
        self.buckets = buckets;
    }

    /// Begins another search: what was known stays known, but makes room first.
    pub(super) fn begin(&mut self) {
        self.age = (self.age + 1) & AGE;
        self.written = 0;
    }

    /// Where the bucket of a key begins.
    #[inline]
    fn place(&self, key: u64) -> usize {
        self.offset + (key as usize & (self.buckets - 1)) * WORDS
    }

    #[inline]
    fn bucket(&self, place: usize) -> [Packed; WAYS] {
        let words = &self.words[place..place + WORDS];
        std::array::from_fn(|way| Packed([words[2 * way], words[2 * way + 1]]))
    }

    #[inline]
    fn check_of(key: u64) -> u64 {
        key << (64 - 48 - LEAST_BITS) >> 16
    }

    /// What is known of the position with this key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<Entry> {
        let check = Table::check_of(key);
        self.bucket(self.place(key)).into_iter().find(|p| p.check() == check)?.entry()
    }

    /// Writes what a search of a position found. Another position makes room whose entry is old or looks least far ahead.
    pub(super) fn put(&mut self, key: u64, mut entry: Entry) {
        let (check, age) = (Table::check_of(key), self.age);
        let place = self.place(key);
        let packed = self.bucket(place);
        let same = packed.iter().position(|p| p.is_used() && p.check() == check);
        if let Some((way, known)) = same.and_then(|way| Some((way, packed[way].entry()?))) {
            // A much deeper bound is kept where a shallow search could not tell more.
            if entry.bound != Bound::Exact && entry.depth + 3 < known.depth && packed[way].age() == age {
                return;
            }
            if entry.best == Move::NONE {
                entry.best = known.best;
            }
        }
        let worth = |p: &Packed| match p.entry() {
            None => i32::MIN,
            Some(entry) => i32::from(entry.depth) - 4 * i32::from(age.wrapping_sub(p.age()) & AGE),
        };
        let way = same.unwrap_or_else(|| (0..WAYS).min_by_key(|way| worth(&packed[*way])).unwrap_or(0));
        let unused = !packed[way].is_used();
        self.used += usize::from(unused);
        self.written += usize::from(unused || packed[way].age() != age);
        let at = place + 2 * way;
        self.words[at..at + 2].copy_from_slice(&Packed::new(check, &entry, age).0);
        if self.written > self.buckets * WAYS / 2 && self.buckets < self.most {
            self.grow();
        }
    }

    /// Moves all entries to a table of four times the size.
    fn grow(&mut self) {
        let old = std::mem::replace(self, Table { words: Vec::new(), ..*self });
        self.allocate((4 * old.buckets).min(self.most));
        for number in 0..old.buckets {
            for packed in old.bucket(old.offset + number * WORDS).into_iter().filter(|p| p.is_used()) {
                // The bits of the key that say where the bucket is: those that an entry does not hold are those of its old place.
                let low = number & ((1 << LEAST_BITS) - 1);
                let place = self.place(packed.check() << LEAST_BITS | low as u64);
                // The entries of a bucket are shared out over several, so that there is room for each.
                let way = self.bucket(place).iter().position(|p| !p.is_used()).unwrap_or(0);
                self.words[place + 2 * way..place + 2 * way + 2].copy_from_slice(&packed.0);
            }
        }
    }

    /// The share of its memory that the table uses, from 0 to 1.
    pub(super) fn fullness(&self) -> f64 {
        self.used as f64 / (self.most * WAYS) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(score: i16, depth: u8, bound: Bound) -> Entry {
        Entry { best: Move::from_bits(77), score, eval: -score, depth, bound }
    }

    #[test]
    fn entries_come_back_as_they_were() {
        let mut table = Table::new(0);
        for (i, score) in [0, 1, -1, 29_999, -29_999, -20_000].into_iter().enumerate() {
            let (key, known) = ((i as u64 + 1) << 32 | 5, entry(score, i as u8, Bound::Upper));
            table.put(key, known);
            assert_eq!(table.get(key), Some(known));
            assert_eq!(table.get(key ^ 1 << 40), None);
        }
    }

    #[test]
    fn what_is_shallow_or_old_makes_room() {
        let mut table = Table::new(0);
        let key = |n: u64| n << 32;
        (1..=4).for_each(|n| table.put(key(n), entry(0, n as u8, Bound::Exact)));
        table.put(key(5), entry(0, 9, Bound::Exact));
        assert!(table.get(key(1)).is_none() && table.get(key(2)).is_some());
        table.begin();
        table.begin();
        (6..=8).for_each(|n| table.put(key(n), entry(0, 0, Bound::Exact)));
        assert!(table.get(key(5)).is_some() && table.get(key(8)).is_some() && table.get(key(4)).is_none());
    }

    #[test]
    fn a_deep_bound_is_kept_and_a_move_remembered() {
        let mut table = Table::new(0);
        let key = 1 << 20;
        table.put(key, entry(50, 10, Bound::Lower));
        table.put(key, entry(3, 2, Bound::Upper));
        assert_eq!(table.get(key).map(|e| e.depth), Some(10));
        table.put(key, Entry { best: Move::NONE, ..entry(4, 9, Bound::Upper) });
        assert_eq!(table.get(key), Some(entry(4, 9, Bound::Upper)));
    }

    #[test]
    fn a_table_grows_and_forgets_nothing() {
        let mut table = Table::new(4 << 20);
        let key = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = |n: u64| entry((n % 9973) as i16, 3, Bound::Exact);
        (1..=9000).for_each(|n| table.put(key(n), at(n)));
        assert_eq!(table.buckets, 1 << 14);
        // Few buckets had to take more than four positions before the table grew.
        assert!((1..=9000).filter(|n| table.get(key(*n)) == Some(at(*n))).count() > 8800);
        (9001..=200_000).for_each(|n| table.put(key(n), at(n)));
        assert_eq!(table.buckets, table.most);
        assert!(table.fullness() > 0.5 && table.fullness() <= 1.0);
    }
}
