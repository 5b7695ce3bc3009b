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

/// An entry in 16 bytes, which are all 0 where there is none: the upper half of the key and the best move, then score, evaluation, depth,
/// bound and the number of the search that wrote it.
#[derive(Clone, Copy, Debug, Default)]
struct Packed([u64; 2]);

impl Packed {
    fn new(check: u32, entry: &Entry, age: u8) -> Packed {
        let bound = 1 + entry.bound as u64;
        let half = |x: i16| u64::from(x.cast_unsigned());
        let second = half(entry.score)
            | half(entry.eval) << 16
            | u64::from(entry.depth) << 32
            | bound << 40
            | u64::from(age) << 48;
        Packed([u64::from(check) << 32 | u64::from(entry.best.bits()), second])
    }

    fn is_used(self) -> bool {
        self.0[1] != 0
    }

    fn check(self) -> u32 {
        (self.0[0] >> 32) as u32
    }

    fn age(self) -> u8 {
        (self.0[1] >> 48) as u8
    }

    fn entry(self) -> Option<Entry> {
        let [first, second] = self.0;
        let bound = match (second >> 40) as u8 {
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

/// Entries that a key may be kept in.
const WAYS: usize = 4;

/// Memory that is all 0 takes no time to get until it is written.
type Bucket = [[u64; 2]; WAYS];

/// A table of fixed size.
#[derive(Debug)]
pub(super) struct Table {
    buckets: Vec<Bucket>,
    age: u8,
}

impl Table {
    /// An empty table of at most so many bytes, and of one bucket at least.
    pub(super) fn new(bytes: usize) -> Table {
        let count = (bytes / size_of::<Bucket>()).max(1);
        // A power of two, so that a place is found without a division.
        let count = if count.is_power_of_two() { count } else { count.next_power_of_two() / 2 };
        Table { buckets: vec![Bucket::default(); count], age: 0 }
    }

    /// Begins another search: what was known stays known, but makes room first.
    pub(super) fn begin(&mut self) {
        self.age = self.age.wrapping_add(1);
    }

    fn place(&self, key: u64) -> usize {
        key as usize & (self.buckets.len() - 1)
    }

    /// What is known of the position with this key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<Entry> {
        let check = (key >> 32) as u32;
        let bucket = &self.buckets[self.place(key)];
        bucket.iter().map(|words| Packed(*words)).find(|p| p.is_used() && p.check() == check)?.entry()
    }

    /// Writes what a search of a position found. Another position makes room whose entry is old or looks least far ahead.
    pub(super) fn put(&mut self, key: u64, mut entry: Entry) {
        let (check, age) = ((key >> 32) as u32, self.age);
        let place = self.place(key);
        let bucket = &mut self.buckets[place];
        let packed = bucket.map(Packed);
        let same = packed.iter().position(|p| p.is_used() && p.check() == check);
        if let Some(known) = same.and_then(|way| packed[way].entry()) {
            // A much deeper bound is kept where a shallow search could not tell more.
            if entry.bound != Bound::Exact && entry.depth + 3 < known.depth && packed[same.unwrap_or(0)].age() == age {
                return;
            }
            if entry.best == Move::NONE {
                entry.best = known.best;
            }
        }
        let worth = |p: &Packed| match p.entry() {
            None => i32::MIN,
            Some(entry) => i32::from(entry.depth) - 4 * i32::from(age.wrapping_sub(p.age())),
        };
        let way = same.unwrap_or_else(|| (0..WAYS).min_by_key(|way| worth(&packed[*way])).unwrap_or(0));
        bucket[way] = Packed::new(check, &entry, age).0;
    }

    /// The share of the table that this search has written, from 0 to 1, by its first thousand entries.
    pub(super) fn fullness(&self) -> f64 {
        let entries = self.buckets.iter().take(250).flatten().map(|words| Packed(*words));
        let written = entries.clone().filter(|p| p.is_used() && p.age() == self.age).count();
        written as f64 / entries.count().max(1) as f64
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
        let mut table = Table::new(1 << 12);
        for (i, score) in [0, 1, -1, 29_999, -29_999, -20_000].into_iter().enumerate() {
            let (key, known) = ((i as u64) << 32 | 5, entry(score, i as u8, Bound::Upper));
            table.put(key, known);
            assert_eq!(table.get(key), Some(known));
            assert_eq!(table.get(key ^ 1 << 40), None);
        }
    }

    #[test]
    fn what_is_shallow_or_old_makes_room() {
        let mut table = Table::new(1);
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
        let mut table = Table::new(1);
        table.put(1, entry(50, 10, Bound::Lower));
        table.put(1, entry(3, 2, Bound::Upper));
        assert_eq!(table.get(1).map(|e| e.depth), Some(10));
        table.put(1, Entry { best: Move::NONE, ..entry(4, 9, Bound::Upper) });
        assert_eq!(table.get(1), Some(entry(4, 9, Bound::Upper)).map(|e| Entry { best: Move::from_bits(77), ..e }));
    }
}
