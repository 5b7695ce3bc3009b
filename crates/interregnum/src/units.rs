//! Work that runs share with others: what the owners of runs offer, and how a unit of any kind is done.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use evaluator::{InMemory, Loaded, WeightSource, WeightsError};
use regime::rows::RunCard;
use regime::{Origin, SharedCells, Stress};
use rules::{Catalog, with_rules};
use serde_json::json;
use work::{Folder, Job, Sharing, Unit};

use crate::commands::bench;
use crate::shipped::ByName;

/// The kind of the job of a stress run.
const STRESS: &str = "stress";

/// `--units`, for the commands whose work can be shared.
#[derive(clap::Args)]
pub(crate) struct UnitArgs {
    /// Offer the work in units that other processes and machines do (`interregnum work`), and wait for them, or stop until they are done
    #[arg(long, value_enum, value_name = "wait|stop")]
    units: Option<Units>,
    /// Seconds that a unit should take
    #[arg(long, default_value_t = 2.0, value_parser = seconds, requires = "units", value_name = "SECONDS")]
    unit_seconds: f64,
}

/// What `--units` says of units that nobody has done.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Units {
    /// Wait until others have done them.
    Wait,
    /// Stop; the command with `--resume` goes on.
    Stop,
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|x: &f64| *x > 0.0 && *x <= 1e5);
    number.ok_or_else(|| "a number of seconds above 0, at most 100000, was expected".to_owned())
}

impl UnitArgs {
    /// Whether the work is to be shared.
    pub(crate) fn are_shared(&self) -> bool {
        self.units.is_some()
    }

    /// The folder of units of a run directory, if the work is shared or has been shared before.
    pub(crate) fn folder(&self, run: &Path) -> anyhow::Result<Option<Folder>> {
        if self.units.is_none() && !run.join("work").is_dir() {
            return Ok(None);
        }
        let sharing = match self.units {
            None => Sharing::Take,
            Some(Units::Wait) => Sharing::Wait,
            Some(Units::Stop) => Sharing::Stop,
        };
        let target = Duration::from_secs_f64(self.unit_seconds);
        Ok(Some(Folder::new(run, sharing, signature()?, target, || arena::interrupted().is_some())))
    }
}

/// The folder of units of a run directory, for those who do them. They make no units of their own, which would need a signature.
pub(crate) fn folder_of_others(run: &Path) -> Folder {
    Folder::new(run, Sharing::Take, "", Duration::ZERO, || arena::interrupted().is_some())
}

/// The signatures of this program's searches, which a unit's result must come with.
pub(crate) fn signature() -> anyhow::Result<&'static str> {
    static SIGNATURE: OnceLock<String> = OnceLock::new();
    if SIGNATURE.get().is_none() {
        let found = bench::own_signatures()?.join("-");
        let _ = SIGNATURE.set(found);
    }
    Ok(SIGNATURE.get().map_or("", String::as_str))
}

/// Finds weight files by their names, and keeps their bytes for others if they are wanted.
pub(crate) struct Recorded(Option<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Recorded {
    /// A source that keeps what it reads if work is shared in a folder.
    pub(crate) fn for_others(folder: Option<&Folder>) -> Recorded {
        Recorded(folder.map(|_| Mutex::default()))
    }

    /// The files that were kept, by name.
    pub(crate) fn files(self) -> BTreeMap<String, Vec<u8>> {
        self.0.and_then(|files| files.into_inner().ok()).unwrap_or_default()
    }
}

impl WeightSource for Recorded {
    fn load(&self, name: &str) -> Result<Loaded, WeightsError> {
        let found = ByName.load(name)?;
        if let Some(files) = &self.0 {
            let bytes = found.network.to_bytes(&found.card)?;
            files.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), bytes);
        }
        Ok(found)
    }
}

/// The job of a stress run, and the files that it names.
pub(crate) fn stress_job(
    stress: &Stress,
    catalog: &Catalog,
    mut files: BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<(Job, Vec<Vec<u8>>)> {
    let (suite, card) = (stress.suite(), stress.card());
    let bases = suite.bases.iter().map(|base| base.of.as_ref().unwrap_or(&base.variant));
    let mut sections = BTreeMap::new();
    for name in std::iter::once(&suite.variant).chain(bases) {
        let rules = catalog.any(name)?;
        sections.insert(name.clone(), with_rules!(rules, rules => rules.to_ini()));
    }
    // Files of the pilot were only compared.
    files.retain(|name, _| card.weights.iter().any(|weights| weights.file == *name));
    let hashes: BTreeMap<&String, String> = files.iter().map(|(name, bytes)| (name, work::hash_of(bytes))).collect();
    let job = json!({
        "kind": STRESS,
        "card": card,
        "rules": sections.into_values().collect::<String>(),
        "files": hashes,
    });
    Ok((job, files.into_values().collect()))
}

/// The weight files of a stress run, for who does its units. Their cards are those of the owner's files: what is written for others has the newest
/// format.
struct Brought<'a> {
    files: InMemory<'a>,
    card: &'a RunCard,
}

impl WeightSource for Brought<'_> {
    fn load(&self, name: &str) -> Result<Loaded, WeightsError> {
        let found = self.files.load(name)?;
        let known = self.card.weights.iter().find(|w| w.file == name && w.hash == found.network.hash());
        Ok(match known {
            Some(known) => Loaded { card: known.card.clone(), ..found },
            None => found,
        })
    }
}

/// A stress run as who does its units has it. Making it ready takes longer than many a unit, so the last one is kept.
fn stress_of(job: &Job, hash: &str, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Arc<Stress>> {
    static LAST: Mutex<Option<(String, Arc<Stress>)>> = Mutex::new(None);
    let mut last = LAST.lock().map_err(|_| anyhow!("a unit failed while a suite was made ready"))?;
    if let Some((_, stress)) = last.as_ref().filter(|(known, _)| known == hash) {
        return Ok(Arc::clone(stress));
    }
    let card: RunCard = serde_json::from_value(job["card"].clone()).context("the job's card")?;
    let rules = job["rules"].as_str().context("the job has no rules")?;
    let catalog = Catalog::of_sections("job", rules)?;
    let signature = bench::own_signature()?;
    let (source, text, version) = (&card.source, &card.suite, &card.version);
    let origin = Origin { source, text, signature: &signature, version, command: &card.command };
    let found = work::job_files(job).filter_map(|(name, hash)| Some((name, files.get(hash)?.as_slice())));
    let weights = Brought { files: InMemory(found.collect()), card: &card };
    let stress = Arc::new(Stress::prepare(origin, &catalog, &weights)?);
    let differences = stress.card().differences(&card);
    if !differences.is_empty() {
        bail!("the job makes another run here: {}", files::excerpt(&differences.join("; "), 300));
    }
    *last = Some((hash.to_owned(), Arc::clone(&stress)));
    Ok(stress)
}

/// Does a unit on the current rayon thread pool. `files` are those that job and unit name, by the hashes of their bytes. Returns its result, which
/// [`work::seal`] makes ready to travel.
///
/// # Errors
/// If the unit was offered by a program of another signature, or job, unit and files do not fit together; if a signal stops it.
pub fn do_unit(job: &Job, unit: &Unit, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    let own = signature()?;
    if unit.signature != own {
        let found = files::excerpt(&unit.signature, 40);
        bail!("unit {} is of a program of signature {found}; this one has {own}", files::excerpt(&unit.id, 40));
    }
    if !unit.is_sound(job) {
        bail!("unit {} and its job do not belong together: one was changed", files::excerpt(&unit.id, 40));
    }
    match job["kind"].as_str() {
        Some(selection::JOB) => {
            let file = |hash: &String| files.get(hash).cloned().with_context(|| format!("file {hash} is missing"));
            let files = unit.files.iter().map(file).collect::<Result<Vec<_>, _>>()?;
            Ok(selection::do_unit(job, unit, &files)?)
        }
        Some(STRESS) => Ok(stress_of(job, &unit.job, files)?.do_unit(unit)?),
        Some(arena::MATCH_JOB) => arena::do_rounds(job, unit, files).map_err(|e| anyhow!(e)),
        kind => bail!("units of `{}` are unknown", files::excerpt(kind.unwrap_or_default(), 40)),
    }
}

/// Plays a stress run whose cells are shared.
pub(crate) fn run_shared(
    stress: &Stress,
    catalog: &Catalog,
    files: BTreeMap<String, Vec<u8>>,
    folder: Option<&Folder>,
    run: (&Path, bool),
    progress: &(dyn Fn(&regime::Progress) + Sync),
) -> anyhow::Result<()> {
    let (out, resume) = run;
    let Some(folder) = folder else { return Ok(stress.run(out, resume, progress)?) };
    let (job, files) = stress_job(stress, catalog, files)?;
    Ok(stress.run_shared(out, resume, Some(&SharedCells { folder, job: &job, files: &files }), progress)?)
}
