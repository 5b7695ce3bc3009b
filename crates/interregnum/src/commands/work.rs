//! `interregnum work`

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;
use serde_json::json;
use work::Unit;

use super::{print_json, stdout};
use crate::units::{do_unit, folder_of_others};

/// Do units of a run's work: on this machine or another, by a process of its own.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum stress quick --out runs/quick --units wait &   # offers its cells, and waits
  interregnum work runs/quick --list                         # the units that are to be done, a JSON object each
  interregnum work runs/quick --all                          # does them
  interregnum work runs/quick --part 3/8                     # does every eighth of them, from the third on: a job array's task

`train`, `stress`, `match` and `tournament` offer their work with --units wait|stop: games of self-play, rounds of gates and matches, cells of stress
runs. DIR is their run directory, whose folder `work` is all that a worker needs. Each unit is done once, and its result written whole or not at all;
a result of a program with another signature (`interregnum bench --signature`) is refused. What the run writes does not depend on who did what. A
directory may be one that machines share, or a copy of which the folder `work/done` is brought back.")]
pub(crate) struct Args {
    /// Run directory whose work is shared
    dir: PathBuf,
    /// Ids of the units to do, as --list names them
    #[arg(required_unless_present_any = ["list", "all", "part"])]
    units: Vec<String>,
    /// Name the units that are to be done, one JSON object on each line, and stop
    #[arg(long, conflicts_with_all = ["units", "all", "part"])]
    list: bool,
    /// Do all units
    #[arg(long, conflicts_with = "units")]
    all: bool,
    /// Do the units number I, I + N, I + 2 N and so on, counted from 1
    #[arg(long, value_name = "I/N", value_parser = part, conflicts_with_all = ["units", "all"])]
    part: Option<Part>,
    /// Threads [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

/// Every so-many-th unit.
#[derive(Clone, Copy)]
struct Part {
    index: usize,
    count: usize,
}

fn part(text: &str) -> Result<Part, String> {
    let numbers = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    let part = numbers.map(|(index, count)| Part { index, count }).filter(|p| (1..=p.count).contains(&p.index));
    part.ok_or_else(|| "I/N was expected, with I from 1 to N, for instance 3/8".to_owned())
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let folder = folder_of_others(&args.dir);
    let (job, pending) = folder.pending()?;
    if args.list {
        return pending.iter().try_for_each(print_json);
    }
    let chosen: Vec<&Unit> = match args.part {
        Some(Part { index, count }) => pending.iter().skip(index - 1).step_by(count).collect(),
        None if args.all => pending.iter().collect(),
        None => {
            let find = |id: &String| {
                pending.iter().find(|unit| unit.id == *id).ok_or_else(|| {
                    let id = files::excerpt(id, 40);
                    anyhow::anyhow!(
                        "{id} is none of the {} units that are to be done (--list names them)",
                        pending.len()
                    )
                })
            };
            args.units.iter().map(find).collect::<Result<_, _>>()?
        }
    };
    arena::stop_on_signals()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0).into()).build()?;
    let mut files = BTreeMap::new();
    for (number, unit) in chosen.iter().enumerate() {
        let began = Instant::now();
        folder.complete(&mut files, &job, unit)?;
        let result = pool.install(|| do_unit(&job, unit, &files))?;
        if let Some(signal) = arena::interrupted() {
            bail!(crate::Failed(format!("stopped by signal {signal} after {number} units")));
        }
        let seconds = began.elapsed().as_secs_f64();
        folder.put(unit, &result, seconds)?;
        writeln!(std::io::stderr(), "{} of {}: {} {} in {seconds:.1} s", number + 1, chosen.len(), unit.kind, unit.id)?;
    }
    writeln!(stdout(), "{}", json!({ "done": chosen.len() }))?;
    Ok(())
}
