//! Writes the page of an invented run, to look at while changing the page:
//! `cargo run -p report --example preview -- preview.html`

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::{env, fs, io};

fn main() -> io::Result<()> {
    let path = env::args().nth(1).ok_or_else(|| io::Error::other("usage: preview FILE.html"))?;
    let summary = fixture::summary(1);
    fs::write(&path, report::html(&summary))?;
    fs::write(format!("{path}.txt"), report::table(&summary))?;
    fs::write(format!("{path}.csv"), report::csv(&summary))
}
