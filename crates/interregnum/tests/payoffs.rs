//! The option `--payoff`: what endings are worth reaches searches, matches and answers, and nothing changes without it.

mod common;

use common::{run, stdout};
use serde_json::{Value, json};

fn json_of(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(args)).unwrap()
}

/// What the program says when it refuses.
fn refusal(args: &[&str]) -> String {
    let output = run(args);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    message
}

const STALEMATE: &str = "7k/5Q2/6K1/8/8/8/8/8 b - - 0 1";
/// Rb7 stalemates, Kc7 mates in two.
const TWO_ENDS: &str = "k7/8/2K5/8/8/8/8/1R6 w - - 0 1";

#[test]
fn legal_tells_the_ending_and_its_worth_only_under_a_payoff() {
    let legal = ["legal", "--variant", "chess", "--fen", STALEMATE, "--json"];
    assert_eq!(
        stdout(&legal),
        format!("{{\"fen\":\"{STALEMATE}\",\"legal\":[],\"check\":false,\"outcome\":\"1/2-1/2\"}}\n")
    );
    let answer = json_of(&[&legal[..], &["--payoff", "stalemate=0.1"]].concat());
    assert_eq!(answer["outcome"], "1/2-1/2");
    let worth = json!({ "white": 0.1, "black": -0.1 });
    assert_eq!(answer["ending"], json!({ "kind": "stalemate", "favours": "white", "worth": worth }));
    let other = json_of(&[&legal[..], &["--payoff", "flag=-1"]].concat());
    assert_eq!(other["ending"]["worth"], json!({ "white": 0, "black": 0 }), "what is not priced is the variant's own");
    let start = json_of(&["legal", "--variant", "chess", "--json", "--payoff", "flag=-1"]);
    assert!(start["ending"].is_null() && start.as_object().unwrap().contains_key("ending"));
    let text = stdout(&["legal", "--variant", "chess", "--fen", STALEMATE, "--payoff", "stalemate=0.5"]);
    assert!(text.contains("ending: stalemate, worth 0.5 to White and -0.5 to Black"), "{text}");
    // On boards of more than 64 squares, too, and where men are counted.
    let fen = "3k5/9/9/9/9/9/9/9/R8/4K4 w - - 0 2";
    let counted = ["legal", "--variant", "xiangqi", "--fen", fen, "--json", "--payoff", "count=-1,count-at-ply=2"];
    let answer = json_of(&counted);
    assert_eq!(answer["ending"]["kind"], "count");
    assert_eq!(answer["ending"]["worth"], json!({ "white": -1, "black": 1 }));
}

#[test]
fn a_search_goes_for_what_endings_are_worth() {
    let search = ["search", "zero@playouts=20000", "--variant", "chess", "--fen", TWO_ENDS, "--json"];
    let usual = json_of(&search);
    assert_eq!((&usual["moves"][0]["uci"], &usual["proven"]), (&json!("c6c7"), &json!(1)));
    let priced = json_of(&[&search[..], &["--payoff", "stalemate=0.9,checkmate=0.5"]].concat());
    let best = &priced["moves"][0];
    assert_eq!((&best["uci"], &best["proven"], &best["plies_to_end"]), (&json!("b1b7"), &json!(0.9), &Value::Null));
    assert_ne!(usual["rules"], priced["rules"]);
    let text = stdout(&[&search[..6], &["--payoff", "stalemate=0.9,checkmate=0.5"]].concat());
    assert!(text.contains("worth +0.9"), "{text}");
}

#[test]
fn a_match_under_a_payoff_is_scored_and_recorded_by_worths() {
    let folder = tempfile::tempdir().unwrap();
    let games = folder.path().join("games.pgn");
    let path = games.to_str().unwrap();
    let args = |payoff: &'static str| {
        let players = ["match", "zero@playouts=30", "random", "--variant", "kingofthehill", "--rounds", "4", "--json"];
        [&players[..], &["--payoff", payoff]].concat()
    };
    let kept = |payoff: &'static str, how: &'static str| [args(payoff), vec!["--pgn", path, how]].concat();
    let fractions = json_of(&kept("flag=0.5,stalemate=-0.25", "--overwrite"));
    for key in ["pentanomial", "normalised_elo", "draw_rate", "as_white", "as_black"] {
        assert!(fractions[key].is_null(), "{key}: {}", fractions[key]);
    }
    let score = fractions["score"].as_f64().unwrap();
    let ends = [&fractions["score_low"], &fractions["score_high"]].map(|end| end.as_f64().unwrap());
    assert!(ends[0] < score && score < ends[1] && fractions["se"].as_f64().is_some(), "{fractions}");
    let sides = [&fractions["score_as_white"], &fractions["score_as_black"]].map(|side| side.as_f64().unwrap());
    assert!(((sides[0] + sides[1]) / 2.0 - score).abs() < 1e-12);
    // The mean of what the records say the games were worth.
    let text = std::fs::read_to_string(&games).unwrap();
    let of_white = text.lines().filter_map(|line| line.strip_prefix("[WhiteWorth \"")?.strip_suffix("\"]"));
    let worths: Vec<f64> = of_white.map(|worth| worth.parse().unwrap()).collect();
    assert_eq!(worths.len(), 8);
    let mean = worths.chunks(2).map(|pair| pair[0] - pair[1]).sum::<f64>() / 8.0;
    assert!(((1.0 + mean) / 2.0 - score).abs() < 1e-9, "{mean} {score}");
    assert_eq!(text.matches("[Payoff \"stalemate=-0.25,flag=0.5\"]").count(), 8);
    assert!(text.contains("[Ending \"flag\"]"), "{text}");

    // A match that goes on behind its last round is that match.
    let state = folder.path().join("games.pgn.state.jsonl");
    let whole = std::fs::read(&state).unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&whole).unwrap().lines().collect();
    assert!(lines[1].contains("\"worth\":"), "{}", lines[1]);
    std::fs::write(&state, lines[..3].join("\n") + "\n").unwrap();
    assert_eq!(json_of(&kept("flag=0.5,stalemate=-0.25", "--resume")), fractions);
    assert_eq!(std::fs::read(&state).unwrap(), whole);
    assert!(refusal(&kept("flag=0.75", "--resume")).contains("`rules` was"));

    let whole = json_of(&args("flag=-1"));
    assert!(whole["pentanomial"].is_array() && whole.get("score_as_white").is_none());
    assert_eq!(whole["games"], 8);
}

#[test]
fn payoffs_that_are_none_are_refused_before_anything_is_played() {
    let play = ["match", "zero", "random", "--variant", "gardner", "--rounds", "1"];
    let with = |more: &[&str]| refusal(&[&play[..], more].concat());
    for (payoff, part) in [
        ("stalemate", "ENDING=WORTH was expected"),
        ("patt=1", "`patt` is no ending; checkmate, stalemate"),
        ("stalemate=2", "stalemate = 2: a worth from -1 to 1 was expected"),
        ("count=1", "count = 1 has no effect without count-at-ply"),
        ("count-at-ply=1.5", "a whole number from 1 to 1000 was expected"),
    ] {
        assert!(with(&["--payoff", payoff]).contains(part), "{payoff}");
    }
    let folder = tempfile::tempdir().unwrap();
    let games = folder.path().join("games.pgn");
    let pgn = games.to_str().unwrap();
    let refused = with(&["--payoff", "stalemate=0.5", "--pgn", pgn, "--sprt", "elo0=0", "elo1=10"]);
    assert!(refused.contains("--sprt: SPRT tests counts of wins, draws and losses"), "{refused}");
    assert!(!games.exists(), "nothing was begun");
    let halved = refusal(&["match", "zero@considered=4,nodes=9", "random", "--variant", "gardner"]);
    assert!(halved.contains("`nodes` and `considered` exclude each other"), "{halved}");
}
