//! Rows of one run stand together, and no others: what was changed, moved, repeated or taken out is refused, on resume and in the report.

mod common;

use std::path::Path;

use common::{Models, prepare, prepare_signed, root, tiny};
use regime::RegimeError;
use regime::analysis::Run;
use regime::rows::{read_pairs, write_pairs};
use serde_json::Value;

fn resumed(folder: &Path) -> Result<(), RegimeError> {
    prepare(&tiny()).unwrap().run(folder, true, &|_| {})
}

fn finished() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    prepare(&tiny()).unwrap().run(folder.path(), false, &|_| {}).unwrap();
    folder
}

fn lines(folder: &Path, file: &str) -> Vec<String> {
    std::fs::read_to_string(folder.join(file)).unwrap().lines().map(str::to_owned).collect()
}

fn write(folder: &Path, file: &str, lines: &[String]) {
    std::fs::write(folder.join(file), lines.join("\n") + "\n").unwrap();
}

/// A row with a column set to something else, the chain left as it was.
fn edited(line: &str, column: &str, value: Value) -> String {
    let mut row: Value = serde_json::from_str(line).unwrap();
    assert!(row.get(column).is_some(), "{column}");
    row[column] = value;
    row.to_string()
}

#[test]
fn rows_that_were_tampered_with_are_refused() {
    let folder = finished();
    let rows = lines(folder.path(), "results.jsonl");
    let at = rows.len() / 2;
    let with = |place: usize, line: String| {
        let mut rows = rows.clone();
        rows[place] = line;
        rows
    };
    let mut removed = rows.clone();
    removed.remove(at);
    let mut repeated = rows.clone();
    repeated.insert(at, rows[at].clone());
    let mut swapped = rows.clone();
    swapped.swap(at, at + 1);
    let mut surplus = rows.clone();
    surplus.push(rows[0].clone());
    let huge = edited(&rows[at], "score", Value::from(1e300));
    let cases = [
        ("removed", removed),
        ("repeated", repeated),
        ("swapped", swapped),
        ("a row too many", surplus),
        ("score", with(at, huge)),
        ("score of the first", with(0, edited(&rows[0], "score", Value::from(0.75)))),
        ("evaluator", with(at, edited(&rows[at], "evaluator", Value::from(4_294_967_294_u32)))),
        ("rules", with(at, edited(&rows[at], "rules", Value::from("0000000000000000")))),
        ("weights", with(at, edited(&rows[at], "weights", Value::from("x")))),
        ("opening", with(at, edited(&rows[at], "opening", Value::from("a2a3")))),
        ("chain", with(at, edited(&rows[at], "chain", Value::from("0")))),
    ];
    for (what, changed) in cases {
        write(folder.path(), "results.jsonl", &changed);
        let error = resumed(folder.path()).err().unwrap_or_else(|| panic!("{what}: resumed")).to_string();
        assert!(error.contains("results.jsonl") && error.contains("line "), "{what}: {error}");
        let error = Run::read(folder.path()).err().unwrap_or_else(|| panic!("{what}: read")).to_string();
        assert!(error.contains("results.jsonl"), "{what}: {error}");
    }
    write(folder.path(), "results.jsonl", &rows);
    resumed(folder.path()).unwrap();
}

#[test]
fn logs_are_read_line_by_line_whatever_their_size() {
    let folder = finished();
    unfinish(folder.path());
    let path = folder.path().join("results.jsonl");
    let rows = lines(folder.path(), "results.jsonl").len();
    let file = std::fs::File::options().append(true).open(&path).unwrap();
    let length = file.metadata().unwrap().len();
    // Two gibibytes that take no room on the disk.
    file.set_len(1 << 31).unwrap();
    let error = Run::read(folder.path()).unwrap_err().to_string();
    assert!(error.contains(&format!("line {}: is longer than expected", rows + 1)), "{error}");
    file.set_len(length + 100).unwrap();
    assert_eq!(Run::read(folder.path()).unwrap().pairs().len(), rows, "a torn line");
}

#[test]
fn answers_of_probes_that_were_tampered_with_are_refused() {
    let folder = finished();
    let rows = lines(folder.path(), "probes.jsonl");
    let mut changed = rows.clone();
    changed[1] = edited(&rows[1], "score", Value::from(0.5));
    write(folder.path(), "probes.jsonl", &changed);
    assert!(resumed(folder.path()).unwrap_err().to_string().contains("probes.jsonl: line 2"));
    let mut surplus = rows.clone();
    surplus.push(rows[0].clone());
    write(folder.path(), "probes.jsonl", &surplus);
    assert!(resumed(folder.path()).is_err());
}

#[test]
fn extras_that_were_tampered_with_are_refused() {
    let folder = finished();
    let path = folder.path().join("extras.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut changed: Value = serde_json::from_str(&text).unwrap();
    let surprise = &mut changed["measures"][1]["surprise"];
    *surprise = Value::from(surprise.as_f64().unwrap() + 1.0);
    std::fs::write(&path, serde_json::to_vec_pretty(&changed).unwrap()).unwrap();
    for error in [Run::read(folder.path()).unwrap_err(), resumed(folder.path()).unwrap_err()] {
        let error = error.to_string();
        assert!(error.contains("extras.json: was changed after the run was finished"), "{error}");
    }
    // Without the word of the card the file counts for nothing, and is made again.
    unfinish(folder.path());
    let surprise = |run: &Run| run.summary().shifts[1].surprise;
    assert_eq!(surprise(&Run::read(folder.path()).unwrap()), None);
    resumed(folder.path()).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert!(surprise(&Run::read(folder.path()).unwrap()).is_some());
    std::fs::remove_file(&path).unwrap();
    assert!(Run::read(folder.path()).unwrap_err().to_string().contains("extras.json: is missing"));
    resumed(folder.path()).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn an_interrupted_run_ends_with_the_same_bytes() {
    let folder = finished();
    let read = |file: &str| std::fs::read(folder.path().join(file)).unwrap();
    let (rows, probes, extras) = (read("results.jsonl"), read("probes.jsonl"), read("extras.json"));
    let card = read("run.json");
    for cut in [0, rows.len() / 3, rows.len() - 5] {
        std::fs::write(folder.path().join("results.jsonl"), &rows[..cut]).unwrap();
        std::fs::write(folder.path().join("probes.jsonl"), &probes[..probes.len() / 2]).unwrap();
        std::fs::remove_file(folder.path().join("extras.json")).unwrap();
        unfinish(folder.path());
        assert!(!Run::read(folder.path()).unwrap().summary().run.finished);
        resumed(folder.path()).unwrap();
        assert!(
            read("results.jsonl") == rows && read("probes.jsonl") == probes && read("extras.json") == extras,
            "{cut}"
        );
        assert_eq!(read("run.json"), card, "{cut}");
    }
}

/// Makes the card of a finished run that of one which goes on.
fn unfinish(folder: &Path) {
    let path = folder.join("run.json");
    let mut card: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(card.as_object_mut().unwrap().remove("finished").is_some());
    std::fs::write(path, card.to_string()).unwrap();
}

#[test]
fn rows_that_a_finished_run_has_lost_are_missed_and_can_be_played_again() {
    let folder = finished();
    let whole = Run::read(folder.path()).unwrap();
    assert!(whole.is_finished());
    let path = |file: &str| folder.path().join(file);
    for (file, count) in [("results.jsonl", whole.pairs().len()), ("probes.jsonl", whole.probes().len())] {
        let rows = std::fs::read(path(file)).unwrap();
        let ends: Vec<usize> = rows.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).collect();
        let torn = rows.len() - 5;
        for (cut, left) in [(0, 0), (ends[0], 1), (ends[count - 2], count - 1), (torn, count - 1)] {
            std::fs::write(path(file), &rows[..cut]).unwrap();
            let error = Run::read(folder.path()).unwrap_err().to_string();
            let named =
                error.contains(file) && error.contains(&format!("holds {left} whole rows; {count} were expected"));
            assert!(named, "{error}");
        }
        std::fs::remove_file(path(file)).unwrap();
        assert!(Run::read(folder.path()).unwrap_err().to_string().contains("holds 0 whole rows"));
        resumed(folder.path()).unwrap();
        assert!(std::fs::read(path(file)).unwrap() == rows, "{file}");
    }
    let columns = write_pairs(&whole.pairs()[1..], &whole.card().identity);
    std::fs::write(path("results.parquet"), columns).unwrap();
    std::fs::remove_file(path("results.jsonl")).unwrap();
    let error = Run::read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("results.parquet: holds 23 whole rows; 24 were expected"), "{error}");
}

#[test]
fn another_suite_program_or_weight_file_cannot_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let models = tempfile::tempdir().unwrap();
    let shipped = |name: &str| root().join("models").join(name);
    let own = models.path().join("gardner-2.safetensors");
    std::fs::copy(shipped("gardner-2.safetensors"), &own).unwrap();
    let found = Models(Some(models.path().to_owned()));
    prepare_signed(&tiny(), "a", &found).unwrap().run(folder.path(), false, &|_| {}).unwrap();
    let refused = |text: &str, signature: &str| {
        let stress = prepare_signed(text, signature, &found).unwrap();
        stress.run(folder.path(), true, &|_| {}).unwrap_err().to_string()
    };
    assert!(refused(&tiny(), "b").contains("signature b, a was"));
    assert!(refused(&tiny().replace("seed = 7", "seed = 8"), "a").contains("the suite's text"));
    // The weights are swapped between a kill and the resume.
    std::fs::copy(shipped("gardner-3.safetensors"), &own).unwrap();
    assert!(refused(&tiny(), "a").contains("weight file gardner-2.safetensors"));
    std::fs::copy(shipped("gardner-2.safetensors"), &own).unwrap();
    prepare_signed(&tiny(), "a", &found).unwrap().run(folder.path(), true, &|_| {}).unwrap();
    // A card that was changed by hand does not hold its own identity any more.
    let card = std::fs::read_to_string(folder.path().join("run.json")).unwrap();
    std::fs::write(folder.path().join("run.json"), card.replace("A suite for tests.", "A suite for tasks.")).unwrap();
    assert!(refused(&tiny(), "a").contains("run.json"));
    assert!(Run::read(folder.path()).unwrap_err().to_string().contains("run.json"));
}

#[test]
fn an_effect_that_is_no_finite_number_is_invalid() {
    let cell = |x: &str, shift: &str| {
        format!(
            "[[claim.cell]]\nname = 'a'\nof = 'matches'\nagent = 'frozen'\nopponent = 'zero'\nshifts = ['{shift}']\nx = {x}\n"
        )
    };
    let claim = |kind: &str| {
        format!(
            "[[claim]]\nname = \"{kind}\"\nessay = 'e'\nclaim = 'c'\nexpects = 'unknown'\ntier = 'described'\nover = ['evaluators']\n\
             estimator = {{ {kind} }}\n{}{}",
            cell("-1e308", "unchanged"),
            cell("1e308", "hill")
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let suite = tiny() + &claim("kind = 'area', less = 0.5");
    let summary = common::play(&suite, folder.path());
    for found in &summary.findings {
        assert!(found.verdict == "INVALID" && found.note.contains("not a finite number"), "{found:?}");
        assert!(found.effect.is_none() && found.agrees != "yes");
    }
}

#[test]
fn one_process_holds_a_directory() {
    let folder = finished();
    let lock = std::fs::File::options().append(true).open(folder.path().join("run.lock")).unwrap();
    lock.lock().unwrap();
    assert!(resumed(folder.path()).unwrap_err().to_string().contains("another process"));
    drop(lock);
    resumed(folder.path()).unwrap();
}

#[test]
fn rows_are_the_same_in_columns() {
    let folder = finished();
    let run = Run::read(folder.path()).unwrap();
    let identity = &run.card().identity;
    let bytes = write_pairs(run.pairs(), identity);
    assert_eq!(bytes, write_pairs(run.pairs(), identity));
    let path = folder.path().join("results.parquet");
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(read_pairs(&path, identity).unwrap(), run.pairs());
    assert!(read_pairs(&path, "0000000000000000").unwrap_err().to_string().contains("another run"));
    // Without the log, the columns are what the report is computed from.
    let summary = run.summary();
    std::fs::remove_file(folder.path().join("results.jsonl")).unwrap();
    assert_eq!(Run::read(folder.path()).unwrap().summary(), summary);
    let mut other = run.pairs().to_vec();
    other[3].plies[0] += 1;
    std::fs::write(&path, write_pairs(&other, "x")).unwrap();
    assert!(Run::read(folder.path()).unwrap_err().to_string().contains("results.parquet"));
    for cut in [0, 3, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        assert!(read_pairs(&path, identity).is_err(), "{cut}");
    }
}
