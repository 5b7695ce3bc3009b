//! The folder in which an owner shares its work.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use files::FileError;
use serde_json::Value;

use crate::WorkError;
use crate::unit::{Unit, hash_of, opened, seal};

/// The largest job and list of units, in bytes.
const MAX_TEXT: u64 = 1 << 28;
/// The largest file that a unit needs, and the largest result, in bytes.
const MAX_FILE: u64 = 1 << 30;
/// How long an owner waits between two looks for results.
const PATIENCE: Duration = Duration::from_millis(20);

/// What all units of a run have in common, as JSON: `kind` says which owner reads the rest.
pub type Job = Value;

/// What an owner does about units that nobody has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// It does them itself.
    Take,
    /// It waits until others have done them.
    Wait,
    /// It stops with [`WorkError::Pending`].
    Stop,
}

/// A folder of units.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    sharing: Sharing,
    signature: String,
    /// Asked while the owner waits: whether it should stop.
    stopped: fn() -> bool,
    /// For each kind of unit, the seconds that the last one took.
    seconds: Mutex<BTreeMap<String, f64>>,
}

impl Folder {
    /// The folder of a run directory. `signature` is that of this program; `stopped` says, while an owner waits, whether it should stop.
    #[must_use]
    pub fn new(run: &Path, sharing: Sharing, signature: &str, stopped: fn() -> bool) -> Folder {
        let seconds = Mutex::default();
        Folder { path: run.join("work"), sharing, signature: signature.to_owned(), stopped, seconds }
    }

    /// What the owner does about units that nobody has done.
    #[must_use]
    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Whether there is anything to look for: the owner shares its work, or has done so before.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.sharing != Sharing::Take || self.path.is_dir()
    }

    /// A unit of this folder's program. `job` is what [`Folder::offer`] is given.
    #[must_use]
    pub fn unit(&self, job: &Job, kind: &str, inputs: Value, files: Vec<String>) -> Unit {
        Unit::new(&self.signature, &job_hash(job), kind, inputs, files)
    }

    /// How many of `count` like things a unit of a kind should hold to take about `target` seconds, given that the last of this kind held `last`: as
    /// many as there were, or a 64th of all, until a result has told what they take.
    #[must_use]
    pub fn share(&self, kind: &str, count: u32, last: Option<u32>, target: f64) -> u32 {
        let known = self.seconds.lock().ok().and_then(|known| known.get(kind).copied());
        let size = match (known, last) {
            (Some(seconds), Some(last)) if seconds > 0.0 => {
                (f64::from(last) * (target / seconds).clamp(0.1, 10.0)) as u32
            }
            (_, Some(last)) => last,
            _ => count.div_ceil(64),
        };
        size.clamp(1, count.max(1))
    }

    /// Writes what others need to do these units, unless the owner does all by itself. Units of earlier offers are forgotten, results stay.
    ///
    /// # Errors
    /// If a file cannot be written.
    ///
    /// # Panics
    /// Never: all of it is plain data.
    pub fn offer(&self, job: &Job, units: &[Unit], files: &[&[u8]]) -> Result<(), WorkError> {
        if self.sharing == Sharing::Take {
            return Ok(());
        }
        for part in ["files", "done"] {
            let path = self.path.join(part);
            files::create_folder(&path).map_err(|e| FileError::new(&path, "create", e))?;
        }
        for file in files {
            let path = self.path.join("files").join(hash_of(file));
            if !path.exists() {
                write(&path, file)?;
            }
        }
        write(&self.path.join("job.json"), &serde_json::to_vec_pretty(job).expect("plain data"))?;
        let lines: String = units.iter().map(|u| serde_json::to_string(u).expect("plain data") + "\n").collect();
        // The list comes last: what it names is there.
        write(&self.path.join("units.jsonl"), lines.as_bytes())
    }

    /// The results of units in their order, each handed to `take` as soon as it and all before it are there, until `take` says that the rest is not
    /// needed. Returns how many were handed over, which is all of them unless this owner does by itself what nobody has done ([`Sharing::Take`]), or
    /// `take` ended it. What `take` refuses is named on standard error, removed, and waited for again.
    ///
    /// # Errors
    /// If a file cannot be read or removed; [`WorkError::Pending`] and [`WorkError::Stopped`].
    pub fn results(
        &self,
        units: &[Unit],
        take: &mut dyn FnMut(usize, &[u8]) -> Result<bool, String>,
    ) -> Result<usize, WorkError> {
        for (number, unit) in units.iter().enumerate() {
            loop {
                if let Some(goes_on) = self.result(unit, &mut |bytes| take(number, bytes))? {
                    if !goes_on {
                        return Ok(number + 1);
                    }
                    break;
                }
                match self.sharing {
                    Sharing::Take => return Ok(number),
                    Sharing::Stop => {
                        let open = units[number..].iter().filter(|unit| !self.done(unit).exists()).count();
                        return Err(WorkError::Pending(open));
                    }
                    Sharing::Wait if (self.stopped)() => return Err(WorkError::Stopped(units.len() - number)),
                    Sharing::Wait => std::thread::sleep(PATIENCE),
                }
            }
        }
        Ok(units.len())
    }

    /// Hands the result of a unit over, if there is one, and returns what `take` says.
    fn result(
        &self,
        unit: &Unit,
        take: &mut dyn FnMut(&[u8]) -> Result<bool, String>,
    ) -> Result<Option<bool>, WorkError> {
        let path = self.done(unit);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read(&path, MAX_FILE)?;
        let taken = opened(unit, &bytes).map_err(|e| e.to_string()).and_then(|(result, seconds)| {
            if let Ok(mut known) = self.seconds.lock() {
                known.insert(unit.kind.clone(), seconds);
            }
            take(result).map_err(|e| format!("unit {}: {e}", unit.id))
        });
        match taken {
            Ok(goes_on) => Ok(Some(goes_on)),
            Err(message) => {
                let _ = writeln!(std::io::stderr(), "interregnum: {message}; it is done again");
                remove(&path)?;
                Ok(None)
            }
        }
    }

    fn done(&self, unit: &Unit) -> PathBuf {
        self.path.join("done").join(&unit.id)
    }

    /// Forgets units, with their results and the files that no other offer will need.
    ///
    /// # Errors
    /// If a file cannot be removed.
    pub fn forget(&self, units: &[Unit]) -> Result<(), WorkError> {
        if !self.path.is_dir() {
            return Ok(());
        }
        remove(&self.path.join("units.jsonl"))?;
        for unit in units {
            remove(&self.done(unit))?;
            for file in &unit.files {
                remove(&self.path.join("files").join(file))?;
            }
        }
        Ok(())
    }

    /// Removes the whole folder: the run is finished.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self) -> Result<(), WorkError> {
        if self.path.is_dir() {
            std::fs::remove_dir_all(&self.path).map_err(|e| FileError::new(&self.path, "remove", e))?;
        }
        Ok(())
    }

    /// The job, and the units that the owner waits for and nobody has done; none if it waits for nothing.
    ///
    /// # Errors
    /// If a file cannot be read or is damaged.
    pub fn pending(&self) -> Result<(Job, Vec<Unit>), WorkError> {
        let (path, job_path) = (self.path.join("units.jsonl"), self.path.join("job.json"));
        if !path.exists() {
            return Ok((Job::Null, Vec::new()));
        }
        let damaged = |path: &Path, message: String| WorkError::Damaged { path: path.to_owned(), message };
        let job: Job =
            serde_json::from_slice(&read(&job_path, MAX_TEXT)?).map_err(|e| damaged(&job_path, e.to_string()))?;
        let text = String::from_utf8(read(&path, MAX_TEXT)?).map_err(|_| damaged(&path, "is not UTF-8".to_owned()))?;
        let hash = job_hash(&job);
        let mut units = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let at = |message: String| damaged(&path, format!("line {}: {message}", number + 1));
            let unit: Unit = serde_json::from_str(line).map_err(|e| at(e.to_string()))?;
            if unit.computed_id() != unit.id || unit.job != hash {
                return Err(at("is no unit of the job in job.json: it was changed".to_owned()));
            }
            if !self.done(&unit).exists() {
                units.push(unit);
            }
        }
        Ok((job, units))
    }

    /// The files that a unit needs, in its order.
    ///
    /// # Errors
    /// If one cannot be read or has other bytes than its name says.
    pub fn files_of(&self, unit: &Unit) -> Result<Vec<Vec<u8>>, WorkError> {
        let file = |hash: &String| {
            let path = self.path.join("files").join(hash);
            let bytes = read(&path, MAX_FILE)?;
            let message = "is damaged: its bytes have another hash than its name".to_owned();
            if hash_of(&bytes) == *hash { Ok(bytes) } else { Err(WorkError::Damaged { path, message }) }
        };
        unit.files.iter().map(file).collect()
    }

    /// Writes the result of a unit, whole or not at all. `seconds` is what it took.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn put(&self, unit: &Unit, result: &[u8], seconds: f64) -> Result<(), WorkError> {
        write(&self.done(unit), &seal(unit, result, seconds))
    }
}

/// The hash of a job: the first 32 hexadecimal digits of its SHA-256.
fn job_hash(job: &Job) -> String {
    hash_of(&serde_json::to_vec(job).expect("plain data"))[..32].to_owned()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WorkError> {
    Ok(files::write(path, bytes).map_err(|e| FileError::new(path, "write", e))?)
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, WorkError> {
    Ok(files::read(path, limit).map_err(|e| FileError::new(path, "read", e))?)
}

fn remove(path: &Path) -> Result<(), WorkError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(FileError::new(path, "remove", e).into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn folder(run: &Path, sharing: Sharing) -> Folder {
        Folder::new(run, sharing, "0123456789abcdef", || true)
    }

    fn collect(folder: &Folder, units: &[Unit]) -> Result<Vec<String>, WorkError> {
        let mut found = Vec::new();
        let taken = folder.results(units, &mut |_, bytes| {
            found.push(String::from_utf8(bytes.to_vec()).map_err(|_| "is no text".to_owned())?);
            Ok(true)
        })?;
        assert_eq!(taken, found.len());
        Ok(found)
    }

    #[test]
    fn others_find_what_they_need_and_owners_what_was_done() {
        let run = tempfile::tempdir().unwrap();
        let (owner, worker) = (folder(run.path(), Sharing::Stop), folder(run.path(), Sharing::Take));
        assert!(worker.pending().unwrap().1.is_empty() && !worker.is_in_use());
        let job = json!({ "kind": "sum" });
        let files: [&[u8]; 2] = [b"one", b"two"];
        let units: Vec<Unit> =
            files.iter().map(|file| owner.unit(&job, "length", json!({}), vec![hash_of(file)])).collect();
        owner.offer(&job, &units, &files).unwrap();
        let (found, pending) = worker.pending().unwrap();
        assert!(found == job && pending == units);
        assert_eq!(worker.files_of(&pending[1]).unwrap(), [b"two"]);
        assert!(matches!(collect(&owner, &units), Err(WorkError::Pending(2))));
        worker.put(&units[1], b"3", 0.1).unwrap();
        assert!(matches!(collect(&owner, &units), Err(WorkError::Pending(1))));
        assert_eq!(collect(&worker, &units).unwrap(), Vec::<String>::new(), "the first is missing");
        worker.put(&units[0], b"3", 0.1).unwrap();
        assert_eq!(collect(&owner, &units).unwrap(), ["3", "3"]);
        assert!(worker.pending().unwrap().1.is_empty());
        owner.forget(&units).unwrap();
        assert_eq!(std::fs::read_dir(run.path().join("work/done")).unwrap().count(), 0);
        assert_eq!(std::fs::read_dir(run.path().join("work/files")).unwrap().count(), 0);
        owner.remove().unwrap();
        assert!(!worker.is_in_use());
    }

    #[test]
    fn what_is_damaged_is_removed_and_asked_for_again() {
        let run = tempfile::tempdir().unwrap();
        let owner = folder(run.path(), Sharing::Stop);
        let job = json!({ "kind": "sum" });
        let units = [owner.unit(&job, "length", json!({}), Vec::new())];
        owner.offer(&job, &units, &[]).unwrap();
        let path = owner.done(&units[0]);
        for bytes in [&b""[..], b"nonsense\n", &seal(&units[0], b"3", 0.1)[..20], &seal(&units[0], b"\xff", 0.1)] {
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(collect(&owner, &units), Err(WorkError::Pending(1))));
            assert!(!path.exists());
        }
        owner.put(&units[0], b"3", 0.1).unwrap();
        assert_eq!(collect(&owner, &units).unwrap(), ["3"]);
        // An owner that waits can be stopped.
        let other = [folder(run.path(), Sharing::Wait).unit(&job, "other", json!({}), Vec::new())];
        assert!(matches!(collect(&folder(run.path(), Sharing::Wait), &other), Err(WorkError::Stopped(1))));
    }

    #[test]
    fn a_list_that_was_changed_is_refused() {
        let run = tempfile::tempdir().unwrap();
        let owner = folder(run.path(), Sharing::Wait);
        let job = json!({ "kind": "sum" });
        owner.offer(&job, &[owner.unit(&job, "length", json!({ "of": 7 }), Vec::new())], &[]).unwrap();
        let path = run.path().join("work/units.jsonl");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace('7', "8")).unwrap();
        assert!(owner.pending().unwrap_err().to_string().contains("line 1"));
        std::fs::write(&path, text).unwrap();
        std::fs::write(run.path().join("work/job.json"), "{}").unwrap();
        assert!(owner.pending().unwrap_err().to_string().contains("job.json"));
    }

    #[test]
    fn units_grow_and_shrink_to_what_they_take() {
        let run = tempfile::tempdir().unwrap();
        let owner = folder(run.path(), Sharing::Stop);
        assert_eq!(owner.share("length", 640, None, 2.0), 10);
        assert_eq!(owner.share("length", 640, Some(10), 2.0), 10, "nothing is known yet");
        let unit = owner.unit(&json!({}), "length", json!({}), Vec::new());
        owner.offer(&json!({}), std::slice::from_ref(&unit), &[]).unwrap();
        for (seconds, share) in [(0.5, 40), (20.0, 1), (0.001, 100), (2.0, 10)] {
            owner.put(&unit, b"3", seconds).unwrap();
            collect(&owner, std::slice::from_ref(&unit)).unwrap();
            assert_eq!(owner.share("length", 640, Some(10), 2.0), share, "{seconds}");
        }
    }
}
