//! What the plain-text table, the Markdown and the spreadsheet promise.

mod fixture;

use regime::analysis::{ExactNull, Section, ShiftCard, Summary};
use report::{csv, markdown, table};

/// The table of the suite `quick` as the project's README shows it.
fn shown_by_the_readme() -> String {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).expect("the README");
    let (_, rest) = readme.split_once("<!-- table of `stress quick`").expect("the marker of the table");
    let (_, rest) = rest.split_once("```text\n").expect("the table");
    rest.split_once("```").expect("the end of the table").0.to_owned()
}

/// A summary that holds the numbers of a printed table, and what the suite that made them plays besides.
fn read_back(text: &str) -> Summary {
    let card = fixture::summary(1).shifts.remove(0);
    let lines: Vec<&str> = text.lines().collect();
    let agents: Vec<&str> = lines[2].split_whitespace().skip(1).collect();
    let opponents: Vec<&str> = lines[3].split_whitespace().filter(|word| *word != "v").collect();
    assert_eq!(agents.len(), opponents.len());
    let mut summary = Summary { sections: fixture::summary(1).sections, ..Summary::default() };
    for line in lines[4..].iter().take_while(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let name = words.next().expect("a name");
        let numbers: Vec<f64> =
            words.filter(|w| *w != "±").map(|w| w.parse::<f64>().expect("a number") / 100.0).collect();
        let unchanged = summary.shifts.is_empty();
        summary.shifts.push(ShiftCard { name: name.into(), unchanged, ..card.clone() });
        for ((agent, opponent), cell) in agents.iter().zip(&opponents).zip(numbers.chunks(2)) {
            let mut row = fixture::row("headline", name, agent, opponent, 100, cell[0], None);
            row.score_high = (cell[0] + cell[1]).min(1.0);
            row.score_low = (row.score_high - 2.0 * cell[1]).max(0.0);
            row.score_high = row.score_low + 2.0 * cell[1];
            summary.rows.push(row.clone());
            row.playouts = 1000;
            summary.rows.push(row);
        }
    }
    let null = lines.last().and_then(|line| line.rsplit_once(": ")).expect("the nulls").1.trim_end_matches('.');
    summary.exact_nulls.push(ExactNull { shift: null.into(), pairs: 150, held: Some(true) });
    summary.rows.push(fixture::row("curve", "antichess", "frozen", "zero", 100, 0.5, None));
    summary
}

#[test]
fn the_table_is_the_one_that_the_readme_shows() {
    let text = shown_by_the_readme();
    assert_eq!(table(&read_back(&text)), text);
}

#[test]
fn the_table_follows_the_first_experiment_and_its_first_number_of_playouts() {
    let mut summary = fixture::summary(2);
    summary.rows.push(fixture::row("headline", "without-a-card", "frozen", "zero", 100, 0.5, None));
    summary.rows.push(fixture::row("headline", "none", "zero", "frozen", 400, 0.123, None));
    let text = table(&summary);
    let names: Vec<&str> = summary.shifts.iter().map(|s| s.name.as_str()).chain(["without-a-card"]).collect();
    let lines: Vec<&str> = text.lines().filter(|l| names.iter().any(|n| l.starts_with(&format!("{n} ")))).collect();
    assert_eq!(lines.len(), names.len());
    for (line, name) in lines.iter().zip(&names) {
        assert!(line.starts_with(name), "suite order: {text}");
        assert_eq!(line.chars().count(), lines[0].chars().count(), "aligned: {text}");
    }
    assert_eq!(lines[names.len() - 2].matches("n/a").count(), 5);
    assert!(lines[1].contains("6.7 ±") && !text.contains("12.3"), "{text}");
    assert!(text.ends_with('\n') && !text.contains(" \n"));

    let curve =
        Section { title: "First".into(), experiments: vec!["curve-fixed".into()], ..summary.sections[3].clone() };
    summary.sections.insert(0, curve);
    let text = table(&summary);
    assert!(text.starts_with("Score in % at 1 playout per move against 100, ±"), "{text}");
    assert!(text.contains("v zero   v reselected\n"), "{text}");
    assert!(text.contains("antichess-like        40.7 ±"), "{text}");
}

#[test]
fn points_of_a_curve_have_columns_of_their_own() {
    let mut summary = fixture::summary(3);
    summary.sections[0].experiments = vec!["recovery".into()];
    let text = table(&summary);
    assert!(text.contains("snapshot, 1500   finetuned, 1500"), "{text}");
}

#[test]
fn the_table_is_safe_on_a_terminal() {
    let rows = vec![fixture::row("headline", "a\u{1b}[31m\nb", "frozen\u{7}", "zero", 0, 0.25, None)];
    let text = table(&Summary { rows, ..Summary::default() });
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'));
    assert!(text.contains("a\\u{1b}[31m\\nb") && text.contains("25.0 ±"));
}

#[test]
fn nulls_are_told_beside_the_rules_that_they_repeat() {
    let mut summary = fixture::summary(4);
    let mut other = summary.shifts[0].clone();
    (other.name, other.variant) = ("none-of-chess".into(), "chess".into());
    let mut placebo = summary.shifts[6].clone();
    (placebo.name, placebo.variant) = ("mirror-of-chess".into(), "chess".into());
    summary.shifts.extend([other, placebo]);
    summary.exact_nulls.push(ExactNull { shift: "mirror-of-chess".into(), pairs: 3, held: Some(true) });
    let text = table(&summary);
    assert!(text.contains("Exact nulls identical to none, pair by pair: mirror-relabelled.\n"), "{text}");
    assert!(text.contains("Exact nulls identical to none-of-chess, pair by pair: mirror-of-chess.\n"), "{text}");
}

#[test]
fn no_name_is_a_formula_or_a_link() {
    let names = ["=HYPERLINK(\"http://x\",\"y\")", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"];
    let row = |name: &&str| fixture::row("headline", name, "frozen", "a\u{1b}\u{202e}", 0, 0.25, None);
    let text = csv(&Summary { rows: names.iter().map(row).collect(), ..Summary::default() });
    let told: Vec<&str> = text.lines().skip(1).map(|line| line.strip_prefix("headline,").unwrap()).collect();
    assert!(told[0].starts_with("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\","), "{}", told[0]);
    for (line, start) in told[1..].iter().zip(["'+1,", "'-1,", "'@SUM(1),", "\\t=1,", "\\r=1,"]) {
        assert!(line.starts_with(start) && line.contains(",a\\u{1b}\\u{202e},"), "{line}");
    }
    let mut summary = fixture::summary(6);
    summary.findings[0].essay = "[x](javascript:alert(1)) ![y](data:text/html,z) [z][1]".into();
    let text = markdown(&summary);
    assert!(!text.contains("](") && !text.contains("]["), "{text}");
}

#[test]
fn markdown_is_two_tables_whose_rows_all_have_the_same_number_of_cells() {
    let mut summary = fixture::summary(5);
    summary.findings[0].essay = "a|b\\|c\n<img src=x>".into();
    summary.shifts[1].family = "goal|es".into();
    let text = markdown(&summary);
    let (claims, shifts) = text.split_once("\n\n").expect("two tables");
    let cells = |line: &str| {
        let plain = line.replace("\\\\", "").replace("\\|", "");
        plain.matches('|').count() - 1
    };
    for (table, rows, columns) in [(claims, summary.findings.len(), 9), (shifts, summary.shifts.len(), 9)] {
        assert_eq!(table.lines().count(), rows + 2, "{table}");
        assert!(
            table.lines().all(|line| line.starts_with("| ") && line.ends_with(" |") && cells(line) == columns),
            "{table}"
        );
    }
    assert!(claims.starts_with(
        "| name | the essay | claim | expected | found | agrees | effect (interval, unit) | p | units |\n"
    ));
    assert!(shifts.starts_with(
        "| shift | family | expected | found | agrees | cost, points of score | p adjusted | evaluators | rivals |\n"
    ));
    assert!(!text.contains("<img"));
    for line in [
        "| positive | SUPPORTED | yes | +16.4 (+12.3 to +20.5) points of score | 0.027 | 12 evaluators, 31 shifts |\n",
        "| positive | 12 evaluators: no verdict | open | −250 (−312 to −188) games | 0.027 | 12 evaluators, 31 shifts |\n",
        "| camel-wazir | dynamics | unknown | 3 evaluators: no verdict | open | +16.6 (+9.1 to +24.1) | 0.012 | 3 | 1 |\n",
        "| bare-rows | dynamics | unknown | not measured | open | – | – | – | – |\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
}

#[test]
fn every_cell_is_a_line_of_the_csv() {
    let mut summary = fixture::summary(6);
    summary.rows[0].shift = "with \"quotes\", and commas".into();
    let text = csv(&summary);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    assert_eq!(header.len(), 27);
    assert!(
        lines
            .next()
            .expect("a line")
            .starts_with("headline,\"with \"\"quotes\"\", and commas\",frozen,zero,100,100,0,0.991,")
    );
    assert!(lines.all(|l| l.split(',').count() == header.len()));
}
