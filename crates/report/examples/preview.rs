//! Writes the page of an invented run, to look at while changing the page:
//! `cargo run -p report --example preview -- preview.html`; with a second argument the page of that `summary.json`.

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::{env, fs, io};

fn main() -> io::Result<()> {
    let path = env::args().nth(1).ok_or_else(|| io::Error::other("usage: preview FILE.html [summary.json]"))?;
    let summary = match env::args().nth(2) {
        Some(json) => serde_json::from_slice(&fs::read(json)?)?,
        None => fixture::summary(1),
    };
    fs::write(&path, report::html(&summary))?;
    fs::write(format!("{path}.txt"), report::table(&summary))?;
    fs::write(format!("{path}.md"), report::markdown(&summary))?;
    fs::write(format!("{path}.csv"), report::csv(&summary))
}
