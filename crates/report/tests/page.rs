//! What the page, the table and the spreadsheet promise, whatever the data.

mod fixture;

use regime::results::{GameRecord, RunCard, ShiftCard, Summary};
use report::{csv, html, table};

const ATTACK: &str = "<script>alert('x')</script>\"'&<!--</title>";

/// The text of the element that starts with `open`, up to `close`.
fn between<'a>(page: &'a str, open: &str, close: &str) -> &'a str {
    let start = page.find(open).expect("the element is there") + open.len();
    &page[start..start + page[start..].find(close).expect("the element ends")]
}

fn embedded(page: &str) -> Summary {
    let text = between(page, "<script type=\"application/json\" id=\"summary-json\">", "</script>");
    serde_json::from_str(text).expect("the embedded summary parses")
}

fn empty() -> Summary {
    let text = String::new;
    Summary {
        run: RunCard {
            suite: text(),
            title: text(),
            variant: text(),
            board: (0, 0),
            command: text(),
            version: text(),
            config: text(),
            models: vec![],
            playouts: 0,
            pairs: 0,
            seeds: 0,
        },
        shifts: vec![],
        rows: vec![],
        games: vec![],
        findings: vec![],
        shift_verdicts: vec![],
        probes: vec![],
        monitored: vec![],
        deployments: vec![],
        rocket: None,
        hypotheses: String::new(),
        exact_nulls: vec![],
    }
}

#[test]
fn the_page_fetches_nothing() {
    let page = html(&fixture::summary(1));
    for attribute in [" href=", " src=", " action=", " data="] {
        for (at, _) in page.match_indices(attribute) {
            assert!(page[at + attribute.len()..].starts_with("\"#"), "{}", &page[at..at + 60]);
        }
    }
    for fetch in ["url(", "@import", "fetch(", "XMLHttpRequest", "import(", "http://", "https://"] {
        assert!(!page.contains(fetch), "{fetch}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn embedded_data_is_the_summary() {
    let summary = fixture::summary(2);
    let page = html(&summary);
    assert_eq!(embedded(&page), summary);
    for (i, game) in summary.games.iter().enumerate() {
        assert!(page.contains(&format!("data-game=\"{i}\"")), "{}", game.shift);
    }
}

#[test]
fn strangers_text_is_escaped_everywhere() {
    let mut summary = fixture::summary(3);
    let plain = html(&summary).matches("<script").count();
    summary.run.title = ATTACK.into();
    summary.run.suite = ATTACK.into();
    summary.run.command = ATTACK.into();
    summary.run.models[0] = (ATTACK.into(), ATTACK.into(), ATTACK.into());
    summary.exact_nulls = vec![(ATTACK.into(), false)];
    for shift in &mut summary.shifts {
        shift.hypothesis = ATTACK.into();
        shift.family = ATTACK.into();
        shift.edit.push((ATTACK.into(), ATTACK.into()));
    }
    for game in &mut summary.games {
        game.white = ATTACK.into();
        game.result = ATTACK.into();
        game.moves[0] = ATTACK.into();
    }
    for row in &mut summary.rows {
        row.arm.push_str(ATTACK);
        row.opponent.push_str(ATTACK);
    }
    let page = html(&summary);
    assert_eq!(page.matches("<script").count(), plain);
    assert_eq!(page.matches("</script").count(), plain);
    assert!(!page.contains("<!--") && !page.contains("alert('x')</"));
    assert!(page.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
    assert_eq!(embedded(&page), summary);
}

#[test]
fn every_shift_is_in_the_page_and_in_the_table() {
    let mut summary = fixture::summary(4);
    summary.rows.push(fixture::row("headline", "without-a-card", "frozen", "zero", 100, 0.5, None));
    let (page, text) = (html(&summary), table(&summary));
    let names: Vec<&str> = summary.shifts.iter().map(|s| s.name.as_str()).chain(["without-a-card"]).collect();
    let lines: Vec<&str> = text.lines().filter(|l| names.iter().any(|n| l.starts_with(&format!("{n} ")))).collect();
    assert_eq!(lines.len(), names.len());
    for (line, name) in lines.iter().zip(&names) {
        assert!(line.starts_with(name), "suite order: {text}");
        assert!(between(&page, "id=\"headline\"", "</section>").contains(name));
        assert_eq!(line.chars().count(), lines[0].chars().count(), "aligned: {text}");
    }
    assert_eq!(lines[names.len() - 2].matches("n/a").count(), 5);
    assert!(lines[1].contains("6.7 ±"), "{text}");
    assert!(text.ends_with('\n') && !text.contains(" \n"));
}

#[test]
fn the_table_is_safe_on_a_terminal_and_omits_empty_columns() {
    let mut summary = empty();
    summary.rows.push(fixture::row("headline", "a\u{1b}[31m\nb", "frozen", "zero", 0, 0.25, None));
    let text = table(&summary);
    assert!(!text.contains('\u{1b}') && text.contains("a\\u{1b}[31m\\nb") && text.contains("25.0 ±"));
    assert!(!text.contains("rollout") && !text.contains("stale-search"));
}

#[test]
fn harm_help_and_neither_are_all_told() {
    let page = html(&fixture::summary(5));
    let findings = between(&page, "id=\"findings\"", "</section>");
    for words in ["harmful", "helpful", "not distinguishable from 50%", "not measured", "Exact nulls that repeated"] {
        assert!(findings.contains(words), "{words}");
    }
    assert!(!page.contains("class=\"alarm\""));
}

#[test]
fn a_failed_null_is_loud() {
    let mut summary = fixture::summary(6);
    summary.exact_nulls = vec![("mirror-relabelled".into(), false)];
    let page = html(&summary);
    assert!(page.contains("role=\"alert\"") && page.contains("Invalid: an exact null failed."));
    assert!(table(&summary).contains("EXACT NULL FAILED: mirror-relabelled"));
    summary.exact_nulls.clear();
    assert!(html(&summary).contains("No exact null was checked"));
}

#[test]
fn the_last_cell_of_the_square_is_even_by_construction_unless_it_was_played() {
    let mut summary = fixture::summary(7);
    let section = |s: &Summary| between(&html(s), "id=\"attribution\"", "</section>").to_owned();
    assert!(section(&summary).contains("by construction"));
    // 50 - 37, 50 - 24 and 20 - 24 - 37 + 50 points.
    let page = html(&summary);
    for effect in ["+13.0 ± ", "+26.0 ± ", "+9.0 ± "] {
        assert!(page.contains(effect), "{effect}");
    }
    summary.rows.retain(|r| r.experiment != "attribution" || r.shift != "antichess-like");
    summary.rows.push(fixture::row("attribution", "camel-wazir", "reselected", "reselected", 100, 0.52, None));
    let tables = html(&summary).matches(">by construction<").count();
    assert_eq!(tables, 0);
}

#[test]
fn empty_and_odd_summaries_are_drawn_without_panic() {
    let mut summary = empty();
    assert!(html(&summary).contains("</html>") && !table(&summary).is_empty());
    assert_eq!(csv(&summary).lines().count(), 1);

    for (i, number) in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 7.0, 1e300].into_iter().enumerate() {
        for experiment in ["headline", "curve", "attribution", "unknown"] {
            for arm in ["frozen", "reselected-stale-search", "unheard-of"] {
                let playouts = [0, 1, 100, u32::MAX][i % 4];
                let mut row = fixture::row(experiment, "odd", arm, "reselected", playouts, number, Some(number));
                summary.rows.push(row.clone());
                row.score = 0.4;
                row.elo = Some(number);
                summary.rows.push(row);
            }
        }
    }
    for fen in ["", "8/8", "♔/♚ w", "rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1", "99999999999/1", "5[QQ] b"] {
        summary.shifts.push(ShiftCard {
            name: "odd".into(),
            variant: String::new(),
            family: String::new(),
            hypothesis: String::new(),
            edit: vec![(String::new(), String::new()), ("flagRegion".into(), "é5 * *9999 c3".into())],
            start_fen: fen.into(),
            rules: String::new(),
            relabelled: true,
            value_correlation: Some(f64::NAN),
            surprise: Some(f64::INFINITY),
            dose: Some(("dial".into(), f64::NAN)),
            after_ply: Some(u32::MAX),
        });
        for count in 0..3 {
            summary.games.push(GameRecord {
                shift: "odd".into(),
                white: "frozen".into(),
                black: String::new(),
                playouts: 0,
                fens: vec![fen.into(); count],
                moves: vec!["é".into(), "a1".into()],
                opening_plies: 900,
                estimates: vec![Some(f64::NAN), None, Some(2.0), Some(-1.0)],
                result: "*".into(),
            });
        }
    }
    let page = html(&summary);
    assert!(page.contains("</html>") && !page.contains("NaN"));
    assert!(page.contains("cannot be drawn"));
    assert_eq!(csv(&summary).lines().count(), 1 + summary.rows.len());
    assert!(table(&summary).contains("odd"));
}

#[test]
fn every_cell_is_a_line_of_the_csv() {
    let mut summary = fixture::summary(8);
    summary.rows[0].shift = "with \"quotes\", and commas".into();
    let text = csv(&summary);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header.len(), 21);
    assert!(
        lines.next().unwrap().starts_with("headline,\"with \"\"quotes\"\", and commas\",frozen,zero,100,100,0.991,")
    );
    assert!(lines.all(|l| l.split(',').count() == header.len()));
}
