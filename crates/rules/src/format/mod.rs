//! The format of rule files, `variants.ini`: from text to definitions, and back to text.
//!
//! [`ini`] splits text into sections and lines; [`keys`], [`slot`] and [`setting`] are the keys, pieces and values that lines speak of,
//! [`betza`] the notation of how pieces move; a [`Definition`] is a section with all that it inherits; [`Definitions`] holds those of all
//! files.

mod betza;
mod catalog;
mod definition;
mod ini;
mod keys;
mod meaning;
mod setting;
pub(crate) mod slot;
mod spelling;

pub use betza::{BetzaError, Gait, Step, parse as parse_betza};
pub use catalog::Loaded;
pub(crate) use catalog::{Definitions, about, families};
pub(crate) use definition::Definition;
pub use ini::{Place, RuleError};
pub(crate) use keys::Key;
pub(crate) use setting::{Slots, TypeChoice};
