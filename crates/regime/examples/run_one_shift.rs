//! Plays one shift of the suite `quick` with few games into a folder of its own, and prints the cells.
//!
//! ```text
//! cargo run -p regime --example run_one_shift              # the hill
//! cargo run -p regime --example run_one_shift -- antichess
//! ```

use std::error::Error;
use std::io::Write;
use std::path::Path;

use evaluator::{Loaded, Paths, WeightSource, WeightsError};
use regime::analysis::Run;
use regime::{Origin, Stress};
use rules::Catalog;
use toml::{Table, Value};

/// The weight files of the source tree.
struct Models;

impl WeightSource for Models {
    fn load(&self, name: &str) -> Result<Loaded, WeightsError> {
        Paths.load(&format!("{}/../../models/{name}", env!("CARGO_MANIFEST_DIR")))
    }
}

/// The suite with its first experiment, at 16 playouts and in four pairs per evaluator, under its first shift and the one of that name.
fn shortened(text: &str, shift: &str) -> Result<String, Box<dyn Error>> {
    let mut suite: Table = toml::from_str(text)?;
    if let Some(shifts) = suite.get_mut("shift").and_then(Value::as_array_mut) {
        let mut first = true;
        let name = |table: &Value| table.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let names: Vec<String> = shifts.iter().map(name).collect();
        if !names.iter().any(|known| known == shift) {
            return Err(format!("no shift `{shift}`; one of {} was expected", names.join(", ")).into());
        }
        shifts.retain(|table| std::mem::take(&mut first) || table.get("name").and_then(Value::as_str) == Some(shift));
    }
    if let Some(experiments) = suite.get_mut("experiment").and_then(Value::as_array_mut) {
        experiments.truncate(1);
        experiments[0]["pairs"] = 4.into();
        experiments[0]["playouts"] = vec![16].into();
    }
    Ok(suite.to_string())
}

pub(crate) fn run(shift: &str, folder: &Path, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let quick = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interregnum/suites/quick.toml");
    let text = shortened(&std::fs::read_to_string(quick)?, shift)?;
    let origin = Origin { source: "quick, shortened", text: &text, signature: "example", version: "0", command: "" };
    Stress::prepare(origin, &Catalog::builtin(), &Models)?.run(folder, false, &|_| {})?;
    for row in Run::read(folder)?.summary().rows {
        let (score, half) = (100.0 * row.score, 50.0 * (row.score_high - row.score_low));
        writeln!(out, "{:<12} {:<14} v {:<12} {score:5.1} ± {half:.1}", row.shift, row.agent, row.opponent)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let shift = std::env::args().nth(1).unwrap_or_else(|| "hill".to_owned());
    run(&shift, tempfile::tempdir()?.path(), &mut std::io::stdout().lock())
}
