//! The weight files that a suite names.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use evaluator::{Card, Loaded, Network, NetworkEvaluator, WeightSource};
use rules::Rules;

use crate::error::RegimeError;
use crate::names::Points;

/// A weight file that the suite names.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) file: String,
    pub(crate) network: Arc<Network>,
    pub(crate) card: Arc<Card>,
}

/// Weights by the number of games that they were trained on.
pub(crate) type Curve = Vec<(u32, Vec<Model>)>;

/// Reads weight files, each once, however often it is named.
pub(crate) struct Loader<'a> {
    source: &'a dyn WeightSource,
    known: BTreeMap<String, Model>,
}

impl<'a> Loader<'a> {
    /// For files that are found by `source`.
    pub(crate) fn new(source: &'a dyn WeightSource) -> Loader<'a> {
        Loader { source, known: BTreeMap::new() }
    }

    pub(crate) fn list(&mut self, files: &[String], rules: &Arc<Rules>) -> Result<Vec<Model>, RegimeError> {
        files.iter().map(|file| self.load(file, rules)).collect()
    }

    pub(crate) fn curve(&mut self, points: &Points, rules: &Arc<Rules>) -> Result<Curve, RegimeError> {
        points.0.iter().map(|(point, files)| Ok((*point, self.list(files, rules)?))).collect()
    }

    fn load(&mut self, file: &str, rules: &Arc<Rules>) -> Result<Model, RegimeError> {
        let model = match self.known.get(file) {
            Some(model) => model.clone(),
            None => {
                let Loaded { network, card, .. } = self.source.load(file)?;
                let model = Model { file: file.to_owned(), network: Arc::new(network), card: Arc::new(card) };
                self.known.insert(file.to_owned(), model.clone());
                model
            }
        };
        NetworkEvaluator::new(Arc::clone(&model.network), rules)
            .map_err(|error| RegimeError::damaged(Path::new(file), error.to_string()))?;
        Ok(model)
    }
}
