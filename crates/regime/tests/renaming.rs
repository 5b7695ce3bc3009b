//! No code outside a suite knows the name of an experiment, an agent, a shift, a role or a claim: under other names the same numbers come out.

mod common;

use common::{play, quick, root, small};
use regime::analysis::Summary;

/// Puts names in quotes in place of others, wherever they stand in quotes.
fn renamed(text: &str, names: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (old, new) in names {
        for quote in ['"', '\''] {
            text = text.replace(&format!("{quote}{old}{quote}"), &format!("{quote}{new}{quote}"));
        }
    }
    text
}

/// Agents and roles of the shipped file that a suite uses, as tables of its own under other names.
fn own_agents(names: &[(&str, &str)]) -> String {
    let tables = regime::suite::shipped_agents().split("\n[[").skip(1).map(|table| format!("[[{table}\n"));
    let wanted = tables.filter(|table| names.iter().any(|(old, _)| table.contains(&format!("\nname = \"{old}\"\n"))));
    wanted.collect()
}

/// The numbers of a summary with the new names turned back, without hashes and texts that contain them.
fn numbers(summary: &Summary, names: &[(&str, &str)]) -> String {
    let mut bare = summary.clone();
    (bare.run.identity, bare.run.claims) = (String::new(), String::new());
    bare.sections.clear();
    bare.agents.clear();
    let mut text = serde_json::to_string_pretty(&bare).unwrap();
    for (old, new) in names {
        text = text.replace(new, old);
    }
    text
}

fn same_under_other_names(text: &str, names: &[(&str, &str)], agents: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let plain = play(text, &folder.path().join("plain"));
    let all: Vec<(&str, &str)> = names.iter().chain(agents).copied().collect();
    // Agents and roles move into the suite, under their new names; dotted keys and tables of files name roles without quotes.
    // A shift may have the name of a word of their tables (`search = "none"`), so only agents are renamed there.
    let mut other = renamed(&(renamed(text, names) + "\n" + &own_agents(agents)), agents);
    for (old, new) in agents {
        other = other
            .replace(&format!("files.{old} ="), &format!("files.{new} ="))
            .replace(&format!("\n{old} = ["), &format!("\n{new} = ["));
    }
    other = format!("evaluators = \"{}\"\n{other}", agents.iter().find(|(old, _)| *old == "inherited").unwrap().1);
    let under_others = play(&other, &folder.path().join("renamed"));
    assert_eq!(numbers(&plain, &[]), numbers(&under_others, &all));
    for (_, new) in names {
        assert!(serde_json::to_string(&under_others).unwrap().contains(new), "{new} is not there");
    }
}

const AGENTS: [(&str, &str); 12] = [
    ("inherited", "role-one"),
    ("frozen", "agent-one"),
    ("zero", "zero"),
    ("reselected", "role-and-agent"),
    ("rollout", "rollout"),
    ("stale-search", "agent-two"),
    ("reselected-stale-search", "agent-three"),
    ("value-flipped", "agent-four"),
    ("conditioned", "role-three"),
    ("policy-only", "agent-five"),
    ("policy-adaptive", "agent-six"),
    ("half-trusted", "agent-seven"),
];

#[test]
fn quick_gives_the_same_numbers_under_other_names() {
    // Fewer games, for time: what is held is a property of names.
    let text = quick()
        .replace("pairs = 50", "pairs = 3")
        .replace("pairs = 40", "pairs = 2")
        .replace("pairs = 12", "pairs = 2");
    let text = text
        .replace("playouts = [100]", "playouts = [16]")
        .replace("64, 256, 1024]", "16]")
        .replace("[1, 4, 16, 16]", "[1, 4, 16]");
    let shifts = [
        ("none", "shift-zero"),
        ("antichess", "shift-one"),
        ("firstcheck", "shift-two"),
        ("hill", "shift-three"),
        ("queencapture", "shift-four"),
        ("camel", "shift-five"),
        ("mirror-raw", "shift-six"),
        ("mirror-relabelled", "shift-seven"),
        ("headline", "experiment-one"),
        ("attribution", "experiment-two"),
        ("curve", "experiment-three"),
        ("curve-fixed", "experiment-four"),
    ];
    let kept: Vec<(&str, &str)> = AGENTS.into_iter().filter(|(old, new)| old != new).take(5).collect();
    same_under_other_names(&text, &shifts, &kept);
}

#[test]
fn claims_give_the_same_numbers_under_other_names() {
    let claims = std::fs::read_to_string(root().join("crates/regime/tests/data/claims_of_small.toml")).unwrap();
    let names = [
        ("none", "shift-zero"),
        ("antichess", "shift-one"),
        ("mirror-raw", "shift-two"),
        ("hill-late", "shift-three"),
        ("headline", "experiment-one"),
        ("parts", "experiment-two"),
        ("regret", "probe-one"),
        ("watched", "monitor-one"),
        ("C1", "claim-one"),
        ("C2", "claim-two"),
        ("C3", "claim-three"),
    ];
    // `regret` is also the name of what a probe measures.
    let text = small().replace("measures = \"regret\"", "measures = 'regret' ") + "\n" + &claims;
    let text = text.replace("measures = 'regret' ", "measures = \"\\u0072egret\"");
    let kept: Vec<(&str, &str)> = AGENTS.into_iter().filter(|(old, new)| old != new).collect();
    same_under_other_names(&text, &names, &kept);
}
