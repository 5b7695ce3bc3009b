//! The evaluators that a page may ask for: those listed when the server starts, and no other file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use evaluator::{Card, Network};

use crate::shipped;

/// Networks that are kept in memory.
const KEPT: usize = 24;

/// A weight file.
#[derive(Clone)]
pub(super) struct Model {
    pub(super) network: Arc<Network>,
    pub(super) card: Arc<Card>,
}

/// Weight files by the names that pages have for them.
pub(super) struct Evaluators {
    /// Names, with the path of those that the user gave.
    known: BTreeMap<String, Option<PathBuf>>,
    kept: Mutex<Vec<(String, Model)>>,
}

impl Evaluators {
    /// The evaluators that are shipped, and these files of the user.
    ///
    /// # Errors
    /// If a file of the user cannot be read.
    pub(super) fn new(own: &[PathBuf]) -> anyhow::Result<Evaluators> {
        let mut known: BTreeMap<String, Option<PathBuf>> =
            shipped::names().into_iter().map(|name| (name, None)).collect();
        let mut kept = Vec::new();
        for path in own {
            let found = shipped::find(&path.to_string_lossy())?;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let name = format!("own: {}", files::excerpt(&stem, 60));
            let name = if known.contains_key(&name) { format!("{name} ({})", known.len()) } else { name };
            kept.push((name.clone(), Model { network: Arc::new(found.network), card: Arc::new(found.card) }));
            known.insert(name, Some(path.clone()));
        }
        Ok(Evaluators { known, kept: Mutex::new(kept) })
    }

    /// All names, those of the user first.
    pub(super) fn names(&self) -> Vec<&str> {
        let (own, shipped): (Vec<_>, Vec<_>) = self.known.iter().partition(|(_, path)| path.is_some());
        own.into_iter().chain(shipped).map(|(name, _)| name.as_str()).collect()
    }

    /// Whether there is an evaluator of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// The evaluator of a name.
    ///
    /// # Errors
    /// If the name is not listed, or the file is damaged.
    pub(super) fn load(&self, name: &str) -> Result<Model, String> {
        let Some(path) = self.known.get(name) else {
            return Err(format!("there is no evaluator `{}` in the list", files::excerpt(name, 60)));
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = kept.iter().position(|(other, _)| other == name) {
            let found = kept.remove(place);
            let model = found.1.clone();
            kept.push(found);
            return Ok(model);
        }
        let path = path.as_deref().unwrap_or(Path::new(name)).to_string_lossy().into_owned();
        let found = shipped::find(&path).map_err(|e| e.to_string())?;
        let model = Model { network: Arc::new(found.network), card: Arc::new(found.card) };
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((name.to_owned(), model.clone()));
        Ok(model)
    }

    /// The evaluator that plays a variant if none is named: the first listed one of the names that the program gives to defaults.
    pub(super) fn default_of(&self, variant: &str) -> Option<&str> {
        shipped::DEFAULTS.iter().find_map(|which| {
            let name = format!("{variant}-{which}");
            self.known.get_key_value(&name).map(|(name, _)| name.as_str())
        })
    }
}
