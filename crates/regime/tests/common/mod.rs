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

/// A suite of less than a second, with a probe.
pub fn tiny() -> String {
    let text = r#"
        name = "tiny"
        title = "A suite for tests."
        variant = "gardner"
        seed = 7
        opening_plies = 4
        families = ["none", "goal"]
        replay = [["frozen", "zero"]]

        [files]
        inherited = ["gardner-{1..2}.safetensors"]

        [[experiment]]
        name = "matches"
        matches = [["frozen", "zero"], ["frozen", "reselected"]]
        playouts = [4]
        pairs = 3

        [[probe]]
        name = "foresight"
        measures = "foresight"
        judge = "frozen"
        judge_playouts = 4
        agents = ["frozen", "zero"]
        playouts = [4]
        positions = 3
        shifts = ["unchanged"]

        [[shift]]
        name = "unchanged"
        family = "none"
        hypothesis = "Nothing."

        [[shift]]
        name = "hill"
        family = "goal"
        hypothesis = "Something."
        edit = { flagPiece = "k", flagRegion = "c3" }
        files.reselected = ["gardner-hill-1.safetensors"]
    "#;
    text.lines().map(|line| line.trim_start().to_owned() + "\n").collect()
}
