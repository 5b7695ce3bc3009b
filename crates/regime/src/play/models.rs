//! The weight files that a suite names, read and held against what their roles ask for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use evaluator::{Card, Loaded, Network, NetworkEvaluator, WeightSource};
use rules::Rules;

use crate::error::RegimeError;
use crate::rows::WeightsCard;
use crate::suite::{Binding, HIDDEN_UNITS, Role, SelectedUnder, Suite};

/// A weight file that the suite names.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) network: Arc<Network>,
    card: Arc<Card>,
}

/// Weight files of a role by point of its curve. A role that is no curve has the single point 0.
pub(crate) type Bound = BTreeMap<u32, Vec<Model>>;

/// Reads weight files, each once, however often it is named.
pub(crate) struct Loader<'a> {
    source: &'a dyn WeightSource,
    known: BTreeMap<String, Model>,
}

/// What the files of a binding must be made for.
pub(crate) struct Wanted<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) role: &'a Role,
    /// Where they are named, in words.
    pub(crate) place: String,
    /// The rules that they play under.
    pub(crate) rules: &'a Arc<Rules>,
    /// The rules that their cards must show.
    pub(crate) selected_under: &'a Arc<Rules>,
}

impl<'a> Loader<'a> {
    /// A loader that finds files by `source`, and has read none yet.
    pub(crate) fn new(source: &'a dyn WeightSource) -> Loader<'a> {
        Loader { source, known: BTreeMap::new() }
    }

    /// The files of a binding.
    ///
    /// # Errors
    /// If one is missing or damaged, was selected under other rules than its role asks for, is for another board, has another width than
    /// its point says, sees no rules where it must, or if two of them hold the same weights or are of one selection.
    pub(crate) fn bind(&mut self, binding: &Binding, wanted: &Wanted<'_>) -> Result<Bound, RegimeError> {
        let mut bound = Bound::new();
        for (point, files) in &binding.points {
            let mut models: Vec<Model> = Vec::new();
            for (i, file) in files.iter().enumerate() {
                let model = self.load(file)?;
                check(&model, file, *point, wanted)?;
                let same = models.iter().position(|other| other.network.hash() == model.network.hash());
                if let Some(other) = same {
                    let message = format!(
                        "{}: files {} and {file} hold the same weights (hash {}); each must be an independent selection",
                        wanted.place,
                        files[other],
                        model.network.hash()
                    );
                    return Err(wrong(wanted.suite, message));
                }
                // Files without a configuration are no selections: random networks, say.
                let lineage = &model.card.lineage;
                let run = |other: &Model| {
                    (&other.card.lineage.config, other.card.lineage.seed) == (&lineage.config, lineage.seed)
                };
                if let Some(other) = models.iter().position(run).filter(|_| !lineage.config.is_empty()) {
                    let message = format!(
                        "{}: files {} and {file} are of one selection (configuration {}, seed {}); each must be an independent one",
                        wanted.place, files[other], lineage.config, lineage.seed
                    );
                    return Err(wrong(wanted.suite, message));
                }
                debug_assert_eq!(models.len(), i);
                models.push(model);
            }
            bound.insert(*point, models);
        }
        Ok(bound)
    }

    fn load(&mut self, file: &str) -> Result<Model, RegimeError> {
        if let Some(model) = self.known.get(file) {
            return Ok(model.clone());
        }
        let Loaded { network, card, .. } = self.source.load(file)?;
        let model = Model { network: Arc::new(network), card: Arc::new(card) };
        self.known.insert(file.to_owned(), model.clone());
        Ok(model)
    }

    /// Refuses a suite whose primary claims rest on files that its pilot saw. `files` are those that they rest on.
    pub(crate) fn check_pilot(&mut self, suite: &Suite, files: &[&str]) -> Result<(), RegimeError> {
        let mut seen: Vec<(String, Option<String>)> = Vec::new();
        for name in &suite.pilot {
            for file in crate::suite::expand(name).map_err(|message| wrong(suite, format!("key `pilot`: {message}")))? {
                // A file of the pilot that is not at hand has no hash to compare; its name is refused all the same.
                let hash = self.load(&file).ok().map(|model| model.network.hash().to_owned());
                seen.push((file, hash));
            }
        }
        for file in files {
            let hash = self.load(file)?.network.hash().to_owned();
            if let Some((pilot, _)) = seen.iter().find(|(name, h)| name == file || h.as_ref() == Some(&hash)) {
                let message = format!(
                    "a primary claim rests on {file}, which the pilot saw (as {pilot}); use evaluators that it did not see, or make the claim exploratory"
                );
                return Err(wrong(suite, message));
            }
        }
        Ok(())
    }

    /// The cards of the files of these names that were read, in the order of names.
    pub(crate) fn cards(&self, used: &[&str]) -> Vec<WeightsCard> {
        let known = self.known.iter().filter(|(file, _)| used.contains(&file.as_str()));
        known
            .map(|(file, model)| WeightsCard {
                file: file.clone(),
                hash: model.network.hash().to_owned(),
                card: (*model.card).clone(),
            })
            .collect()
    }
}

fn wrong(suite: &Suite, message: String) -> RegimeError {
    RegimeError::Suite { suite: suite.name.clone(), message }
}

fn check(model: &Model, file: &str, point: u32, wanted: &Wanted<'_>) -> Result<(), RegimeError> {
    let refused = |message: String| wrong(wanted.suite, format!("{}: file {file}: {message}", wanted.place));
    NetworkEvaluator::new(Arc::clone(&model.network), wanted.rules)
        .map_err(|error| RegimeError::damaged(Path::new(file), error.to_string()))?;
    let (card, role) = (&model.card, wanted.role);
    if card.rules != wanted.selected_under.hash() {
        return Err(refused(format!(
            "its card says that it was selected under rules with hash {} ({}), but the role `{}` asks for {} ({})",
            card.rules,
            card.variant,
            role.name,
            wanted.selected_under.hash(),
            wanted.selected_under.name()
        )));
    }
    if role.sees_rules && card.shape.attributes == 0 {
        return Err(refused(format!(
            "the network does not see the rules, but the role `{}` asks for one that does",
            role.name
        )));
    }
    if role.points.as_deref() == Some(HIDDEN_UNITS) && card.shape.hidden != point as usize {
        return Err(refused(format!("the network has {} hidden units; its point says {point}", card.shape.hidden)));
    }
    Ok(())
}

/// The rules that files of a role must have been selected under.
pub(crate) fn selected_under<'a>(
    role: &Role,
    binding: &Binding,
    base: &'a Arc<Rules>,
    shift: &'a Arc<Rules>,
    shifts: &'a BTreeMap<String, Arc<Rules>>,
) -> &'a Arc<Rules> {
    if let Some(named) = binding.selected_under.as_ref().and_then(|name| shifts.get(name)) {
        return named;
    }
    match role.selected_under {
        SelectedUnder::Base | SelectedUnder::Stated => base,
        SelectedUnder::Shift => shift,
    }
}
