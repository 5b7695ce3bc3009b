//! The examples run.

#[allow(dead_code, reason = "its main function is for the command line")]
#[path = "../examples/evaluate_position.rs"]
mod evaluate_position;

use std::path::Path;

#[test]
fn a_shipped_evaluator_says_what_it_thinks() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/gardner-1.safetensors");
    let printed = |variant: &str, fen: Option<&str>| {
        let mut out = Vec::new();
        evaluate_position::run(&file, variant, fen, &mut out).map(|()| String::from_utf8(out).unwrap())
    };
    let start = printed("gardner", None).unwrap();
    assert!(start.starts_with("weights ") && start.contains("selected under these rules (gardner)"), "{start}");
    let priors: Vec<f32> =
        start.lines().filter_map(|line| line.strip_suffix('%')?.rsplit(' ').next()?.parse().ok()).collect();
    assert!(priors.len() == 5 && priors.is_sorted_by(|a, b| a >= b) && priors.iter().sum::<f32>() <= 100.1, "{start}");
    // A queen to the good is seen by whoever is to move.
    let value = |fen| {
        let text = printed("gardner", Some(fen)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("value ")).unwrap().to_owned();
        line.split(' ').next().unwrap().parse::<f32>().unwrap()
    };
    assert!(value("4k/5/5/5/1Q2K w - - 0 1") > 0.0 && value("4k/5/5/5/1Q2K b - - 0 1") < 0.0);
    assert!(printed("gardner", Some("9k/5/5/5/K4 w - - 0 1")).is_err());
    assert!(printed("chess", None).is_err(), "the board has another size");
}
