//! Weight files: safetensors with a card in the metadata.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use files::FileError;
use rules::{Payoff, Rules, Word};
use safetensors::tensor::{Dtype, SafeTensors, TensorInfo, TensorView};
use serde::{Deserialize, Serialize};

use crate::error::WeightsError;
use crate::network::Network;
use crate::shape::Shape;
use crate::tensors::{Parts, bytes, dims, hash_of_tensors, tensor_names};

/// The largest weight file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 28;
/// The largest header that is parsed, in bytes: eight tensors and a card take a few thousand.
const MAX_HEADER_BYTES: u64 = 1 << 20;
/// The one entry of the metadata.
const CARD: &str = "card";

/// How a network was selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// The command that made it.
    pub command: String,
    /// Hash of the selection's configuration.
    pub config: String,
    /// Seed of the selection.
    pub seed: u64,
    /// Generation, from 0.
    pub generation: u32,
    /// Hash of the champion that it had to beat.
    pub parent: Option<String>,
    /// Playouts of all self-play up to this network.
    pub playouts: u64,
    /// Positions of all self-play up to this network.
    pub positions: u64,
    /// Gradient steps up to this network.
    pub steps: u64,
}

/// What a weight file says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Version of the format: 2; of 1 in files of older trainers, whose `weights` is a hash of the tensors without the shape.
    pub format: u32,
    /// Size of the network.
    pub shape: Shape,
    /// Variant that it was selected under.
    pub variant: String,
    /// Hash of that variant's rules, their payoff included.
    pub rules: String,
    /// Entries of the payoff that it was selected under ([`rules::Payoff::from_entries`]), where that is not the variant's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub payoff: BTreeMap<String, f32>,
    /// Hash of the weights ([`Network::hash`]), checked when they are read; in format 1 a hash of the tensors alone.
    pub weights: String,
    /// How the network was selected.
    pub lineage: Lineage,
}

/// Types of the tensors, in the order of their names in [`tensor_names`].
const KINDS: [Dtype; 10] = [
    Dtype::I16,
    Dtype::I16,
    Dtype::I8,
    Dtype::I32,
    Dtype::I8,
    Dtype::I32,
    Dtype::I16,
    Dtype::I32,
    Dtype::I8,
    Dtype::I32,
];

/// Bytes of one value.
fn size(kind: Dtype) -> usize {
    match kind {
        Dtype::I8 => 1,
        Dtype::I16 => 2,
        _ => 4,
    }
}

/// The beginning of a weight file, which says what stands where.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: Metadata,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorInfo>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    card: String,
}

impl Header {
    fn read(data: &[u8]) -> Result<Header, String> {
        let length = data.first_chunk().map(|b| u64::from_le_bytes(*b)).ok_or("has no header")?;
        if length > MAX_HEADER_BYTES {
            return Err(format!("header of {length} bytes; at most {MAX_HEADER_BYTES} were expected"));
        }
        let text = data.get(8..8 + length as usize).ok_or("is cut short in its header")?;
        serde_json::from_slice(text).map_err(|e| format!("header: {e}"))
    }

    /// Checks that each tensor is one of a network of this shape, and that it lies where it must. The library that reads the values
    /// checks this too, but its error names the tensor after the wrong one, or none.
    fn check(&self, shape: &Shape) -> Result<(), WeightsError> {
        if let Some(name) = self.tensors.keys().find(|name| tensor_names(shape).all(|known| known != *name)) {
            return Err(wrong_tensor(name, "is none that a network has"));
        }
        for (index, name) in tensor_names(shape).enumerate() {
            let found = self.tensors.get(name).ok_or_else(|| wrong_tensor(name, "is missing"))?;
            let (kind, expected) = (KINDS[index], dims(shape, index));
            if found.dtype != kind || found.shape != expected {
                let found = format!("is {:?} {:?}", found.dtype, found.shape);
                return Err(wrong_tensor(name, format!("{found}; {kind:?} {expected:?} was expected")));
            }
            let (length, (begin, end)) = (expected.iter().product::<usize>() * size(kind), found.data_offsets);
            if end.checked_sub(begin) != Some(length) {
                return Err(wrong_tensor(
                    name,
                    format!("stands in bytes {begin} to {end}; {length} bytes were expected"),
                ));
            }
        }
        let mut order: Vec<_> = self.tensors.iter().map(|(name, info)| (info.data_offsets, name)).collect();
        order.sort_unstable();
        let mut end = 0;
        for ((begin, next), name) in order {
            if begin != end {
                return Err(wrong_tensor(name, format!("begins at byte {begin} of the values; {end} was expected")));
            }
            end = next;
        }
        Ok(())
    }
}

fn wrong_tensor(name: &str, message: impl Into<String>) -> WeightsError {
    WeightsError::Tensor { name: files::excerpt(name, 40), message: message.into() }
}

impl Network {
    /// Writes the network with a card that names the rules that it was selected under, all or nothing: a temporary file beside `path` is
    /// synced and renamed.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save<W: Word>(&self, path: &Path, rules: &Rules<W>, lineage: Lineage) -> Result<Card, WeightsError> {
        let card = Card {
            format: 2,
            shape: self.shape().clone(),
            variant: rules.name().to_owned(),
            rules: rules.hash().to_owned(),
            payoff: rules.payoff().to_entries().map(|(name, worth)| (name.to_owned(), worth)).collect(),
            weights: self.hash().to_owned(),
            lineage,
        };
        let tensors = bytes(&self.parts);
        let views = tensor_names(self.shape()).zip(&tensors).enumerate().map(|(i, (name, data))| {
            (
                name,
                TensorView::new(KINDS[i], dims(self.shape(), i), data)
                    .expect("lengths were checked by the constructor"),
            )
        });
        let text = serde_json::to_string(&card).expect("plain data");
        let metadata = HashMap::from([(CARD.to_owned(), text)]);
        let file_bytes = safetensors::serialize(views, Some(metadata))
            .map_err(|e| WeightsError::Damaged { path: path.to_owned(), message: e.to_string() })?;
        files::write(path, &file_bytes).map_err(|e| FileError::new(path, "write", e))?;
        Ok(card)
    }

    /// Reads a weight file and checks it against its card.
    ///
    /// # Errors
    /// If the file cannot be read, is no regular file, is larger than 256 MiB (1 MiB for its header), is cut short, lacks a tensor or its
    /// card, holds other tensors, or tensors of other types or sizes than the card says, weights so large that a sum could overflow, or weights
    /// that do not have the card's hash.
    pub fn load(path: &Path) -> Result<(Network, Card), WeightsError> {
        let damaged = |message: String| WeightsError::Damaged { path: path.to_owned(), message };
        let data = files::read(path, MAX_BYTES).map_err(|e| FileError::new(path, "read", e))?;
        Network::from_bytes(&data).map_err(|e| damaged(e.to_string()))
    }

    /// Reads a weight file from its bytes and checks it against its card.
    ///
    /// # Errors
    /// The errors of [`Network::load`], except those of reading the file.
    pub fn from_bytes(data: &[u8]) -> Result<(Network, Card), WeightsError> {
        let invalid = |message: String| WeightsError::Shape(message);
        let header = Header::read(data).map_err(&invalid)?;
        let card: Card = serde_json::from_str(&header.metadata.card).map_err(|e| invalid(format!("card: {e}")))?;
        if !(1..=2).contains(&card.format) {
            return Err(invalid(format!("is of format {}; 1 or 2 was expected", card.format)));
        }
        let entries = card.payoff.iter().map(|(name, worth)| (name.clone(), f64::from(*worth)));
        Payoff::from_entries(entries).map_err(|e| invalid(format!("card: payoff: {e}")))?;
        card.shape.check()?;
        header.check(&card.shape)?;
        let file =
            SafeTensors::deserialize(data).map_err(|e| invalid(format!("is cut short, or has bytes too many: {e}")))?;
        let column = |index: usize| {
            // A network that sees no walls has no tensors for them.
            let Some(name) = tensor_names(&card.shape).nth(index) else { return Ok(Vec::new()) };
            let found = file.tensor(name);
            found.map(|view| view.data().to_vec()).map_err(|e| wrong_tensor(name, e.to_string()))
        };
        let i16s =
            |index| column(index).map(|data| data.as_chunks().0.iter().map(|b| i16::from_le_bytes(*b)).collect());
        let i8s = |index| column(index).map(|data| data.iter().map(|b| b.cast_signed()).collect());
        let i32s =
            |index| column(index).map(|data| data.as_chunks().0.iter().map(|b| i32::from_le_bytes(*b)).collect());
        let parts = Parts {
            features: i16s(0)?,
            bias: i16s(1)?,
            policy: i8s(2)?,
            policy_bias: i32s(3)?,
            promotion: i8s(4)?,
            promotion_bias: i32s(5)?,
            value: i16s(6)?,
            value_bias: i32s(7)?,
            wall: i8s(8)?,
            wall_bias: i32s(9)?,
        };
        let of_tensors = (card.format == 1).then(|| hash_of_tensors(&card.shape, &parts));
        let network = Network::new(card.shape.clone(), parts)?;
        let found = of_tensors.as_deref().unwrap_or(network.hash());
        if found != card.weights {
            return Err(invalid(format!("weights have hash {found}, but the card says {}", card.weights)));
        }
        Ok((network, card))
    }
}
