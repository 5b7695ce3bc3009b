//! Positions gathered into the tensors of one gradient step.

use tch::Tensor;

use crate::samples::{NO_PROMOTION, Samples};

/// One gradient step's positions; ragged columns are flat, with the position of each entry beside them.
pub(crate) struct Batch {
    pub(crate) positions: i64,
    pub(crate) features: Tensor,
    pub(crate) feature_offsets: Tensor,
    /// From-to address of each legal move.
    pub(crate) addresses: Tensor,
    pub(crate) position_of_move: Tensor,
    /// Share of visits of each legal move.
    pub(crate) visits: Tensor,
    /// Promotion address of each promoting move.
    pub(crate) promotions: Tensor,
    pub(crate) move_of_promotion: Tensor,
    pub(crate) position_of_promotion: Tensor,
    /// Target probabilities of win, draw and loss, one row per position.
    pub(crate) value: Tensor,
}

impl Batch {
    /// Gathers positions by their numbers, counted through all blocks of the window.
    pub(crate) fn gather(window: &[&Samples], drawn: &[usize], search_value_share: f32) -> Batch {
        let (mut features, mut feature_offsets) = (Vec::new(), Vec::new());
        let (mut addresses, mut position_of_move, mut visits) = (Vec::new(), Vec::new(), Vec::new());
        let (mut promotions, mut move_of_promotion, mut position_of_promotion) = (Vec::new(), Vec::new(), Vec::new());
        let mut value = Vec::with_capacity(3 * drawn.len());
        for (row, number) in drawn.iter().enumerate() {
            let (block, i) = locate(window, *number);
            feature_offsets.push(features.len() as i64);
            features.extend(block.features[block.feature_range(i)].iter().map(|f| i64::from(*f)));
            for m in block.moves(i) {
                if block.promotions[m] != NO_PROMOTION {
                    promotions.push(i64::from(block.promotions[m]));
                    move_of_promotion.push(addresses.len() as i64);
                    position_of_promotion.push(row as i64);
                }
                addresses.push(i64::from(block.addresses[m]));
                position_of_move.push(row as i64);
                visits.push(block.visits[m]);
            }
            value.extend(value_target(block.results[i], block.values[i], search_value_share));
        }
        Batch {
            positions: drawn.len() as i64,
            features: Tensor::from_slice(&features),
            feature_offsets: Tensor::from_slice(&feature_offsets),
            addresses: Tensor::from_slice(&addresses),
            position_of_move: Tensor::from_slice(&position_of_move),
            visits: Tensor::from_slice(&visits),
            promotions: Tensor::from_slice(&promotions),
            move_of_promotion: Tensor::from_slice(&move_of_promotion),
            position_of_promotion: Tensor::from_slice(&position_of_promotion),
            value: Tensor::from_slice(&value).reshape([drawn.len() as i64, 3]),
        }
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
