//! The examples run.

#[allow(dead_code, reason = "its main function is for the command line")]
#[path = "../examples/run_one_shift.rs"]
mod run_one_shift;

#[test]
fn one_shift_is_played_and_its_cells_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let mut out = Vec::new();
    run_one_shift::run("hill", folder.path(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let of = |shift: &str| text.lines().filter(|line| line.starts_with(shift)).count();
    assert!(of("hill ") == 5 && of("none ") == 5 && text.lines().count() == 10, "{text}");
    assert!(text.lines().all(|line| line.contains(" v ") && line.contains(" ± ")), "{text}");
    // A run is there already; the example does not overwrite it.
    assert!(run_one_shift::run("hill", folder.path(), &mut Vec::new()).is_err());
}
