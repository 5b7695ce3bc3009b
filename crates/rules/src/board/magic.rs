//! Sliders looked up in one step.

use crate::board::geometry::Board;
use crate::board::rays::{DIAGONAL, Rays, STRAIGHT};
use crate::board::types::Square;
use crate::board::word::Sliders;

/// Magic bitboards ("fancy", Pradyumna Kannan 2007): the men on a slider's lines, multiplied by a factor found by trial, index a table
/// of its attacks.
#[derive(Clone, Debug)]
pub struct MagicSliders {
    /// Of bishops and of rooks, by square.
    magics: Box<[[Magic; 64]; 2]>,
    attacks: Box<[u64]>,
}

/// How the attacks of a slider on one square are found.
#[derive(Clone, Copy, Debug, Default)]
struct Magic {
    /// Squares on which men matter.
    mask: u64,
    factor: u64,
    shift: u32,
    offset: u32,
}

impl Magic {
    #[inline(always)]
    fn index(&self, occupied: u64) -> usize {
        ((occupied & self.mask).wrapping_mul(self.factor) >> self.shift) as usize + self.offset as usize
    }
}

impl MagicSliders {
    #[inline(always)]
    fn attacks(&self, magics: &[Magic; 64], from: Square, occupied: u64) -> u64 {
        self.attacks[magics[from.index() & 63].index(occupied)]
    }
}

impl Sliders<u64> for MagicSliders {
    fn new(files: u8, ranks: u8) -> MagicSliders {
        let board = Board { files, ranks };
        let mut magics = Box::new([[Magic::default(); 64]; 2]);
        let mut attacks: Vec<u64> = Vec::new();
        for (directions, magics) in [DIAGONAL, STRAIGHT].into_iter().zip(magics.iter_mut()) {
            let rays = directions.map(|(r, f)| Rays::<u64>::new(board, r, f));
            for square in board.each() {
                // A man on the last square of a ray hides no square behind it.
                let mask = rays.iter().fold(0, |mask, rays| mask | rays.from(square) & !rays.last(square));
                let (magic, table) = find_magic(mask, attacks.len(), square, |men| {
                    rays.iter().fold(0, |set, rays| set | rays.slide(square, men))
                });
                magics[square.index()] = magic;
                attacks.extend(table);
            }
        }
        // The entry that squares beyond the board look up.
        attacks.push(0);
        MagicSliders { magics, attacks: attacks.into() }
    }

    #[inline(always)]
    fn bishop(&self, from: Square, occupied: u64) -> u64 {
        self.attacks(&self.magics[0], from, occupied)
    }

    #[inline(always)]
    fn rook(&self, from: Square, occupied: u64) -> u64 {
        self.attacks(&self.magics[1], from, occupied)
    }
}

/// Finds a factor for one square, and the table that it indexes: no two sets of men on `mask` that leave the slider different attacks
/// may fall on one entry. `offset` is where the table will begin in the table of all squares.
fn find_magic(mask: u64, offset: usize, square: Square, attacks: impl Fn(u64) -> u64) -> (Magic, Vec<u64>) {
    let size = 1 << mask.count_ones();
    let mut sets = Vec::with_capacity(size);
    let mut men = 0_u64;
    loop {
        sets.push((men, attacks(men)));
        men = men.wrapping_sub(mask) & mask;
        if men == 0 {
            break;
        }
    }
    if mask == 0 {
        return (Magic { mask, factor: 0, shift: 63, offset: offset as u32 }, vec![sets[0].1]);
    }
    let mut magic = Magic { mask, factor: 0, shift: 64 - mask.count_ones(), offset: 0 };
    let mut table = vec![(0_u32, 0_u64); size];
    // Entries carry the number of the trial that wrote them, so that the table need not be cleared for each trial.
    let mut trial = 0;
    let mut state = u64::from(square.0);
    let mut random = || {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for candidate in 1_u32.. {
        // On narrow boards the bits of the mask stand so close together that no factor may fit: try a table of twice the size.
        if candidate.is_multiple_of(1 << 14) {
            magic.shift -= 1;
            table.resize(1 << (64 - magic.shift), (0, 0));
        }
        magic.factor = random() & random() & random();
        if (mask.wrapping_mul(magic.factor) >> 56).count_ones() < mask.count_ones().min(6) {
            continue;
        }
        trial += 1;
        let fits = sets.iter().all(|(men, attacks)| {
            let entry = &mut table[magic.index(*men)];
            if entry.0 != trial {
                *entry = (trial, *attacks);
            }
            entry.1 == *attacks
        });
        if fits {
            break;
        }
    }
    magic.offset = offset as u32;
    (magic, table.into_iter().map(|(_, attacks)| attacks).collect())
}
