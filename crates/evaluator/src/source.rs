//! Where weight files come from.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::WeightsError;
use crate::network::Network;
use crate::weights::Card;

/// A weight file that was found and read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The network.
    pub network: Network,
    /// What the file says of itself.
    pub card: Card,
    /// Where it was found, for people: a path, or a name for what else holds it. Nothing that is computed depends on it.
    pub origin: String,
}

/// Finds weight files by the names that players and suites give them. The program decides what a name means.
pub trait WeightSource {
    /// Reads the weight file of that name.
    ///
    /// # Errors
    /// If there is none of that name, with all places that were searched; or the errors of [`Network::load`].
    fn load(&self, name: &str) -> Result<Loaded, WeightsError>;
}

/// Takes every name for the path of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paths;

impl WeightSource for Paths {
    fn load(&self, name: &str) -> Result<Loaded, WeightsError> {
        let (network, card) = Network::load(Path::new(name))?;
        Ok(Loaded { network, card, origin: name.to_owned() })
    }
}

/// Weight files that are at hand as bytes, by name.
#[derive(Clone, Debug, Default)]
pub struct InMemory<'a>(pub BTreeMap<&'a str, &'a [u8]>);

impl WeightSource for InMemory<'_> {
    fn load(&self, name: &str) -> Result<Loaded, WeightsError> {
        let places = "among the files that were brought".to_owned();
        let missing = || WeightsError::Missing { name: files::excerpt(name, 80), places };
        let (network, card) = Network::from_bytes(self.0.get(name).ok_or_else(missing)?)?;
        Ok(Loaded { network, card, origin: name.to_owned() })
    }
}
