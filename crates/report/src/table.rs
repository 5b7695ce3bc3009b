//! The plain-text table of the headline comparisons.

use files::printable;

use crate::view::{View, arm, percent};

/// Arm and opponent of each column.
const COLUMNS: [(&str, &str); 7] = [
    (arm::FROZEN, arm::ZERO),
    (arm::FROZEN, arm::RESELECTED),
    (arm::FROZEN, arm::ROLLOUT),
    (arm::STALE, arm::RESELECTED),
    (arm::RESELECTED, arm::ZERO),
    (arm::FROZEN, arm::ENGINE),
    (arm::RESELECTED, arm::ENGINE),
];

pub fn table(view: &View) -> String {
    let names = view.names();
    let mut columns: Vec<Vec<String>> = vec![
        ["shift".to_owned(), String::new()]
            .into_iter()
            .chain(names.iter().map(|n| printable(n).into_owned()))
            .collect(),
    ];
    for (arm, opponent) in COLUMNS {
        let cells: Vec<Option<String>> = names
            .iter()
            .map(|name| {
                let cell = view.headline(name, arm, opponent)?;
                Some(format!("{:>5} ± {:>4}", percent(cell.score), percent((cell.high - cell.low) / 2.0)))
            })
            .collect();
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "n/a".into()));
            columns.push([arm.to_owned(), format!("v {opponent}")].into_iter().chain(cells).collect());
        }
    }

    let mut out = format!(
        "Score in % at {} playouts per move, ± half the width of the 95% interval; 50 is equal strength.\n\n",
        view.summary.run.playouts
    );
    let widths: Vec<usize> =
        columns.iter().map(|c| c.iter().map(|text| text.chars().count()).max().unwrap_or(0)).collect();
    for line in 0..names.len() + 2 {
        let mut text = String::new();
        for (i, (column, width)) in columns.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width - column[line].chars().count());
            if i == 0 {
                text.push_str(&column[line]);
                text.push_str(&padding);
            } else {
                text.push_str("   ");
                text.push_str(&padding);
                text.push_str(&column[line]);
            }
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    if let Some(nulls) = nulls(view) {
        out.push('\n');
        out.push_str(&nulls);
        out.push('\n');
    }
    out
}

fn nulls(view: &View) -> Option<String> {
    let with = |held: bool| {
        let names: Vec<String> = view
            .summary
            .exact_nulls
            .iter()
            .filter(|(_, h)| *h == held)
            .map(|(name, _)| printable(name).into_owned())
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    match (with(true), with(false)) {
        (_, Some(failed)) => {
            Some(format!("EXACT NULL FAILED: {failed} differs from none. Do not trust any number above."))
        }
        (Some(held), None) => Some(format!("Exact nulls identical to none, pair by pair: {held}.")),
        (None, None) => None,
    }
}
