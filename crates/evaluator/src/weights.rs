//! Weight files: safetensors with a card in the metadata.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use files::FileError;
use rules::{Payoff, Rules, Word};
use safetensors::tensor::{Dtype, SafeTensors, TensorInfo, TensorView};
use serde::{Deserialize, Serialize};

use crate::error::WeightsError;
use crate::network::Network;
use crate::shape::Shape;
use crate::tensors::{Parts, WITH_ROWS, bytes, dims, hash_of_tensors, rows_in_use, spread, taken, tensor_names};

/// The largest weight file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 28;
/// The largest header that is parsed, in bytes: eight tensors and a card take a few thousand.
const MAX_HEADER_BYTES: u64 = 1 << 20;
/// The format that is written, and the first in which tensors of moves lack rows without any weight.
const FORMAT: u32 = 3;
const ROWS_SINCE: u32 = 3;
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
    /// Version of the format: 3; 2 where the tensors of moves have all their rows; 1 in files of older trainers, whose `weights` is a hash of the
    /// tensors without the shape, too.
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
    /// The search that plays better with this network at 100 ms a move, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchKind>,
    /// How the network was selected.
    pub lineage: Lineage,
}

impl Card {
    /// The number of the weights that the tensor number `index` belongs to and the tensor that says which of their rows are there, if some may be
    /// left out.
    fn rows_of(&self, index: usize) -> Option<&'static (usize, &'static str)> {
        WITH_ROWS.iter().find(|(weights, _)| self.format >= ROWS_SINCE && index / 2 == weights / 2)
    }
}

/// A kind of search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchKind {
    /// Monte Carlo tree search.
    Mcts,
    /// Alpha-beta search.
    AlphaBeta,
}

impl SearchKind {
    /// The kinds with their names.
    pub const ALL: [(&str, SearchKind); 2] = [("mcts", SearchKind::Mcts), ("alphabeta", SearchKind::AlphaBeta)];
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
        Dtype::I16 | Dtype::U16 => 2,
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

    /// Checks that each tensor is one of a network of this card, and that it lies where it must. The library that reads the values
    /// checks this too, but its error names the tensor after the wrong one, or none.
    fn check(&self, card: &Card) -> Result<(), WeightsError> {
        let mut expected = Vec::new();
        for (index, name) in tensor_names(&card.shape).enumerate() {
            let mut dims = dims(&card.shape, index);
            let rows = card.rows_of(index);
            if let Some((weights, name)) = rows {
                dims[0] = self.tensors.get(*name).and_then(|t| t.shape.first().copied()).unwrap_or(0).min(dims[0]);
                if index == *weights {
                    expected.push((*name, Dtype::U16, vec![dims[0]]));
                }
            }
            expected.push((name, KINDS[index], dims));
        }
        if let Some(name) = self.tensors.keys().find(|name| expected.iter().all(|(known, ..)| known != *name)) {
            return Err(wrong_tensor(name, "is none that a network has"));
        }
        for (name, kind, expected) in expected {
            let found = self.tensors.get(name).ok_or_else(|| wrong_tensor(name, "is missing"))?;
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
            format: FORMAT,
            shape: self.shape().clone(),
            variant: rules.name().to_owned(),
            rules: rules.hash().to_owned(),
            payoff: rules.payoff().to_entries().map(|(name, worth)| (name.to_owned(), worth)).collect(),
            weights: self.hash().to_owned(),
            search: None,
            lineage,
        };
        self.save_with(path, &card).map(|()| card)
    }

    /// Writes the network as [`Network::save`] does, with the entries of a card that it had before.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_with(&self, path: &Path, card: &Card) -> Result<(), WeightsError> {
        let bytes = self.to_bytes(card).map_err(|e| match e {
            WeightsError::Damaged { message, .. } => WeightsError::Damaged { path: path.to_owned(), message },
            other => other,
        })?;
        Ok(files::write(path, &bytes).map_err(|e| FileError::new(path, "write", e))?)
    }

    /// The bytes of the weight file that [`Network::save_with`] writes.
    ///
    /// # Errors
    /// If the card is too large for a file.
    pub fn to_bytes(&self, card: &Card) -> Result<Vec<u8>, WeightsError> {
        let shape = self.shape();
        let card = Card { format: FORMAT, shape: shape.clone(), weights: self.hash().to_owned(), ..card.clone() };
        let mut tensors = bytes(&self.parts).map(|data| (None, data));
        let moves =
            [(&self.parts.policy, &self.parts.policy_bias), (&self.parts.promotion, &self.parts.promotion_bias)];
        let rows = moves.map(|(weights, biases)| rows_in_use(weights, biases));
        for ((first, _), rows) in WITH_ROWS.iter().zip(&rows) {
            for (index, (count, data)) in tensors.iter_mut().enumerate().skip(*first).take(2) {
                *count = Some(rows.len());
                *data = taken(data, dims(shape, index)[0], rows);
            }
        }
        let rows = rows.map(|rows| (rows.len(), rows.iter().flat_map(|row| row.to_le_bytes()).collect::<Vec<u8>>()));
        let view = |kind, dims, data| TensorView::new(kind, dims, data).expect("as many values as the sizes say");
        let of_network = tensor_names(shape).zip(&tensors).enumerate().map(|(index, (name, (count, data)))| {
            let mut dims = dims(shape, index);
            dims[0] = count.unwrap_or(dims[0]);
            (name, view(KINDS[index], dims, data))
        });
        let of_rows =
            WITH_ROWS.iter().zip(&rows).map(|((_, name), (count, data))| (*name, view(Dtype::U16, vec![*count], data)));
        let text = serde_json::to_string(&card).expect("plain data");
        let metadata = HashMap::from([(CARD.to_owned(), text)]);
        let damaged = |message: String| WeightsError::Damaged { path: PathBuf::new(), message };
        let data =
            safetensors::serialize(of_network.chain(of_rows), Some(metadata)).map_err(|e| damaged(e.to_string()))?;
        // No program would read it.
        let header = data.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
        if header > MAX_HEADER_BYTES {
            return Err(damaged(format!(
                "would have a header of {header} bytes, its card among them; at most {MAX_HEADER_BYTES} are read"
            )));
        }
        Ok(data)
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
        if !(1..=FORMAT).contains(&card.format) {
            return Err(invalid(format!("is of format {}; 1 to {FORMAT} was expected", card.format)));
        }
        let entries = card.payoff.iter().map(|(name, worth)| (name.clone(), f64::from(*worth)));
        Payoff::from_entries(entries).map_err(|e| invalid(format!("card: payoff: {e}")))?;
        card.shape.check()?;
        header.check(&card)?;
        let file =
            SafeTensors::deserialize(data).map_err(|e| invalid(format!("is cut short, or has bytes too many: {e}")))?;
        let tensor = |name: &str| match file.tensor(name) {
            Ok(view) => Ok(view.data().to_vec()),
            Err(e) => Err(wrong_tensor(name, e.to_string())),
        };
        let column = |index: usize| {
            // A network that sees no walls has no tensors for them.
            let Some(name) = tensor_names(&card.shape).nth(index) else { return Ok(Vec::new()) };
            let data = tensor(name)?;
            let rows = card.rows_of(index);
            let Some((_, of_rows)) = rows else { return Ok(data) };
            let (numbers, dims) = (tensor(of_rows)?, dims(&card.shape, index));
            let numbers: Vec<u16> = numbers.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b)).collect();
            if !numbers.is_sorted_by(|a, b| a < b) || numbers.last().is_some_and(|last| usize::from(*last) >= dims[0]) {
                let expected = format!("has rows that do not rise; rising numbers below {} were expected", dims[0]);
                return Err(wrong_tensor(of_rows, expected));
            }
            Ok(spread(&data, dims[0], dims[1..].iter().product::<usize>() * size(KINDS[index]), &numbers))
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
