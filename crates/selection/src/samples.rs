//! Training positions in columns: inputs and targets of the network. Columns with a varying number of entries per position come with
//! offsets: the entries of position `i` are `offsets[i]..offsets[i + 1]`.

use rules::{Move, Position, Word};

use crate::regimes::Regime;

/// Stands for the promotion address of a move that is no promotion.
pub const NO_PROMOTION: u32 = u32::MAX;
/// No wall.
pub const NO_WALL: u32 = u32::MAX;

/// Positions of finished games.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Active features of all positions, in rising order within a position.
    pub features: Vec<u32>,
    /// Offsets of `features`: one more than there are positions, or none if there are no positions.
    pub feature_offsets: Vec<u32>,
    /// From-to address of each legal move.
    pub addresses: Vec<u32>,
    /// Promotion address of each legal move, or [`NO_PROMOTION`].
    pub promotions: Vec<u32>,
    /// Wall address of each legal move, or [`NO_WALL`]; empty for a network that sees no walls.
    pub walls: Vec<u32>,
    /// Share of the root's visits that each legal move got, 0 to 1.
    pub visits: Vec<f32>,
    /// Offsets of `addresses`, `promotions` and `visits`: one more than there are positions, or none if there are no positions.
    pub move_offsets: Vec<u32>,
    /// What the game was worth to the mover of each position, -1 to 1. Without a payoff this is the game's result.
    pub results: Vec<f32>,
    /// Mean value of the search for the mover of each position, -1 to 1.
    pub values: Vec<f32>,
}

impl Samples {
    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.results.len()
    }

    /// Whether there are no positions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// Adds a position of the regime's rules with its legal moves and their visits. `worth` is what the game was worth to the mover and `value` the search's
    /// value for the mover, both -1 to 1.
    pub fn push<W: Word>(
        &mut self,
        regime: &Regime<W>,
        position: &Position<W>,
        moves: &[(Move, u32)],
        worth: f32,
        value: f32,
    ) {
        if self.feature_offsets.is_empty() {
            self.feature_offsets.push(0);
            self.move_offsets.push(0);
        }
        let (rules, binding) = (&regime.rules, &regime.binding);
        let first = self.features.len();
        binding.active_features(rules, position, |feature| self.features.push(feature as u32));
        // Float sums over features depend on the order of their terms, so the order is fixed for a seed to give the same weights again.
        self.features[first..].sort_unstable();
        self.feature_offsets.push(self.features.len() as u32);
        let total: u32 = moves.iter().map(|(_, visits)| visits).sum();
        for (mv, visits) in moves {
            let address = binding.address(*mv, position.turn());
            self.addresses.push(address.from_to as u32);
            self.promotions.push(address.promotion.map_or(NO_PROMOTION, |p| p as u32));
            if binding.sees_walls() {
                self.walls.push(address.wall.map_or(NO_WALL, |wall| wall as u32));
            }
            self.visits.push(*visits as f32 / total.max(1) as f32);
        }
        self.move_offsets.push(self.addresses.len() as u32);
        self.results.push(worth);
        self.values.push(value);
    }

    /// Adds all positions of `other` behind those that are there.
    pub fn append(&mut self, other: &Samples) {
        let join = |ours: &mut Vec<u32>, theirs: &[u32], base: usize| {
            ours.extend(theirs.iter().skip(usize::from(!ours.is_empty())).map(|o| o + base as u32));
        };
        join(&mut self.feature_offsets, &other.feature_offsets, self.features.len());
        join(&mut self.move_offsets, &other.move_offsets, self.addresses.len());
        self.features.extend_from_slice(&other.features);
        self.addresses.extend_from_slice(&other.addresses);
        self.promotions.extend_from_slice(&other.promotions);
        self.walls.extend_from_slice(&other.walls);
        self.visits.extend_from_slice(&other.visits);
        self.results.extend_from_slice(&other.results);
        self.values.extend_from_slice(&other.values);
    }

    /// The features of position `i`, as a range of [`Samples::features`].
    #[must_use]
    pub fn feature_range(&self, i: usize) -> std::ops::Range<usize> {
        self.feature_offsets[i] as usize..self.feature_offsets[i + 1] as usize
    }

    /// The legal moves of position `i`, as a range of [`Samples::addresses`].
    #[must_use]
    pub fn moves(&self, i: usize) -> std::ops::Range<usize> {
        self.move_offsets[i] as usize..self.move_offsets[i + 1] as usize
    }
}
