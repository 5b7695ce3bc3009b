//! Runs as they go on: what a training or stress run writes is read again and again, in bounded parts.

mod stress;
mod tail;
mod training;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::rules::RuleBook;

/// A run directory that is followed.
pub(super) struct Watched {
    folder: PathBuf,
    state: Mutex<State>,
}

/// What is known of it: pages share it.
#[derive(Default)]
struct State {
    training: training::Training,
    stress: stress::Stress,
}

impl Watched {
    /// A directory, which may be empty so far, or be made later.
    ///
    /// # Errors
    /// If something else has its name, or it cannot be looked at.
    pub(super) fn new(folder: &Path) -> anyhow::Result<Watched> {
        match std::fs::metadata(folder) {
            Ok(found) => anyhow::ensure!(found.is_dir(), "--watch {}: a directory was expected", folder.display()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                crate::say(&format!("--watch {}: there is no such directory yet", folder.display()));
            }
            Err(error) => return Err(error).with_context(|| format!("--watch {}", folder.display())),
        }
        Ok(Watched { folder: folder.to_owned(), state: Mutex::default() })
    }

    /// Its name, as it is shown.
    pub(super) fn name(&self) -> String {
        files::excerpt(&self.folder.to_string_lossy(), 80)
    }

    /// How it stands. A directory that holds no run yet says so; a file that cannot be read now may be readable the next time.
    pub(super) fn look(&self, book: &RuleBook) -> Value {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let found = if self.folder.join("config.json").exists() {
            state.training.look(&self.folder, book)
        } else if self.folder.join("run.json").exists() {
            state.stress.look(&self.folder)
        } else {
            Ok(json!({ "kind": "none" }))
        };
        found.unwrap_or_else(|why| json!({ "kind": "damaged", "error": files::excerpt(&why, 300) }))
    }
}
