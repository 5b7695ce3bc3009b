//! A suite of five hundred shifts: the page stays bounded, and nothing grows faster than the data.

mod fixture;

use regime::analysis::Summary;
use report::{html, markdown, table};

/// The fixture's shifts again and again, under names of their own, up to a number.
fn of_shifts(wanted: usize) -> Summary {
    let small = fixture::summary(1);
    let mut large = Summary { run: small.run, sections: small.sections, agents: small.agents, ..Summary::default() };
    for (i, card) in small.shifts.iter().cycle().take(wanted).enumerate() {
        let name = format!("{}-{i}", card.name);
        let of = |shift: &str| shift == card.name;
        large.rows.extend(small.rows.iter().filter(|row| of(&row.shift)).cloned().map(|mut row| {
            row.shift.clone_from(&name);
            row
        }));
        large.grid.extend(small.grid.iter().filter(|row| of(&row.shift)).cloned().map(|mut row| {
            row.shift.clone_from(&name);
            row
        }));
        large.probes.extend(small.probes.iter().filter(|cell| of(&cell.shift)).cloned().map(|mut cell| {
            cell.shift.clone_from(&name);
            cell
        }));
        large.monitored.extend(small.monitored.iter().filter(|m| of(&m.shift)).cloned().map(|mut m| {
            m.shift.clone_from(&name);
            m
        }));
        large.games.extend(small.games.iter().filter(|game| of(&game.shift)).cloned().map(|mut game| {
            game.shift.clone_from(&name);
            game
        }));
        let mut card = card.clone();
        card.name = name;
        large.shifts.push(card);
    }
    large
}

#[test]
fn five_hundred_shifts_are_a_page_of_bounded_size() {
    let (half, whole) = (of_shifts(250), of_shifts(500));
    let (small, large) = (html(&half), html(&whole));
    assert!(large.len() < 24 << 20, "{} bytes", large.len());
    let growth = large.len() as f64 / small.len() as f64;
    assert!(growth < 2.2, "twice the shifts make {growth} times the page");
    let data = serde_json::to_string(&whole).expect("plain data").len();
    assert!(large.len() < 8 * data, "{} bytes of {data} of data", large.len());
    // Figures end somewhere, and the page says so; tables do not.
    assert!(large.contains("Drawn are the first 100 of "));
    for card in &whole.shifts {
        assert!(large.contains(&format!(">{}</a>", card.name)), "{}", card.name);
    }
    assert_eq!(table(&whole).lines().filter(|line| line.contains('±')).count(), 1 + whole.grid.len());
    assert_eq!(markdown(&whole).lines().count(), 500 + 5);
}
