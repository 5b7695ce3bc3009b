//! Training positions in columns, and the shards that hold them on disk.
//!
//! A shard is a safetensors file. Ragged columns come with offsets: position `i` owns entries `offsets[i]..offsets[i + 1]`.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::SelectionError;
use crate::files;

/// No promotion.
pub const NO_PROMOTION: u32 = u32::MAX;
/// The largest shard that is read back, in bytes.
const MAX_SHARD_BYTES: u64 = 1 << 30;

/// Positions of finished games, as the network sees them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Active features of all positions.
    pub features: Vec<u32>,
    /// Where each position's features begin; one longer than the number of positions, once there are any.
    pub feature_offsets: Vec<u32>,
    /// From-to address of each legal move.
    pub addresses: Vec<u32>,
    /// Promotion address of each legal move, or [`NO_PROMOTION`].
    pub promotions: Vec<u32>,
    /// Share of the root's visits that each legal move got.
    pub visits: Vec<f32>,
    /// Where each position's moves begin.
    pub move_offsets: Vec<u32>,
    /// Result of the game for the mover: -1, 0 or 1.
    pub results: Vec<f32>,
    /// Mean value of the search for the mover, -1 to 1.
    pub values: Vec<f32>,
}

impl Samples {
    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.results.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// Adds a position. `moves` are (address, promotion address, share of visits).
    pub fn push(&mut self, features: &[u32], moves: &[(u32, u32, f32)], result: f32, value: f32) {
        if self.feature_offsets.is_empty() {
            self.feature_offsets.push(0);
            self.move_offsets.push(0);
        }
        self.features.extend_from_slice(features);
        self.feature_offsets.push(self.features.len() as u32);
        for (address, promotion, share) in moves {
            self.addresses.push(*address);
            self.promotions.push(*promotion);
            self.visits.push(*share);
        }
        self.move_offsets.push(self.addresses.len() as u32);
        self.results.push(result);
        self.values.push(value);
    }

    /// Adds all positions of another block.
    pub fn append(&mut self, other: &Samples) {
        for i in 0..other.len() {
            let moves: Vec<_> =
                other.moves(i).map(|m| (other.addresses[m], other.promotions[m], other.visits[m])).collect();
            self.push(&other.features[other.feature_range(i)], &moves, other.results[i], other.values[i]);
        }
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

    /// Writes a shard, all or nothing.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path, provenance: &HashMap<String, String>) -> Result<(), SelectionError> {
        let integers = |v: &[u32]| v.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
        let floats = |v: &[f32]| v.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
        let columns = [
            ("addresses", Dtype::U32, integers(&self.addresses)),
            ("feature_offsets", Dtype::U32, integers(&self.feature_offsets)),
            ("features", Dtype::U32, integers(&self.features)),
            ("move_offsets", Dtype::U32, integers(&self.move_offsets)),
            ("promotions", Dtype::U32, integers(&self.promotions)),
            ("results", Dtype::F32, floats(&self.results)),
            ("values", Dtype::F32, floats(&self.values)),
            ("visits", Dtype::F32, floats(&self.visits)),
        ];
        let views = columns.iter().map(|(name, kind, bytes)| {
            (*name, TensorView::new(*kind, vec![bytes.len() / 4], bytes).expect("four bytes each"))
        });
        let bytes = safetensors::serialize(views, Some(provenance.clone()))
            .map_err(|e| SelectionError::damaged(path, e.to_string()))?;
        files::write(path, &bytes)
    }

    /// Reads a shard.
    ///
    /// # Errors
    /// If the file cannot be read, is cut short, or its columns do not fit together or the network (`features` and `addresses`
    /// and `promotions` bound the indices).
    pub fn load(path: &Path, features: usize, addresses: usize, promotions: usize) -> Result<Samples, SelectionError> {
        let bytes = files::read(path, MAX_SHARD_BYTES)?;
        let damaged = |what: String| SelectionError::damaged(path, what);
        let file = SafeTensors::deserialize(&bytes).map_err(|e| damaged(e.to_string()))?;
        let column = |name: &str, kind: Dtype| {
            let view = file.tensor(name).map_err(|e| damaged(e.to_string()))?;
            if view.dtype() != kind || view.shape().len() != 1 {
                return Err(damaged(format!("column {name} is not a list of {kind:?}")));
            }
            Ok(view.data().chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]).collect::<Vec<_>>())
        };
        let integers = |name| -> Result<Vec<u32>, SelectionError> {
            Ok(column(name, Dtype::U32)?.into_iter().map(u32::from_le_bytes).collect())
        };
        let floats = |name| -> Result<Vec<f32>, SelectionError> {
            Ok(column(name, Dtype::F32)?.into_iter().map(f32::from_le_bytes).collect())
        };
        let samples = Samples {
            features: integers("features")?,
            feature_offsets: integers("feature_offsets")?,
            addresses: integers("addresses")?,
            promotions: integers("promotions")?,
            visits: floats("visits")?,
            move_offsets: integers("move_offsets")?,
            results: floats("results")?,
            values: floats("values")?,
        };
        let rising = |offsets: &[u32], end: usize| {
            offsets.len() == samples.len() + 1
                && offsets.first() == Some(&0)
                && offsets.windows(2).all(|w| w[0] <= w[1])
                && offsets.last() == Some(&(end as u32))
        };
        let below = |list: &[u32], end: usize| list.iter().all(|x| (*x as usize) < end || *x == NO_PROMOTION);
        let sound = !samples.is_empty()
            && samples.values.len() == samples.len()
            && samples.promotions.len() == samples.addresses.len()
            && samples.visits.len() == samples.addresses.len()
            && rising(&samples.feature_offsets, samples.features.len())
            && rising(&samples.move_offsets, samples.addresses.len())
            && samples.features.iter().all(|f| (*f as usize) < features)
            && samples.addresses.iter().all(|a| (*a as usize) < addresses)
            && below(&samples.promotions, promotions);
        if sound { Ok(samples) } else { Err(damaged("its columns do not fit together".to_owned())) }
    }
}
