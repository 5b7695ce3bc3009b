//! The folder in which an owner shares its work.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::ops::Range;
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

/// The key of a job under which a table of names holds the hashes of files that all its units need.
const JOB_FILES: &str = "files";

/// What all units of a run have in common, as JSON. `kind` says which owner reads the rest; `files` is a table of names with the SHA-256 of files
/// that all units need, if there are any.
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
    /// How long a unit should take.
    target: Duration,
    /// For each kind of unit, what one of the like things that it holds took last, in seconds.
    seconds: Mutex<BTreeMap<String, f64>>,
}

impl Folder {
    /// The folder of a run directory. `signature` is that of this program; `stopped` says, while an owner waits, whether it should stop. Units that
    /// hold several like things are to take about as long as `target`.
    #[must_use]
    pub fn new(run: &Path, sharing: Sharing, signature: &str, target: Duration, stopped: fn() -> bool) -> Folder {
        let (path, signature, seconds) = (run.join("work"), signature.to_owned(), Mutex::default());
        Folder { path, sharing, signature, stopped, target, seconds }
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

    /// Divides like things, numbered by `all`, among units: `inputs`, an object, with `first` and `last` (the number behind the last). What was offered
    /// before stays divided as it was, since results may be there; then the first unit may begin before `all` does. Else units are as large as what the last of their kind took suggests, or a 64th of all.
    ///
    /// # Errors
    /// If what was offered before cannot be read.
    pub fn split(
        &self,
        job: &Job,
        kind: &str,
        all: Range<u32>,
        inputs: &Value,
        files: &[String],
    ) -> Result<Vec<(Range<u32>, Unit)>, WorkError> {
        let unit = |range: Range<u32>| {
            let mut inputs = inputs.clone();
            (inputs["first"], inputs["last"]) = (range.start.into(), range.end.into());
            (range, self.unit(job, kind, inputs, files.to_vec()))
        };
        let offered = self.offered()?;
        // Of the units that were offered, those that differ from these in nothing but their numbers.
        let alike = offered.iter().filter_map(|known| Some((range_of(known)?, known)));
        let alike = alike.filter(|(range, known)| unit(range.clone()).1 == **known);
        // Of a unit that the owner was taking in when it was stopped, only the rest is needed.
        let known: Vec<Range<u32>> = alike.map(|(range, _)| range).filter(|range| range.end > all.start).collect();
        let follow = known.windows(2).all(|pair| pair[0].end == pair[1].start);
        let (first, last) = (known.first().map(|r| r.start), known.last().map(|r| r.end));
        if follow && first.is_some_and(|first| first <= all.start) && last == Some(all.end) {
            return Ok(known.into_iter().map(unit).collect());
        }
        let each = self.seconds.lock().ok().and_then(|known| known.get(kind).copied());
        let size = each.map_or(all.len().div_ceil(64) as f64, |each| self.target.as_secs_f64() / each.max(1e-6));
        let size = (size as u32).clamp(1, all.len().max(1) as u32);
        Ok(all.clone().step_by(size as usize).map(|first| unit(first..(first + size).min(all.end))).collect())
    }

    /// Writes what others need to do these units, unless the owner does all by itself.
    ///
    /// # Errors
    /// If a file cannot be written.
    ///
    /// # Panics
    /// Never: all of it is plain data.
    pub fn offer(&self, job: &Job, units: &[Unit], files: &[Vec<u8>]) -> Result<(), WorkError> {
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
        let mut all = self.offered()?;
        let known: BTreeSet<String> = all.iter().map(|unit| unit.id.clone()).collect();
        all.extend(units.iter().filter(|unit| !known.contains(&unit.id)).cloned());
        let lines: String = all.iter().map(|u| serde_json::to_string(u).expect("plain data") + "\n").collect();
        // The list comes last: what it names is there.
        write(&self.path.join("units.jsonl"), lines.as_bytes())
    }

    /// The result of a unit, as `take` reads it; `None` if nobody has done it and this owner is to do it by itself ([`Sharing::Take`]). What `take` refuses
    /// is named on standard error, removed, and asked for again.
    ///
    /// # Errors
    /// If a file cannot be read or removed; [`WorkError::Pending`] and [`WorkError::Stopped`].
    pub fn result<T>(
        &self,
        unit: &Unit,
        mut take: impl FnMut(&[u8]) -> Result<T, String>,
    ) -> Result<Option<T>, WorkError> {
        loop {
            if let Some(found) = self.found(unit, &mut take)? {
                return Ok(Some(found));
            }
            match self.sharing {
                Sharing::Take => return Ok(None),
                Sharing::Stop => return Err(WorkError::Pending(self.pending()?.1.len())),
                Sharing::Wait if (self.stopped)() => return Err(WorkError::Stopped),
                Sharing::Wait => std::thread::sleep(PATIENCE),
            }
        }
    }

    /// The result of a unit, if it is there.
    fn found<T>(&self, unit: &Unit, take: &mut impl FnMut(&[u8]) -> Result<T, String>) -> Result<Option<T>, WorkError> {
        let path = self.done(unit);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read(&path, MAX_FILE)?;
        let taken = opened(unit, &bytes).map_err(|e| e.to_string()).and_then(|(result, seconds)| {
            if let (Ok(mut known), Some(range)) = (self.seconds.lock(), range_of(unit)) {
                known.insert(unit.kind.clone(), seconds / range.len().max(1) as f64);
            }
            take(result).map_err(|e| format!("unit {}: {e}", unit.id))
        });
        match taken {
            Ok(found) => Ok(Some(found)),
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

    /// Forgets all units with their results, and the files that no job needs: what they found has been recorded.
    ///
    /// # Errors
    /// If a file cannot be read or removed.
    pub fn clear(&self) -> Result<(), WorkError> {
        let offered = self.offered()?;
        remove(&self.path.join("units.jsonl"))?;
        for unit in offered {
            remove(&self.done(&unit))?;
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
        // Others may be bringing results that nobody needs any more. Under another name they do not find the folder.
        let old = self.path.with_extension("finished");
        if self.path.is_dir() {
            std::fs::rename(&self.path, &old).map_err(|e| FileError::new(&self.path, "rename", e))?;
        }
        if old.is_dir() {
            std::fs::remove_dir_all(&old).map_err(|e| FileError::new(&old, "remove", e))?;
        }
        Ok(())
    }

    /// The job, and the units that the owner waits for and nobody has done; none if it waits for nothing.
    ///
    /// # Errors
    /// If a file cannot be read or is damaged.
    pub fn pending(&self) -> Result<(Job, Vec<Unit>), WorkError> {
        let (path, offered) = (self.path.join("job.json"), self.offered()?);
        if offered.is_empty() {
            return Ok((Job::Null, Vec::new()));
        }
        let damaged = |message: String| WorkError::Damaged { path: path.clone(), message };
        let job: Job = serde_json::from_slice(&read(&path, MAX_TEXT)?).map_err(|e| damaged(e.to_string()))?;
        let hash = job_hash(&job);
        if offered.iter().any(|unit| unit.job != hash) {
            return Err(damaged("is not the job of the units in units.jsonl: it was changed".to_owned()));
        }
        Ok((job, offered.into_iter().filter(|unit| !self.done(unit).exists()).collect()))
    }

    /// The units that were offered, done or not.
    fn offered(&self) -> Result<Vec<Unit>, WorkError> {
        let path = self.path.join("units.jsonl");
        if !path.exists() {
            return Ok(Vec::new());
        }
        let damaged = |path: &Path, message: String| WorkError::Damaged { path: path.to_owned(), message };
        let text = String::from_utf8(read(&path, MAX_TEXT)?).map_err(|_| damaged(&path, "is not UTF-8".to_owned()))?;
        let mut units = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let at = |message: String| damaged(&path, format!("line {}: {message}", number + 1));
            let unit: Unit = serde_json::from_str(line).map_err(|e| at(e.to_string()))?;
            if unit.computed_id() != unit.id {
                return Err(at("has another id than its content gives: it was changed".to_owned()));
            }
            units.push(unit);
        }
        Ok(units)
    }

    /// Adds to `files` those that a job and one of its units need and that it lacks, by their hashes. Others are taken out: units of a run need much the
    /// same files.
    ///
    /// # Errors
    /// If one cannot be read or has other bytes than its name says.
    pub fn complete(&self, files: &mut BTreeMap<String, Vec<u8>>, job: &Job, unit: &Unit) -> Result<(), WorkError> {
        let needed = unit.needs(job);
        files.retain(|hash, _| needed.contains(hash));
        for hash in needed {
            if let Entry::Vacant(place) = files.entry(hash) {
                let bytes = self.file(place.key())?;
                place.insert(bytes);
            }
        }
        Ok(())
    }

    /// A file that units need, by its hash.
    ///
    /// # Errors
    /// If it cannot be read or has other bytes than its name says.
    pub fn file(&self, hash: &str) -> Result<Vec<u8>, WorkError> {
        let path = self.path.join("files").join(hash);
        let damaged = |message: &str| WorkError::Damaged { path: path.clone(), message: message.to_owned() };
        if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(damaged("is no name of a file of units"));
        }
        let bytes = read(&path, MAX_FILE)?;
        if hash_of(&bytes) == hash {
            Ok(bytes)
        } else {
            Err(damaged("is damaged: its bytes have another hash than its name"))
        }
    }

    /// Writes a result that another machine has sealed.
    ///
    /// # Errors
    /// If it is not that of the unit, or the file cannot be written.
    pub fn put_sealed(&self, unit: &Unit, sealed: &[u8]) -> Result<(), WorkError> {
        opened(unit, sealed)?;
        write(&self.done(unit), sealed)
    }

    /// Writes the result of a unit, whole or not at all. `seconds` is what it took.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn put(&self, unit: &Unit, result: &[u8], seconds: f64) -> Result<(), WorkError> {
        write(&self.done(unit), &seal(unit, result, seconds))
    }
}

/// The files that all units of a job need: their names and hashes.
pub fn job_files(job: &Job) -> impl Iterator<Item = (&str, &str)> {
    let table = job.get(JOB_FILES).and_then(Value::as_object).into_iter().flatten();
    table.filter_map(|(name, hash)| Some((name.as_str(), hash.as_str()?)))
}

/// The like things that a unit holds, by number.
fn range_of(unit: &Unit) -> Option<Range<u32>> {
    let number = |key: &str| unit.inputs.get(key)?.as_u64().and_then(|n| u32::try_from(n).ok());
    Some(number("first")?..number("last")?)
}

/// The hash of a job: the first 32 hexadecimal digits of its SHA-256.
pub(crate) fn job_hash(job: &Job) -> String {
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
        Folder::new(run, sharing, "0123456789abcdef", Duration::from_secs(2), || true)
    }

    fn collect(folder: &Folder, units: &[Unit]) -> Result<Vec<String>, WorkError> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| "is no text".to_owned());
        let found = units.iter().map(|unit| folder.result(unit, text)).collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    #[test]
    fn others_find_what_they_need_and_owners_what_was_done() {
        let run = tempfile::tempdir().unwrap();
        let (owner, worker) = (folder(run.path(), Sharing::Stop), folder(run.path(), Sharing::Take));
        assert!(worker.pending().unwrap().1.is_empty() && !worker.is_in_use());
        let files = ["one", "two", "of all"].map(|text| text.as_bytes().to_vec());
        let job = json!({ "kind": "sum", "files": { "a name": hash_of(b"of all") } });
        let units: Vec<Unit> =
            files[..2].iter().map(|file| owner.unit(&job, "length", json!({}), vec![hash_of(file)])).collect();
        owner.offer(&job, &units, &files).unwrap();
        let (found, pending) = worker.pending().unwrap();
        assert!(found == job && pending == units);
        let mut needed = BTreeMap::new();
        worker.complete(&mut needed, &job, &pending[0]).unwrap();
        assert!(needed.len() == 2 && needed[&hash_of(b"one")] == b"one");
        worker.complete(&mut needed, &job, &pending[1]).unwrap();
        assert_eq!(needed.len(), 2);
        assert!(needed[&hash_of(b"two")] == b"two" && needed[&hash_of(b"of all")] == b"of all");
        assert!(matches!(collect(&owner, &units), Err(WorkError::Pending(2))));
        worker.put(&units[1], b"3", 0.1).unwrap();
        assert!(matches!(collect(&owner, &units), Err(WorkError::Pending(1))));
        assert_eq!(collect(&worker, &units).unwrap(), ["3"], "the first is missing");
        worker.put(&units[0], b"3", 0.1).unwrap();
        assert_eq!(collect(&owner, &units).unwrap(), ["3", "3"]);
        assert!(worker.pending().unwrap().1.is_empty());
        // What is offered later stands beside what is there.
        let more = owner.unit(&job, "more", json!({}), Vec::new());
        owner.offer(&job, std::slice::from_ref(&more), &[]).unwrap();
        assert_eq!(worker.pending().unwrap().1, [more]);
        assert_eq!(collect(&owner, &units).unwrap(), ["3", "3"]);
        owner.clear().unwrap();
        assert!(worker.pending().unwrap().1.is_empty());
        assert_eq!(std::fs::read_dir(run.path().join("work/done")).unwrap().count(), 0);
        assert_eq!(std::fs::read_dir(run.path().join("work/files")).unwrap().count(), 1, "what the job needs stays");
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
        assert!(matches!(collect(&folder(run.path(), Sharing::Wait), &other), Err(WorkError::Stopped)));
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
        let job = json!({});
        let split = |all: Range<u32>, inputs: Value| {
            let units = owner.split(&job, "length", all.clone(), &inputs, &[]).unwrap();
            assert!(units[0].0.start == all.start && units[units.len() - 1].0.end == all.end);
            assert!(units.windows(2).all(|pair| pair[0].0.end == pair[1].0.start));
            units
        };
        let mut units = split(0..640, json!({ "generation": 0 }));
        assert_eq!((units.len(), units[3].1.inputs["first"].as_u64()), (64, Some(30)));
        for (number, (seconds, size)) in [(0.5, 40), (80.0, 1), (0.000_01, 640), (128.0, 10)].into_iter().enumerate() {
            let all: Vec<Unit> = units.iter().map(|(_, unit)| unit.clone()).collect();
            owner.offer(&job, &all, &[]).unwrap();
            owner.put(&all[0], b"3", seconds).unwrap();
            assert!(matches!(collect(&owner, &all), Err(WorkError::Pending(_)) | Ok(_)));
            // What was offered stays divided as it was, from where the owner has got to.
            assert_eq!(split(0..640, json!({ "generation": number })), units);
            if units.len() > 2 {
                let first = units[2].0.start;
                let rest =
                    |first| owner.split(&job, "length", first..640, &json!({ "generation": number }), &[]).unwrap();
                assert!(rest(first) == units[2..] && rest(first - 1) == units[1..]);
            }
            units = split(0..640, json!({ "generation": number + 1 }));
            assert_eq!(units[0].0.len(), size, "{seconds}");
        }
    }
}
