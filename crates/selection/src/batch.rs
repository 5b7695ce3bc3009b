//! Positions gathered for one gradient step: flat features for the embedding bag, and where to find the rest.

use crate::policy::Target;
use crate::samples::{NO_PROMOTION, Samples};
use crate::symmetry::Mirror;

/// A position of the window.
#[derive(Clone, Copy)]
pub(crate) struct Drawn<'a> {
    block: &'a Samples,
    index: usize,
    /// Whether it is seen in the mirror.
    mirrored: bool,
}

/// One gradient step's positions.
pub(crate) struct Batch<'a> {
    pub(crate) positions: Vec<Drawn<'a>>,
    /// Active features of all positions, and where those of each begin.
    pub(crate) features: Vec<i32>,
    pub(crate) feature_offsets: Vec<i32>,
    /// Target probabilities of win, draw and loss, one row per position.
    pub(crate) value: Vec<f32>,
    mirror: Option<&'a Mirror>,
}

impl<'a> Batch<'a> {
    /// Gathers positions by their numbers, counted through all blocks of the window; those marked are seen in the mirror.
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

    /// Writes the legal moves of a position to `targets`.
    pub(crate) fn targets(&self, drawn: Drawn, targets: &mut Vec<Target>) {
        let block = drawn.block;
        let mirror = self.mirror.filter(|_| drawn.mirrored);
        targets.clear();
        targets.extend(block.moves(drawn.index).map(|m| {
            let (address, promotion) = (block.addresses[m], block.promotions[m]);
            let promotion = (promotion != NO_PROMOTION).then_some(promotion);
            Target {
                address: mirror.map_or(address, |mirror| mirror.address(address)) as usize,
                promotion: promotion.map(|p| mirror.map_or(p, |mirror| mirror.feature(p)) as usize),
                share: block.visits[m],
            }
        }));
    }

    /// The game's result for the mover.
    pub(crate) fn result(drawn: Drawn) -> f32 {
        drawn.block.results[drawn.index]
    }
}

fn locate<'a>(window: &[&'a Samples], mut number: usize) -> (&'a Samples, usize) {
    for block in window {
        if number < block.len() {
            return (block, number);
        }
        number -= block.len();
    }
    unreachable!("a number below the window's length")
}

/// Win, draw and loss: the game's result, blended with the search's value read as the least certain mix that has it.
fn value_target(result: f32, value: f32, share: f32) -> [f32; 3] {
    let wdl = |v: f32| [v.max(0.0), 1.0 - v.abs(), (-v).max(0.0)];
    let (outcome, search) = (wdl(result), wdl(value));
    [0, 1, 2].map(|k| (1.0 - share) * outcome[k] + share * search[k])
}
