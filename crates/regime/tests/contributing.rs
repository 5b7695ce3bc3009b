//! The worked example of CONTRIBUTING.md: a shift with a dial of payoffs, an agent that mixes two sources, a claim over both.

mod common;

use std::collections::BTreeSet;

use common::{play, prepare, root};
use regime::analysis::Run;

/// The suite that the page shows.
fn example() -> String {
    let page = std::fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let (_, rest) = page.split_once("```toml\n").expect("a suite");
    rest.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn the_worked_example_is_played_and_its_claim_is_found() {
    let text = example();
    // As it stands it can be played, and its claim can have a verdict: six evaluators reach .05.
    assert!(prepare(&text).unwrap().suite().claims.iter().all(|claim| claim.over.len() == 1));
    let few = text.replace("pairs = 50", "pairs = 2").replace("playouts = [64]", "playouts = [4]");
    assert_ne!(few, text);
    let folder = tempfile::tempdir().unwrap();
    let summary = play(&few, folder.path());
    let run = Run::read(folder.path()).unwrap();

    // Three points of a dial, under one set of moves: the payoffs differ, the rules' text does not.
    let dial: Vec<_> = summary.shifts.iter().filter(|shift| shift.dose.is_some()).collect();
    let levels: Vec<f64> = dial.iter().filter_map(|shift| shift.dose.as_ref()).map(|(_, level)| *level).collect();
    assert_eq!(levels, [1.0, 0.0, -1.0]);
    let payoffs: Vec<String> = dial.iter().map(|shift| shift.payoff.join(" ")).collect();
    assert_eq!(payoffs, ["", "flag = 0", "flag = -1"]);
    let cards = |name: &str| run.card().rules.iter().find(|card| !card.is_base && card.name == name).unwrap();
    let texts: BTreeSet<&str> = dial.iter().map(|shift| cards(&shift.name).text.as_str()).collect();
    let hashes: BTreeSet<&str> = dial.iter().map(|shift| shift.rules.as_str()).collect();
    assert_eq!((texts.len(), hashes.len()), (1, 3));

    // The agent plays at every point, with the weights of both evaluators' files.
    let agent = summary.agents.iter().find(|agent| agent.name == "half-material").expect("the agent");
    assert!(agent.about.contains("half each"));
    let cells: Vec<_> = summary.rows.iter().filter(|row| row.agent == agent.name).collect();
    assert_eq!(cells.iter().map(|row| (row.pairs, row.seeds)).collect::<Vec<_>>(), [(12, 6); 3]);
    let games = |agent: &str| -> Vec<_> {
        run.pairs().iter().filter(|row| row.agent == agent).map(|row| (row.plies, row.weights.clone())).collect()
    };
    let (own, inherited) = (games(&agent.name), games("frozen"));
    assert_eq!(
        own.iter().map(|game| &game.1).collect::<Vec<_>>(),
        inherited.iter().map(|game| &game.1).collect::<Vec<_>>()
    );
    assert_ne!(own, inherited, "a value that is half material plays other games");

    // The claim has a finding with both cells, each with its three points.
    let finding = summary.findings.iter().find(|finding| finding.name == "material-cushions").expect("the claim");
    assert_eq!((finding.tier.as_str(), finding.estimator.as_str()), ("exploratory", "trend"));
    assert_eq!(finding.over, [("evaluators".to_owned(), 6)]);
    assert!(!finding.verdict.is_empty() && !finding.verdict.contains("no verdict"), "{}", finding.verdict);
    let points: Vec<Vec<f64>> =
        finding.cells.iter().map(|cell| cell.points.iter().map(|point| point.x).collect()).collect();
    assert_eq!(points, [[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]]);
}

#[test]
fn five_evaluators_would_be_refused() {
    let text = example().replace("gardner-hill-{13..18}", "gardner-hill-{13..17}");
    let error = prepare(&text).err().expect("a design that cannot reach .05").to_string();
    assert!(error.contains("claim `material-cushions`") && error.contains("5 evaluators"), "{error}");
}
