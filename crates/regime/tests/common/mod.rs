//! What several test files need.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};

use evaluator::{Loaded, Paths, WeightSource, WeightsError};
use regime::analysis::{Run, Summary};
use regime::{Origin, RegimeError, Stress};
use rules::Catalog;

/// The project's top folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The shipped weight files, and before them those of a folder.
pub struct Models(pub Option<PathBuf>);

impl WeightSource for Models {
    fn load(&self, name: &str) -> Result<Loaded, WeightsError> {
        let own = self.0.as_ref().map(|folder| folder.join(name)).filter(|path| path.exists());
        let path = own.unwrap_or_else(|| root().join("models").join(name));
        Paths.load(&path.to_string_lossy())
    }
}

pub fn prepare(text: &str) -> Result<Stress, RegimeError> {
    prepare_signed(text, "signature", &Models(None))
}

pub fn prepare_signed(text: &str, signature: &str, models: &Models) -> Result<Stress, RegimeError> {
    let origin = Origin { source: "test.toml", text, signature, version: "0", command: "test" };
    Stress::prepare(origin, &Catalog::builtin(), models)
}

/// Plays a suite into a folder and reads it back.
pub fn play(text: &str, folder: &Path) -> Summary {
    prepare(text).unwrap().run(folder, false, &|_| {}).unwrap();
    Run::read(folder).unwrap().summary()
}

pub fn quick() -> String {
    std::fs::read_to_string(root().join("crates/interregnum/suites/quick.toml")).unwrap()
}

/// A suite of seconds that has every kind of table.
pub fn small() -> String {
    std::fs::read_to_string(root().join("tests/data/small.toml")).unwrap()
}
