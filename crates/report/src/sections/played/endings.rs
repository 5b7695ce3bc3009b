//! How games ended.

use std::collections::BTreeMap;

use maud::{Markup, html};
use regime::analysis::SummaryRow;

use crate::figures::{Share, share_key, shares};
use crate::text::percent;
use crate::view::{View, unique};

/// Games by ending, most frequent first; of equal numbers the first in the alphabet.
fn counted<'a>(rows: impl Iterator<Item = &'a SummaryRow>) -> Vec<(&'a str, u32)> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for (name, n) in rows.flat_map(|row| &row.endings) {
        let count = counts.entry(name).or_default();
        *count = count.saturating_add(*n);
    }
    let mut counts: Vec<(&str, u32)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}

/// Endings in words: `checkmate 62.0%, stalemate 38.0%`.
fn words(counts: &[(&str, u32)]) -> String {
    let all = f64::from(counts.iter().fold(0u32, |sum, (_, n)| sum.saturating_add(*n)).max(1));
    counts.iter().map(|(name, n)| format!("{name} {}%", percent(f64::from(*n) / all))).collect::<Vec<_>>().join(", ")
}

/// A bar per shift behind a click; nothing if no ending is known.
pub fn endings(view: &View, rows: &[&SummaryRow]) -> Markup {
    let order = counted(rows.iter().copied());
    let number: BTreeMap<&str, usize> = order.iter().enumerate().map(|(i, (name, _))| (*name, i)).collect();
    let mut by_shift: BTreeMap<&str, Vec<&SummaryRow>> = BTreeMap::new();
    rows.iter().for_each(|row| by_shift.entry(&row.shift).or_default().push(row));
    html! { @if !order.is_empty() { details {
        summary { "How the games ended" }
        p.legend { @for (i, (name, _)) in order.iter().enumerate() { (share_key(i, name)) " " } }
        div.scroll.tall tabindex="0" role="region" aria-label="Endings" {
            table {
                thead { tr { th scope="col" { "shift" } th scope="col" { "share of the games" } th scope="col" { "in words" } } }
                tbody { @for shift in unique(rows.iter().map(|row| row.shift.as_str())) {
                    @let counts = counted(by_shift[shift].iter().copied());
                    tr {
                        th scope="row" { (view.link(shift)) }
                        td { @if let Some(bar) = bar(shift, &counts, |name| number[name]) { (bar) } }
                        td.text { (words(&counts)) }
                    }
                } }
            }
        }
    } } }
}

fn bar(shift: &str, counts: &[(&str, u32)], number: impl Fn(&str) -> usize) -> Option<Markup> {
    let parts: Vec<Share> =
        counts.iter().map(|(name, count)| Share { name, count: *count, number: number(name) }).collect();
    shares(&format!("{shift}, how games ended: {}", words(counts)), &parts)
}

/// The games of one shift, in one line.
pub fn of_shift(shift: &str, rows: &[&SummaryRow]) -> Option<Markup> {
    let counts = counted(rows.iter().copied());
    let number = |name: &str| counts.iter().position(|(other, _)| *other == name).unwrap_or(0);
    let bar = bar(shift, &counts, number)?;
    Some(html! { (bar) " " (words(&counts)) })
}
