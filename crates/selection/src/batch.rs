//! The positions of one gradient step: their features and value targets as flat columns for libtorch, and references to their moves.

use std::ops::Range;

use crate::policy::Target;
use crate::samples::{NO_PROMOTION, NO_WALL, Samples};
use crate::symmetry::Mirror;

/// A position drawn from the replay window.
#[derive(Clone, Copy)]
pub(crate) struct Drawn<'a> {
    block: &'a Samples,
    index: usize,
    /// Whether the mirror image of the position is learnt from.
    mirrored: bool,
}

/// The positions of one gradient step.
pub(crate) struct Batch<'a> {
    pub(crate) positions: Vec<Drawn<'a>>,
    /// Active features of all positions.
    pub(crate) features: Vec<i32>,
    /// Where the features of each position begin.
    pub(crate) feature_offsets: Vec<i32>,
    /// Target probabilities of win, draw and loss: three numbers per position.
    pub(crate) value: Vec<f32>,
    mirror: Option<&'a Mirror>,
}

impl<'a> Batch<'a> {
    /// Gathers the positions with these numbers, counted from 0 through all blocks of the window. A position whose flag is set is
    /// replaced by its mirror image, if there is a `mirror`.
    pub(crate) fn gather(
        window: &[&'a Samples],
        drawn: &[(usize, bool)],
        search_value_share: f32,
        mirror: Option<&'a Mirror>,
    ) -> Batch<'a> {
        let mut batch = Batch {
            positions: Vec::with_capacity(drawn.len()),
            features: Vec::with_capacity(24 * drawn.len()),
            feature_offsets: Vec::with_capacity(drawn.len()),
            value: Vec::with_capacity(3 * drawn.len()),
            mirror,
        };
        for (number, mirrored) in drawn {
            let (block, index) = locate(window, *number);
            batch.feature_offsets.push(batch.features.len() as i32);
            let features = &block.features[block.feature_range(index)];
            match mirror.filter(|_| *mirrored) {
                Some(mirror) => batch.features.extend(features.iter().map(|f| mirror.feature(*f) as i32)),
                None => batch.features.extend(features.iter().map(|f| *f as i32)),
            }
            batch.value.extend(value_target(block.results[index], block.values[index], search_value_share));
            batch.positions.push(Drawn { block, index, mirrored: *mirrored });
        }
        batch
    }

    /// Active features of a range of positions, and where those of each position begin among them.
    pub(crate) fn features_of(&self, range: Range<usize>) -> (&[i32], Vec<i32>) {
        let begin = |i: usize| self.feature_offsets.get(i).map_or(self.features.len(), |offset| *offset as usize);
        let (first, end) = (begin(range.start), begin(range.end));
        let offsets = self.feature_offsets[range].iter().map(|offset| offset - first as i32).collect();
        (&self.features[first..end], offsets)
    }

    /// Writes the legal moves of a position, with their shares of the visits, to `targets`.
    pub(crate) fn targets(&self, drawn: Drawn, targets: &mut Vec<Target>) {
        let block = drawn.block;
        let mirror = self.mirror.filter(|_| drawn.mirrored);
        targets.clear();
        targets.extend(block.moves(drawn.index).map(|m| {
            let (address, promotion) = (block.addresses[m], block.promotions[m]);
            let promotion = (promotion != NO_PROMOTION).then_some(promotion);
            let wall = block.walls.get(m).copied().filter(|wall| *wall != NO_WALL);
            Target {
                address: mirror.map_or(address, |mirror| mirror.address(address)) as usize,
                promotion: promotion.map(|p| mirror.map_or(p, |mirror| mirror.feature(p)) as usize),
                wall: wall.map(|w| mirror.map_or(w, |mirror| mirror.feature(w)) as usize),
                share: block.visits[m],
            }
        }));
    }

    /// What the position's game was worth to the mover, -1 to 1.
    pub(crate) fn result(drawn: Drawn) -> f32 {
        drawn.block.results[drawn.index]
    }
}

/// The block that holds the position with this number, and the position's index in that block.
fn locate<'a>(window: &[&'a Samples], mut number: usize) -> (&'a Samples, usize) {
    for block in window {
        if number < block.len() {
            return (block, number);
        }
        number -= block.len();
    }
    unreachable!("a number below the window's length")
}

/// Target probabilities of win, draw and loss: a mixture of the game's worth and the search's value, which has weight `share`.
///
/// An expected result e from -1 to 1 stands for the distribution with probability |e| on a win (on a loss if e is below 0) and 1 - |e| on a
/// draw. Its expectation is e, and a game that was won, drawn or lost has probability 1 on that outcome.
fn value_target(worth: f32, value: f32, share: f32) -> [f32; 3] {
    let wdl = |expected: f32| [expected.max(0.0), 1.0 - expected.abs(), (-expected).max(0.0)];
    let (game, search) = (wdl(worth), wdl(value));
    [0, 1, 2].map(|outcome| (1.0 - share) * game[outcome] + share * search[outcome])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_distributions_that_expect_the_worth() {
        assert_eq!(value_target(1.0, 0.3, 0.0), [1.0, 0.0, 0.0]);
        assert_eq!(value_target(0.0, 0.3, 0.0), [0.0, 1.0, 0.0]);
        assert_eq!(value_target(-1.0, 0.3, 0.0), [0.0, 0.0, 1.0]);
        assert_eq!(value_target(-0.75, 0.0, 0.0), [0.0, 0.25, 0.75]);
        for worth in [-1.0, -0.9, -0.5, -0.1, 0.0, 0.25, 0.7, 1.0] {
            for (value, share) in [(0.0, 0.0), (-0.4, 0.3), (0.8, 1.0)] {
                let [win, draw, loss] = value_target(worth, value, share);
                assert!((win + draw + loss - 1.0).abs() < 1e-6);
                assert!([win, draw, loss].iter().all(|p| (0.0..=1.0).contains(p)));
                assert!((win - loss - ((1.0 - share) * worth + share * value)).abs() < 1e-6, "{worth} {value}");
            }
        }
    }
}
