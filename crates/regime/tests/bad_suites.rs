//! Suites that make no sense are refused in one sentence: place, table, key, what was found and what is allowed.

mod common;

use common::{Models, prepare, prepare_signed, quick, root, small, tiny};
use regime::{Origin, Stress, Suite};
use rules::Catalog;

/// Changes of a text, one a line: what is found, what it becomes, words of the message. Lines that begin with # are comments.
fn mutations(file: &str) -> Vec<[String; 3]> {
    let text = std::fs::read_to_string(root().join("crates/regime/tests/data").join(file)).unwrap();
    let parts = |line: &str| {
        let parts: Vec<String> = line.split(" => ").map(|part| part.replace("\\n", "\n")).collect();
        parts.try_into().unwrap_or_else(|parts| panic!("three parts in `{line}`: {parts:?}"))
    };
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(parts).collect()
}

fn refusal(text: &str) -> Option<String> {
    Suite::from_toml("quick.toml", text).err().map(|error| error.to_string())
}

#[test]
fn a_hundred_mutations_of_quick_are_refused_in_one_sentence() {
    let quick = quick();
    assert!(refusal(&quick).is_none());
    let all = mutations("mutations_of_quick.txt");
    assert!(all.len() >= 100, "{}", all.len());
    let mut wrong = Vec::new();
    for [found, becomes, words] in &all {
        assert!(quick.contains(found.as_str()), "`{found}` is not in quick.toml");
        let Some(message) = refusal(&quick.replacen(found.as_str(), becomes, 1)) else {
            wrong.push(format!("`{found}` became `{becomes}` and was accepted"));
            continue;
        };
        let one_sentence = message.starts_with("suite quick.toml: ") && !message.contains('\n') && message.len() < 1200;
        let missing = words.split(" & ").chain(["found"]).find(|word| !message.contains(word));
        if !one_sentence || missing.is_some() {
            wrong.push(format!("`{becomes}`: {missing:?} in: {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn claims_whose_verdict_would_mean_nothing_are_refused() {
    let path = root().join("crates/regime/tests/data/claim_that_stands.toml");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(prepare(&text).is_ok(), "{}", prepare(&text).err().unwrap());
    let mut wrong = Vec::new();
    for [found, becomes, words] in mutations("mutations_of_claims.txt") {
        assert!(text.contains(&found), "`{found}` is not there");
        let Err(error) = prepare(&text.replacen(&found, &becomes, 1)) else {
            wrong.push(format!("`{found}` became `{becomes}` and was accepted"));
            continue;
        };
        let message = error.to_string();
        let missing = words.split(" & ").find(|word| !message.contains(word));
        if missing.is_some() || message.contains('\n') {
            wrong.push(format!("`{becomes}`: {missing:?} in: {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_told_like_a_name_is_seen_as_it_is() {
    let small = small();
    for (found, becomes, words) in [
        ("name = \"small\"", "name = \"sm\\u001ball\"", "control characters"),
        ("name = \"small\"", "name = \"sm\\u202eall\"", "direction of writing"),
        ("dial = \"ply\"", "dial = \"p\\u200bly\"", "not seen"),
        ("name = \"parts\"", "name = \"parts\"\nsection = \"pаrts\"", "several scripts"),
        ("name = \"inert\"", "name = \"NONE\"", "looks like `none`"),
        ("name = \"inert\"", "name = \"mirror -raw\"", "looks like `mirror-raw`"),
    ] {
        assert!(small.contains(found), "{found}");
        let message = refusal(&small.replacen(found, becomes, 1)).unwrap_or_else(|| panic!("{becomes} was accepted"));
        assert!(message.contains(words) && files::printable(&message) == message, "{message}");
    }
    let agent = small.clone() + "\n[[agent]]\nname = \"Frozen\"\nlike = \"frozen\"\n";
    let agent = agent.replacen("[\"material\",", "[\"Frozen\",", 1);
    assert!(refusal(&agent).unwrap().contains("looks like `frozen`"));
}

#[test]
fn a_suite_of_more_pairs_than_can_be_read_back_is_refused() {
    let budgets: Vec<String> = (1..=60).map(|playouts| playouts.to_string()).collect();
    let with = |pairs: u32| {
        tiny().replacen(
            "playouts = [4]\npairs = 3",
            &format!("playouts = [{}]\npairs = {pairs}", budgets.join(", ")),
            1,
        )
    };
    assert!(prepare(&with(5000)).is_ok(), "2,400,000 pairs");
    let message = prepare(&with(9000)).err().expect("too many").to_string();
    assert!(message.contains("4320000 rows; at most 4000000"), "{message}");
}

#[test]
fn small_inputs_that_failed_are_refused() {
    for (file, words) in [
        ("base-without-edit.toml", &["base `g3`", "`edit`", "without an edit"][..]),
        ("one-file-twelve-seeds.toml", &["[files]", "`inherited`", "gardner-1.safetensors", "twice"]),
        ("two-names-of-one-file.toml", &["[files]", "`inherited`", "the same weights"]),
        ("conditioned-that-is-blind.toml", &["[files]", "`conditioned`", "does not see the rules"]),
        ("width-that-lies.toml", &["[files]", "`width`", "128 hidden units", "1024"]),
        (
            "rival-of-other-rules.toml",
            &["shift `passage`", "`reselected`", "selected under rules with hash", "asks for"],
        ),
        ("pilot-file.toml", &["primary claim", "gardner-2.safetensors", "pilot"]),
        ("conditioned-without-file.toml", &["experiment `headline`", "`conditioned`", "where_possible"]),
        ("one-evaluator-is-no-null.toml", &["experiment `headline`", "`reselected`", "no file"]),
        ("dose-nan.toml", &["shift `hill`", "`dose`", "NaN", "finite"]),
        ("claim-of-nothing-played.toml", &["claim `C", "`playouts`", "32"]),
        ("claim-too-small.toml", &["claim `C`", "`over`", "3 evaluators", "described"]),
    ] {
        let path = root().join("crates/regime/tests/data/bad_suites").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        // A file whose weights are those of another under another name.
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(root().join("models/gardner-1.safetensors"), folder.path().join("copy.safetensors")).unwrap();
        let models = Models(Some(folder.path().to_owned()));
        let message = match prepare_signed(&text, "s", &models) {
            Ok(_) => panic!("{file} was accepted"),
            Err(error) => error.to_string(),
        };
        for word in words {
            assert!(message.contains(word), "{file}: no `{word}` in: {message}");
        }
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn boards_that_are_too_large_are_named() {
    let text = small().replacen("variant = \"gardner\"", "variant = \"xiangqi\"", 1);
    let message = prepare(&text).err().expect("a refusal").to_string();
    let words =
        "a board of 90 squares and 7 kinds of men was found; suites take at most 64 squares and 16 kinds of men";
    assert!(message.contains("base xiangqi") && message.contains(words), "{message}");
}

#[test]
fn what_is_shipped_is_sound() {
    for suite in ["quick", "standard", "neutral"] {
        let text = std::fs::read_to_string(root().join(format!("crates/interregnum/suites/{suite}.toml"))).unwrap();
        let parsed = Suite::from_toml(suite, &text).unwrap();
        assert_eq!(parsed.name, suite);
        if suite != "neutral" {
            let origin = Origin { source: suite, text: &text, signature: "s", version: "0", command: "" };
            Stress::prepare(origin, &Catalog::builtin(), &Models(None)).unwrap();
        }
    }
    assert!(prepare(&small()).is_ok());
}

#[test]
fn every_shipped_agent_can_be_used_and_changed() {
    let names: Vec<String> = regime::suite::shipped_agents()
        .split("[[agent]]")
        .skip(1)
        .map(|table| table.lines().find_map(|l| l.strip_prefix("name = ")).unwrap().trim_matches('"').to_owned())
        .collect();
    // Those of the first edition, but for the external engine, which a suite describes itself.
    assert_eq!(names.len(), 27, "{names:?}");
    let small = small();
    for name in &names {
        let matched = small.replacen(
            "matches = [\n    [\"frozen\", \"zero\"],",
            &format!("where_possible = true\nmatches = [\n    [\"{name}\", \"zero\"],"),
            1,
        );
        let suite = Suite::from_toml("test.toml", &matched);
        // `zero` against itself and `frozen` against `zero` are matches that stand there already.
        match suite {
            Ok(suite) => assert!(suite.agent(name).is_some_and(|agent| agent.like.is_none())),
            Err(error) => panic!("{name}: {error}"),
        }
        let changed = format!("{small}\n[[agent]]\nname = \"{name}\"\nlike = \"{name}\"\nabout = \"changed\"\n");
        Suite::from_toml("test.toml", &changed).unwrap();
        let doubled = format!("{small}\n[[agent]]\nname = \"{name}\"\nprior = \"uniform\"\nvalue = \"zero\"\n");
        let message = Suite::from_toml("test.toml", &doubled).unwrap_err().to_string();
        assert!(message.contains("shipped with the program") && message.contains("like ="), "{message}");
    }
}
