//! Payoffs that move a goal while every legal move stays the same, and agents that are described by data alone.

mod common;

use common::{play, prepare, tiny};
use regime::analysis::Run;
use regime::rows::PairRow;

fn rows(text: &str) -> Vec<PairRow> {
    let folder = tempfile::tempdir().unwrap();
    prepare(text).unwrap().run(folder.path(), false, &|_| {}).unwrap();
    Run::read(folder.path()).unwrap().pairs().to_vec()
}

/// The tiny suite with agents that need no file of a shift, so that payoffs can be tried without selecting anything anew.
fn with_payoffs(before: &str, shifts: &str) -> String {
    let text = tiny().replace(r#"["frozen", "reselected"]"#, r#"["random", "zero"], ["stale-search", "zero"]"#);
    let text = text.replace("families =", &format!("{before}\nfamilies ="));
    let (head, _) = text.split_once("[[shift]]\nname = \"hill\"").unwrap();
    head.replace("pairs = 3", "pairs = 6") + shifts
}

const DIAL: &str = r#"
[[shift]]
name = "half"
family = "goal"
hypothesis = "The hill is worth half a win."
payoff = { flag = 0.5 }
dose = { dial = "worth of the hill", level = 0.5 }

[[shift]]
name = "turned"
family = "goal"
hypothesis = "Who reaches the hill loses."
payoff = { flag = -1 }
dose = { dial = "worth of the hill", level = -1 }
"#;

#[test]
fn a_payoff_changes_what_games_are_worth_and_nothing_else() {
    let hill = r#"
variant = "hill"
[[base]]
variant = "hill"
of = "gardner"
edit = { flagPiece = "k", flagRegion = "c3" }
files.inherited = ["gardner-hill-1.safetensors", "gardner-hill-13.safetensors"]
"#;
    // The hill is the game before the change: every shift is a shift of that base.
    let shifts = DIAL.replace("family = ", "variant = \"hill\"\nfamily = ");
    let base = hill.split_once("[[base]]").unwrap().1;
    let unchanged = "\n[[shift]]\nname = \"hill\"\nvariant = \"hill\"\nfamily = \"none\"\nhypothesis = \"Nothing.\"\n";
    let text = with_payoffs("", &(unchanged.to_owned() + &shifts)) + "\n[[base]]" + base;
    let rows = rows(&text);
    let of = |shift: &str, agent: &str| -> Vec<&PairRow> {
        rows.iter().filter(|row| row.shift == shift && row.agent == agent).collect()
    };
    let flags = |rows: &[&PairRow]| rows.iter().flat_map(|row| &row.endings).filter(|ending| *ending == "flag").count();
    // Random movers and searchers that know the payoff meet the hill often enough for this to be a test.
    let (plain, half, turned) = (of("hill", "random"), of("half", "random"), of("turned", "random"));
    assert!(flags(&plain) > 0 && flags(&turned) + flags(&half) > 0, "{plain:?}");
    for row in of("half", "random").into_iter().chain(of("turned", "random")).chain(of("turned", "frozen")) {
        for game in 0..2 {
            let factor = match (row.endings[game].as_str(), row.shift.as_str()) {
                ("flag", "half") => 0.5,
                ("flag", _) => -1.0,
                _ => 1.0,
            };
            let old = row.old_worth[game].expect("the old rules know every ending");
            assert_eq!(row.worth[game], factor * old, "{row:?}");
        }
        assert!((row.score - row.score_of_worths()).abs() < 1e-12);
    }
    // Whoever believes in the old payoff plays as if nothing had changed; whoever knows the new one does not.
    let moves = |rows: &[&PairRow]| -> Vec<([String; 2], [u32; 2])> {
        rows.iter().map(|r| (r.endings.clone(), r.plies)).collect()
    };
    assert_ne!(moves(&of("hill", "frozen")), moves(&of("turned", "frozen")));
    let hashes: std::collections::BTreeSet<&str> =
        rows.iter().filter(|r| r.shift != "unchanged").map(|r| r.rules.as_str()).collect();
    assert_eq!(hashes.len(), 3, "each payoff is a game of its own");
    let stale = of("turned", "stale-search");
    assert!(
        stale.iter().all(|row| row.search_rules == plain[0].rules && row.rules != plain[0].rules && row.illegal == 0)
    );
}

#[test]
fn games_can_end_by_the_number_of_men() {
    // No evaluator was selected under such rules: the suite states under which.
    let text = with_payoffs("", "")
        + r#"
[[base]]
variant = "counted"
of = "gardner"
payoff = { count-at-ply = 12 }
files.inherited = { files = ["gardner-{1..2}.safetensors"], selected_under = "unchanged" }

[[shift]]
name = "counted"
variant = "counted"
family = "none"
hypothesis = "Nothing."
only = ["matches"]

[[shift]]
name = "fewer"
variant = "counted"
family = "goal"
hypothesis = "Fewer men win."
payoff = { count = -1 }
only = ["matches"]
"#;
    let rows = rows(&text);
    let rows: Vec<PairRow> = rows.into_iter().filter(|row| row.shift != "unchanged").collect();
    assert!(rows.iter().all(|row| row.plies.iter().all(|plies| *plies <= 12)));
    let counted = rows.iter().filter(|row| row.shift == "fewer").flat_map(|row| (0..2).map(move |i| (row, i)));
    let mut decided = 0;
    for (row, i) in counted.filter(|(row, i)| row.endings[*i] == "count") {
        assert_eq!(Some(-row.worth[i]), row.old_worth[i].map(|old| old + 0.0), "{row:?}");
        decided += usize::from(row.worth[i] != 0.0);
    }
    assert!(decided > 0);
}

#[test]
fn old_rules_that_know_no_such_ending_say_nothing_of_it() {
    let text = tiny().replace("playouts = [4]\npairs = 3", "playouts = [16]\npairs = 8");
    let rows = rows(&text);
    let hill: Vec<&PairRow> = rows.iter().filter(|row| row.shift == "hill").collect();
    let flags = hill.iter().flat_map(|row| (0..2).filter(|i| row.endings[*i] == "flag").map(|i| row.old_worth[i]));
    let flags: Vec<Option<f32>> = flags.collect();
    assert!(!flags.is_empty() && flags.iter().all(Option::is_none));
    assert!(
        hill.iter()
            .flat_map(|row| (0..2).map(|i| (row.endings[i].as_str(), row.old_worth[i])))
            .all(|(e, w)| e == "flag" || w.is_some())
    );
}

const AGENTS: &str = r#"
[[agent]]
name = "one source by its parts"
prior = [{ of = "inherited", weight = 0.5 }, { of = "inherited", weight = 0.5, sees = "old" }]
value = [{ of = "inherited", weight = 0.5 }, { of = "inherited", weight = 0.5, sees = "old" }]

[[agent]]
name = "weighs"
prior = "inherited"
value = "inherited"
reconsiders = { hedge = { over = [{ of = "inherited" }, { of = "zero" }, { of = "inherited", flipped = true }], rate = 4 } }

[[agent]]
name = "weighs by results"
like = "weighs"
reconsiders = { hedge = { over = [{ of = "inherited" }, { of = "zero" }, { of = "inherited", flipped = true }], rate = 4, learns_from = "results" } }

[[agent]]
name = "looks at every reply"
like = "frozen"
search = "alphabeta"

[[agent]]
name = "gives up"
like = "frozen"
reconsiders = { alarm = { detector = "cusum", then = "random" } }

[[agent]]
name = "believes the hill"
like = "frozen"
believes = "hill"
"#;

#[test]
fn agents_play_as_their_descriptions_say() {
    let matches = r#"["frozen", "zero"], ["one source by its parts", "zero"], ["weighs", "zero"], ["weighs by results", "zero"], ["looks at every reply", "zero"], ["gives up", "zero"], ["believes the hill", "zero"], ["stale-search", "zero"], ["random", "zero"]"#;
    let text = tiny().replace(r#"["frozen", "zero"], ["frozen", "reselected"]"#, matches);
    let text = text.replace("playouts = [4]\npairs = 3", "playouts = [4, 16]\npairs = 4");
    let rows = rows(&(text + AGENTS));
    let games = |shift: &str, agent: &str| -> Vec<(u32, [u32; 2], [String; 2])> {
        let own = rows.iter().filter(|row| row.shift == shift && row.agent == agent);
        own.map(|row| (row.pair, row.plies, row.results.clone())).collect()
    };
    let mut rang = 0;
    for shift in ["unchanged", "hill"] {
        assert_eq!(games(shift, "frozen"), games(shift, "one source by its parts"), "a source is the sum of its parts");
        assert_ne!(games(shift, "frozen"), games(shift, "weighs"));
        assert_ne!(games(shift, "frozen"), games(shift, "looks at every reply"));
        let [within, across] = ["weighs", "weighs by results"].map(|agent| games(shift, agent));
        assert_ne!(within, across, "what was learned in earlier games shows");
        // After an alarm the games of an evaluator are those of the other agent.
        let [before, after, own] = ["frozen", "random", "gives up"].map(|agent| games(shift, agent));
        let switches = own.chunks(4).zip(before.chunks(4).zip(after.chunks(4))).map(|(own, (before, after))| {
            let switch = own.iter().zip(before).take_while(|(a, b)| a == b).count();
            assert_eq!(own[switch..], after[switch..], "{shift}");
            switch
        });
        rang += switches.filter(|switch| *switch < 4).count();
    }
    assert!(rang > 0, "a detector that saw eight games rings sooner or later");
    assert_eq!(games("hill", "frozen"), games("hill", "believes the hill"), "what is true is believed");
    assert_ne!(games("hill", "frozen"), games("hill", "stale-search"));
    let believer = rows.iter().find(|row| row.shift == "unchanged" && row.agent == "believes the hill").unwrap();
    let hill = rows.iter().find(|row| row.shift == "hill").unwrap();
    assert_eq!(believer.search_rules, hill.rules);
}

#[test]
fn games_that_depend_on_earlier_ones_are_equal_for_any_number_of_threads() {
    let text = tiny().replace(r#"["frozen", "zero"], ["frozen", "reselected"]"#, r#"["weighs by results", "zero"]"#);
    let text = text.replace("pairs = 3", "pairs = 6") + AGENTS;
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| rows(&text))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn what_nothing_uses_is_checked_as_well() {
    let refused = |agents: &str| prepare(&(tiny() + AGENTS + agents)).err().unwrap().to_string();
    let circle = "[[agent]]\nname = \"A\"\nlike = \"frozen\"\nreconsiders = { alarm = { detector = \"cusum\", then = \"B\" } }\n\
                  [[agent]]\nname = \"B\"\nlike = \"frozen\"\nreconsiders = { alarm = { detector = \"cusum\", then = \"A\" } }\n";
    let said = refused(circle);
    assert!(said.contains("agent `A`, key `reconsiders`: found then = `B`, which has an alarm itself"), "{said}");
    let nan = "[[agent]]\nname = \"A\"\nlike = \"weighs\"\nreconsiders = { hedge = { over = [{ of = \"zero\" }, { of = \"material\" }], rate = nan } }\n";
    assert!(refused(nan).contains("rate NaN"));
    let weights = "[[agent]]\nname = \"A\"\nprior = \"uniform\"\nvalue = [{ of = \"zero\", weight = 0.4 }, { of = \"material\", weight = 0.4 }]\n";
    assert!(refused(weights).contains("weights must sum to 1"));
    for name in ["a\\nb", " a", "a\\u001b[2J"] {
        let said = refused(&format!("[[agent]]\nname = \"{name}\"\nlike = \"zero\"\n"));
        assert!(said.contains("one line without spaces at its ends"), "{said}");
    }
}

#[test]
fn a_search_with_a_table_of_positions_is_no_exact_null() {
    let text = tiny().replace(r#"["frozen", "reselected"]"#, r#"["looks at every reply", "zero"]"#) + AGENTS;
    let mirror = "[[shift]]\nname = \"turned round\"\nfamily = \"placebo\"\nhypothesis = \"Nothing changes.\"\nedit = { startFen = \"kbnrq/ppppp/5/PPPPP/KBNRQ w - - 0 1\" }\nmirrored = true\nrelabelled = true\n";
    let text = text.replace("families = [", "families = [\"placebo\", ") + mirror;
    let refused = prepare(&text).err().unwrap().to_string();
    assert!(
        refused.contains("`looks at every reply`, which searches by `alphabeta`, under `turned round`"),
        "{refused}"
    );
}

#[test]
fn an_alarm_does_not_go_with_memory() {
    let text = |then: &str, opponent: &str| {
        let text = tiny().replace(r#"["frozen", "reselected"]"#, &format!(r#"["gives up", "{opponent}"]"#));
        text + &AGENTS.replace(r#"then = "random""#, &format!(r#"then = "{then}""#))
    };
    assert!(prepare(&text("random", "weighs")).is_ok());
    for (then, opponent) in [("weighs by results", "zero"), ("random", "weighs by results")] {
        let refused = prepare(&text(then, opponent)).err().unwrap().to_string();
        assert!(refused.contains("`gives up`") && refused.contains("with `weighs by results`"), "{refused}");
    }
}

#[test]
fn every_evaluator_can_meet_several_rivals() {
    let text = tiny().replace("pairs = 3", "pairs = 2\nrivals = 2").replace(
        r#"files.reselected = ["gardner-hill-1.safetensors"]"#,
        r#"files.reselected = ["gardner-hill-1.safetensors", "gardner-hill-13.safetensors", "gardner-hill-14.safetensors"]"#,
    );
    let folder = tempfile::tempdir().unwrap();
    let summary = play(&text, folder.path());
    let run = Run::read(folder.path()).unwrap();
    let met: Vec<(u32, u32)> = run
        .pairs()
        .iter()
        .filter(|row| row.shift == "hill" && row.opponent == "reselected" && row.pair == 0)
        .map(|row| (row.evaluator, row.rival))
        .collect();
    assert_eq!(met, [(0, 0), (0, 1), (1, 1), (1, 2)]);
    let cell = summary.rows.iter().find(|row| row.shift == "hill" && row.opponent == "reselected").unwrap();
    assert_eq!((cell.seeds, cell.rivals, cell.pairs), (2, 3, 8));
}
