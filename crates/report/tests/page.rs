//! What the page promises, whatever the data.

mod fixture;

use regime::analysis::{ExactNull, ShiftCard, Summary};
use regime::rows::ReplayGame;
use report::{csv, html, markdown, table};

const ATTACK: &str = "<script>alert('x')</script>\"'&<!--</title>";

/// The text of the element that starts with `open`, up to `close`.
fn between<'a>(page: &'a str, open: &str, close: &str) -> &'a str {
    let start = page.find(open).expect("the element is there") + open.len();
    &page[start..start + page[start..].find(close).expect("the element ends")]
}

/// The page without its data.
fn shown(summary: &Summary) -> String {
    let page = html(summary);
    let end = page.find("<script type=\"application/json\"").expect("the data");
    page[..end].to_owned()
}

/// The text of a part of the page: up to the next one.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("<section id=\"{id}\">")).unwrap_or_else(|| panic!("no section {id}"));
    let rest = &page[start + 1..];
    &rest[..rest.find("<section id=").unwrap_or(rest.len())]
}

/// The part under a heading of the suite.
fn under<'a>(page: &'a str, heading: &str) -> &'a str {
    let at = page.find(&format!("<h2>{heading}</h2>")).unwrap_or_else(|| panic!("no heading {heading}"));
    let rest = &page[at..];
    &rest[..rest.find("<section id=").unwrap_or(rest.len())]
}

fn embedded(page: &str) -> Summary {
    let text = between(page, "<script type=\"application/json\" id=\"summary-json\">", "</script>");
    serde_json::from_str(text).expect("the embedded summary parses")
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
fn links_lead_somewhere_and_no_fragment_stands_twice() {
    let page = shown(&fixture::summary(2));
    let attributes = |name: &str| -> Vec<&str> {
        let open = format!(" {name}=\"");
        page.match_indices(&open).map(|(at, _)| between(&page[at..], &open, "\"")).collect()
    };
    let ids = attributes("id");
    let links = attributes("href");
    assert!(links.len() > 50);
    for link in links.iter().filter(|link| !link.starts_with("#piece-")) {
        assert!(ids.contains(&&link[1..]), "{link} leads nowhere");
    }
    for (i, id) in ids.iter().enumerate() {
        assert!(!ids[..i].contains(id), "{id} twice");
    }
    let nav = between(&page, "<nav", "</nav>");
    let linked: Vec<&str> = nav.match_indices("href=\"#").map(|(at, _)| between(&nav[at..], "#", "\"")).collect();
    let parts: Vec<&str> =
        page.match_indices("<section id=\"").map(|(at, _)| between(&page[at..], "\"", "\"")).collect();
    assert_eq!(linked, parts, "the navigation names every part in the order of the page");
}

#[test]
fn embedded_data_is_the_summary() {
    let summary = fixture::summary(3);
    let page = html(&summary);
    assert_eq!(embedded(&page), summary);
    assert_eq!(page, html(&summary), "the same summary gives the same bytes");
    for (i, game) in summary.games.iter().enumerate() {
        assert!(page.contains(&format!("data-game=\"{i}\"")), "{}", game.shift);
    }
}

#[test]
fn every_figure_tells_what_it_shows_to_those_who_cannot_see_it() {
    let page = shown(&fixture::summary(4));
    let figures: Vec<&str> = page.match_indices("<svg").map(|(at, _)| between(&page[at..], "<svg", "</svg>")).collect();
    assert!(figures.len() > 60);
    for figure in figures {
        let hidden = figure.contains("aria-hidden=\"true\"");
        let told = figure.contains("role=\"img\"") && figure.contains("<title>") && !figure.contains("<title></title>");
        assert!(hidden || told, "{}", &figure[..figure.len().min(200)]);
    }
    for table in page.match_indices("<table").map(|(at, _)| between(&page[at..], "<table", "</table>")) {
        assert!(table.contains("scope=\"col\""), "a table without heads");
    }
}

/// Appends something to every text of a JSON value but the names of fields.
fn poison(value: &mut serde_json::Value, path: &str) {
    match value {
        // These are read, not shown: other words would only leave figures out.
        serde_json::Value::String(text) if !["estimator", "measures", "fens", "start_fen"].contains(&path) => {
            text.push_str(ATTACK);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| poison(item, path)),
        serde_json::Value::Object(fields) => fields.iter_mut().for_each(|(key, field)| poison(field, key)),
        _ => {}
    }
}

#[test]
fn strangers_text_is_escaped_everywhere() {
    let summary = fixture::summary(5);
    let plain = html(&summary).matches("<script").count();
    let mut value = serde_json::to_value(&summary).expect("plain data");
    poison(&mut value, "");
    let mut summary: Summary = serde_json::from_value(value).expect("a summary");
    let page = html(&summary);
    assert_eq!(page.matches("<script").count(), plain);
    assert_eq!(page.matches("</script").count(), plain);
    assert!(!page.contains("<!--") && !page.contains("alert('x')</"));
    assert!(page.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
    assert_eq!(embedded(&page), summary);
    for text in [table(&summary), markdown(&summary)] {
        assert!(!text.contains('\u{1b}'));
    }
    assert!(!markdown(&summary).contains("<script"));
    // What cannot be seen is written out in the text, and is in the data what it was.
    let hidden = "a\u{1b}]0;x\u{7}\u{9b}\u{202e}b\u{200b}\u{2066}c";
    summary.findings[0].essay = hidden.into();
    let page = html(&summary);
    assert!(page.contains("a\\u001b]0;x\\u0007\\u009b\\u202eb\\u200b\\u2066c"));
    assert!(!page.contains(|c: char| c != '\n' && c.is_control() || hidden.contains(c) && !c.is_ascii()));
    assert_eq!(embedded(&page).findings[0].essay, hidden);
}

#[test]
fn expected_found_and_agrees_stand_beside_each_other() {
    let summary = fixture::summary(6);
    let page = shown(&summary);
    let claims = section(&page, "claims");
    for finding in &summary.findings {
        let row = between(claims, &format!(">{}</a>", finding.name), "</tr>");
        let places =
            [&finding.essay, &finding.claim, &finding.expects, &finding.verdict].map(|text| row.find(text.as_str()));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}: {places:?}", finding.name);
        assert!(row.contains(&format!(">{}</span>", finding.agrees)), "{}", finding.name);
        for words in [&finding.estimator, &finding.test] {
            assert!(row.contains(words.as_str()), "{}: {words}", finding.name);
        }
    }
    assert!(claims.contains("INVALID: cell `other` has no observations"));
    assert!(claims.contains("12 evaluators: no verdict") && claims.contains("UNRESOLVED, 7.6 would have shown"));
}

#[test]
fn every_kind_of_estimator_has_its_figure() {
    let page = shown(&fixture::summary(7));
    let card = |name: &str| {
        let at = page.find(&format!("<h3>{name}</h3>")).unwrap_or_else(|| panic!("no card {name}"));
        between(&page[at..], "", "</article>").to_owned()
    };
    for (name, marks) in [
        // Dots with intervals, and the weight of each cell.
        ("deficit", &["its cells with 95% intervals", "51.0% × 1", "35.0% × −1"][..]),
        ("deficit-extra", &["its cells with 95% intervals", "<dt>less</dt><dd>0.5<"]),
        ("two-errors", &["four cells", "+ a: 20.0", "− b: 37.0", "− c: 24.0", "+ d: 50.0", ">both<", ">constant<"]),
        ("slope", &["its cells over playouts", "<polyline", "points of score per doubling"]),
        ("turn", &["its cells over playouts", "class=\"guide\"", ">peak<", ">trough<"]),
        ("surface", &["its cells over playouts", "class=\"shade\""]),
        ("arrival", &["its cells over games", "class=\"guide\"", ">threshold<"]),
        ("company", &["a point per shift", "antichess-at-8: surprise"]),
        ("broken-extra", &["its cells with 95% intervals", "not measured"]),
        ("told-extra", &["illegal choices per game"]),
    ] {
        let card = card(name);
        for mark in marks {
            assert!(card.contains(mark), "{name} lacks {mark}");
        }
        let measured = name != "broken-extra";
        assert_eq!(card.contains("the effect with its 95% interval"), measured, "{name}");
        assert_eq!(card.contains("class=\"band\""), measured, "{name}: what would have shown");
    }
    // Two curves and nothing else to shade against, a constant in place of the second curve.
    let mut summary = fixture::summary(7);
    let area = summary.findings.iter_mut().find(|f| f.estimator == "area").expect("an area");
    area.cells.truncate(1);
    assert!(!shown(&summary).contains("class=\"shade\""));
    let area = summary.findings.iter_mut().find(|f| f.estimator == "area").expect("an area");
    area.marks.push(regime::analysis::Mark { name: "less".into(), x: None, y: Some(0.4) });
    assert!(shown(&summary).contains("class=\"shade\""));
}

#[test]
fn an_estimator_that_nobody_knows_still_shows_its_cells() {
    let mut summary = fixture::summary(8);
    summary.findings[0].estimator = "something-new".into();
    let page = shown(&summary);
    assert!(section(&page, "figures").contains("deficit: its cells with 95% intervals"));
}

#[test]
fn every_shift_stands_in_the_grid_sorted_by_cost_in_one_type() {
    let mut summary = fixture::summary(9);
    summary.rows.push(fixture::row("headline", "without-a-card", "frozen", "zero", 100, 0.5, None));
    let page = shown(&summary);
    let grid = section(&page, "grid");
    let body = between(grid, "<tbody>", "</tbody>");
    let rows: Vec<&str> = body.split("</tr>").filter(|row| row.contains("<th")).collect();
    assert_eq!(rows.len(), summary.shifts.len() + 1);
    let costs: Vec<f64> = rows
        .iter()
        .map(|row| {
            let name = summary.grid.iter().find(|g| row.contains(&format!(">{}</a>", g.shift)));
            name.and_then(|g| g.cost).unwrap_or(f64::NEG_INFINITY)
        })
        .collect();
    assert!(costs.windows(2).all(|pair| pair[0] >= pair[1]), "{costs:?}");
    for words in ["INVALID: floor", "3 evaluators: no verdict", "HELPS", "COSTS", "EQUIVALENT", "not measured"] {
        assert!(body.contains(words), "{words}");
    }
    for (row, card) in rows.iter().flat_map(|row| summary.grid.iter().map(move |g| (row, g))) {
        if row.contains(&format!(">{}</a>", card.shift)) {
            assert!(
                row.contains("<td class=\"n\">3</td><td class=\"n\">1</td>"),
                "evaluators and rivals of {}",
                card.shift
            );
        }
    }
    // The figure keeps a row even for shifts without a number.
    assert!(grid.contains("antichess-like: not measured") && grid.contains("bare-rows: not measured"));
}

#[test]
fn no_single_shift_stands_in_the_summary_of_the_page() {
    let summary = fixture::summary(10);
    let page = shown(&summary);
    let minutes = between(&page, "id=\"minutes\"", "</section>");
    for card in summary.shifts.iter().filter(|card| !card.relabelled && card.name != "none") {
        assert!(!minutes.contains(&card.name), "{}", card.name);
    }
    assert!(minutes.contains("10 claims were registered") && minutes.contains("Over 14 shifts"));
}

#[test]
fn what_an_experiment_shows_follows_from_its_cells() {
    let page = shown(&fixture::summary(11));
    let budgets = under(&page, "Over budgets of search");
    assert!(budgets.contains("antichess-like v zero, at equal playouts: score over playouts per move"));
    assert!(budgets.contains("antichess-like v zero, fixed at 100: score over playouts per move"));
    assert!(budgets.contains("own estimate"));
    let updating = under(&page, "Updating");
    assert!(updating.contains("camel-wazir: score over games") && updating.contains("36k"));
    // Points and playouts both vary: curves over either.
    assert!(updating.contains("none: score over hidden units") && updating.contains("none v zero, at equal playouts"));
    assert!(updating.contains("width, 256 hidden units") && updating.contains("width, 256 playouts"));
    let plain = under(&page, "What inheriting costs");
    assert!(!plain.contains("<polyline") && plain.contains("checkmate 62.5%, repetition 26.0%, length 11.5%"));
    assert!(plain.contains("97.3 to 100.0"));
}

#[test]
fn probes_show_estimates_beside_the_truth_and_monitors_delays_over_measured_rates() {
    let page = shown(&fixture::summary(12));
    let regret = under(&page, "Over budgets of search");
    assert!(
        regret.contains("none: mean regret over playouts") && regret.contains("none: estimate and truth over playouts")
    );
    assert!(regret.contains("frozen, truth: 80%"));
    let noticing = under(&page, "Noticing");
    assert!(noticing.contains("share of moves foreseen") && !noticing.contains("estimate and truth"));
    for words in [
        "e-detector: rings falsely in 33.3% of evaluators",
        "antichess-like: measured share of false alarms 33.3%, median games until the alarm 13.",
        "none in 96",
        "cusum heeded 22.2%",
        "the other agent 31%",
    ] {
        assert!(noticing.contains(words), "{words}");
    }
    assert!(!noticing.contains("none: measured share"), "alarms under unchanged rules are the rate, not delays");
}

#[test]
fn dials_and_changes_amid_the_game_have_a_line_per_match() {
    let page = shown(&fixture::summary(13));
    let dials = section(&page, "dials");
    for words in [
        "Cost over checks to win",
        "Cost over antichess-like: ply at which the rules change",
        "frozen v reselected: 34.6 at 1 ",
        "stale-search v reselected: 48.68 at 0 ",
        "5: <a href=\"#shift-10\">check-5</a> +8.0",
    ] {
        assert!(dials.contains(words), "{words}");
    }
}

#[test]
fn successes_by_both_payoffs_are_squares_where_the_payoff_moved() {
    let summary = fixture::summary(14);
    let page = shown(&summary);
    let goals = section(&page, "goals");
    assert_eq!(goals.matches("<svg").count(), 1, "only one shift's payoffs differ");
    for words in ["king-of-the-hill", "7.3%", "the principal alone", "19.3%", "the agent alone", "37 games"] {
        assert!(goals.contains(words), "{words}");
    }
    let mut same = summary;
    same.rows.iter_mut().for_each(|row| (row.quadrants, row.old_score) = ([96, 0, 0, 96], None));
    assert!(!shown(&same).contains("id=\"goals\""));
}

#[test]
fn a_failed_null_is_loud() {
    let mut summary = fixture::summary(15);
    assert!(!html(&summary).contains("class=\"alarm\""));
    summary.exact_nulls = vec![ExactNull { shift: "mirror-relabelled".into(), pairs: 12, held: Some(false) }];
    let page = html(&summary);
    assert!(page.contains("role=\"alert\"") && page.contains("Invalid: an exact null failed."));
    assert!(table(&summary).contains("EXACT NULL FAILED: mirror-relabelled differs from none."));
    summary.exact_nulls[0].pairs = 0;
    assert!(table(&summary).contains("EXACT NULL NOT TESTED: no pair of mirror-relabelled"));
    summary.exact_nulls.clear();
    assert!(html(&summary).contains("No exact null was checked"));
}

/// A part of a summary that may be missing.
type Drop = fn(&mut Summary);

#[test]
fn whatever_is_missing_there_is_a_page() {
    let drops: [(&str, Drop); 12] = [
        ("claims", |s| s.findings.clear()),
        ("grid", |s| s.grid.clear()),
        ("grid's cell", |s| s.run.grid_cell = None),
        ("probes", |s| s.probes.clear()),
        ("monitors", |s| s.monitored.clear()),
        ("rows", |s| s.rows.clear()),
        ("games", |s| s.games.clear()),
        ("rocket", |s| s.rocket = None),
        ("sections", |s| s.sections.clear()),
        ("agents", |s| s.agents.clear()),
        ("shifts", |s| s.shifts.clear()),
        ("nulls", |s| s.exact_nulls.clear()),
    ];
    let mut shrinking = fixture::summary(16);
    for (name, drop) in drops {
        let mut summary = fixture::summary(16);
        drop(&mut summary);
        drop(&mut shrinking);
        for summary in [&summary, &shrinking] {
            let page = shown(summary);
            assert!(page.contains("id=\"methods\"") && page.contains("id=\"reproduce\""), "without {name}");
            assert!(table(summary).ends_with('\n') && markdown(summary).contains("| shift |"), "without {name}");
        }
    }
    let page = shown(&Summary::default());
    assert!(page.contains("Not finished.") && page.contains("No claim was registered."));
    assert!(table(&Summary::default()).contains("No games have been played yet."));
    assert_eq!(csv(&Summary::default()).lines().count(), 1);
}

#[test]
fn an_unfinished_run_says_what_is_still_to_come() {
    let mut summary = fixture::summary(17);
    summary.run.finished = false;
    summary.rows.retain(|row| row.experiment == "headline");
    summary.probes.clear();
    summary.monitored.clear();
    summary.exact_nulls = vec![ExactNull { shift: "mirror-relabelled".into(), pairs: 0, held: None }];
    let page = shown(&summary);
    assert!(page.contains("Not finished.") && !page.contains("class=\"alarm\""));
    assert!(page.contains(", 0 pairs: not yet played"));
    assert!(table(&summary).contains("Exact nulls not yet played: mirror-relabelled.\n"));
    let budgets = under(&page, "Over budgets of search");
    assert!(budgets.contains("<h3>curve</h3>") && budgets.contains("No game has been played yet."));
    assert!(budgets.contains("<h3>regret</h3>") && budgets.contains("Nothing has been asked yet."));
    assert!(under(&page, "Noticing").contains("No game has been watched yet."));
}

#[test]
fn what_no_heading_names_is_shown_all_the_same() {
    let mut summary = fixture::summary(18);
    summary.sections.truncate(1);
    let page = shown(&summary);
    let rest = under(&page, "Without a heading");
    for name in ["curve", "recovery", "regret", "watch"] {
        assert!(rest.contains(&format!("<h3>{name}</h3>")), "{name}");
    }
    assert!(!rest.contains("<h3>headline</h3>"));
}

/// Replaces every number of a JSON value by another where the type allows it.
fn odd(summary: &mut Summary, number: f64) {
    for row in &mut summary.rows {
        (row.material, row.score_low, row.se, row.elo) = (number, number, number, Some(number));
        (row.old_score, row.confidence, row.error) = (Some(number), Some(number), Some(number));
        row.quadrants = [u32::MAX; 4];
        row.endings = vec![("checkmate".into(), u32::MAX), ("flag".into(), u32::MAX)];
    }
    for row in summary.rows.iter_mut().step_by(2) {
        (row.score, row.playouts, row.point) = (number, 0, u32::MAX);
    }
    for f in &mut summary.findings {
        (f.effect, f.low, f.high, f.adjusted, f.detectable) =
            (Some(number), Some(number), None, Some(number), Some(number));
        for point in f.cells.iter_mut().flat_map(|cell| &mut cell.points) {
            (point.x, point.mean, point.low) = (number, number, number);
        }
        f.marks.iter_mut().for_each(|mark| (mark.x, mark.y) = (Some(number), Some(number)));
        f.scatter.iter_mut().for_each(|point| (point.x, point.y) = (number, number));
    }
    for row in &mut summary.grid {
        (row.cost, row.low, row.p, row.detectable) = (Some(number), Some(number), Some(number), Some(number));
    }
    for card in &mut summary.shifts {
        (card.surprise, card.value_correlation) = (Some(number), Some(number));
        (card.dose, card.after_ply) = (Some(("dial".into(), number)), Some(u32::MAX));
    }
    for probe in &mut summary.probes {
        (probe.score, probe.low, probe.estimate, probe.truth) = (number, number, Some(number), Some(number));
    }
    for m in &mut summary.monitored {
        (m.score, m.then, m.evaluators, m.games) = (number, Some(number), 0, 0);
        for d in &mut m.detectors {
            (d.false_alarm_rate, d.heeded, d.games) = (number, Some(number), 0);
        }
    }
    for row in &mut summary.rocket.as_mut().expect("a rocket").rows {
        (row.cost, row.analytic, row.regret) = (number, Some(number), vec![number]);
    }
}

#[test]
fn odd_numbers_are_left_out_without_panic() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 0.0, 7.0, 1e300, f64::MIN_POSITIVE] {
        let mut summary = fixture::summary(19);
        odd(&mut summary, number);
        let page = shown(&summary);
        assert!(page.contains("id=\"methods\"") && !page.contains("NaN") && !page.contains("inf%"), "{number}");
        for attribute in ["\"inf", "\"-inf", " inf", ",inf"] {
            assert!(!page.contains(&format!("{attribute}\"")), "{number}: a coordinate");
        }
        assert!(!table(&summary).is_empty() && csv(&summary).lines().count() == 1 + summary.rows.len());
    }
}

#[test]
fn odd_positions_and_games_are_drawn_without_panic() {
    let mut summary = fixture::summary(20);
    let card = summary.shifts[0].clone();
    for fen in ["", "8/8", "♔/♚ w", "rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1", "99999999999/1", "5[QQ] b"] {
        summary.shifts.push(ShiftCard {
            name: "odd".into(),
            edit: vec![(String::new(), String::new()), ("flagRegion".into(), "é5 * *9999 c3".into())],
            start_fen: fen.into(),
            ..card.clone()
        });
        for count in 0..3 {
            summary.games.push(ReplayGame {
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
}
