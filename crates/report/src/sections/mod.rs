//! The parts of the page, in their order. What they are about, and how many there are, follows from the data.

mod agents;
mod claims;
mod grid;
mod methods;
pub mod overview;
mod played;
pub mod reproduce;
mod rocket;
pub mod shifts;

use maud::{Markup, html};

use crate::text::shortened;
use crate::verdict::first_word;
use crate::view::View;

/// The most figures of one kind that stand under one heading; the numbers of the rest are in the tables.
const MOST_FIGURES: usize = 100;

/// A part of the page that stands in the navigation.
pub struct Part {
    id: String,
    nav: String,
    heading: String,
    /// None if the run does not hold what it shows.
    body: Option<Markup>,
}

impl Part {
    fn new(id: &str, heading: &str, body: Option<Markup>) -> Part {
        Part { id: id.into(), nav: shortened(heading, 36), heading: heading.into(), body }
    }

    pub fn is_shown(&self) -> bool {
        self.body.is_some()
    }

    pub fn heading(&self) -> &str {
        &self.heading
    }

    pub fn link(&self) -> Markup {
        html! { a href=(format!("#{}", self.id)) { (self.nav) } }
    }

    pub fn markup(&self) -> Markup {
        html! { @if let Some(body) = &self.body { section id=(self.id) { h2 { (self.heading) } (body) } } }
    }
}

/// All parts.
pub fn parts(view: &View) -> Vec<Part> {
    let mut all = vec![
        Part::new("claims", "What was claimed, what was found", claims::table(view)),
        Part::new("figures", "Claim by claim", claims::figures(view)),
        Part::new("grid", "Every shift", grid::grid(view)),
        Part::new("dials", "Dials", grid::dials(view)),
        Part::new("goals", "Whose success", grid::quadrants(view)),
    ];
    all.extend(played::sections(view).into_iter().enumerate().map(|(i, section)| {
        let heading = if section.title.is_empty() { "Without a heading" } else { section.title };
        Part::new(&format!("played-{i}"), heading, Some(section.body))
    }));
    all.extend([
        Part::new("rocket", "Outside games: landing a rocket", rocket::rocket(view)),
        Part::new("agents", "Who plays", agents::agents(view)),
        Part::new("shifts", "Shift by shift", shifts::shifts(view)),
        Part::new("methods", "Methods", Some(methods::methods())),
        Part::new("reproduce", "Reproduce and download", Some(reproduce::reproduce(view))),
    ]);
    all
}

/// A verdict as it stands everywhere: its words, coloured by the first of them.
fn tag(words: &str) -> Markup {
    html! { span.tag.(class(words)) { (words) } }
}

/// Class of the style sheet for the words of a verdict.
fn class(words: &str) -> &'static str {
    match first_word(words) {
        "COSTS" | "REFUTED" => "loses",
        "HELPS" | "SUPPORTED" => "gains",
        "EQUIVALENT" => "equal",
        "UNRESOLVED" => "unresolved",
        "INVALID" => "invalid",
        _ => "silent",
    }
}

/// Verdicts counted, in the order of this list: `6 SUPPORTED, 2 without a verdict`.
fn tally<'a>(verdicts: impl Iterator<Item = &'a str>) -> Markup {
    const ORDER: [&str; 8] = ["SUPPORTED", "REFUTED", "COSTS", "HELPS", "EQUIVALENT", "UNRESOLVED", "INVALID", ""];
    let words: Vec<&str> = verdicts.map(first_word).collect();
    let counted =
        ORDER.map(|word| (word, words.iter().filter(|w| **w == word || word.is_empty() && !ORDER.contains(w)).count()));
    html! {
        @for (i, (word, n)) in counted.iter().filter(|(_, n)| *n > 0).enumerate() {
            @if i > 0 { ", " }
            b { (n) } " " (tag(if word.is_empty() { "without a verdict" } else { word }))
        }
    }
}

/// Whether it is what was expected.
fn agrees(word: &str) -> Markup {
    let class = match word {
        "yes" => "gains",
        "no" => "loses",
        _ => "unresolved",
    };
    html! { span.tag.(class) { (if word.is_empty() { "open" } else { word }) } }
}

/// What was left out for want of room.
fn left_out(shown: usize, all: usize, what: &str) -> Markup {
    html! { @if all > shown { p.soft { "Drawn are the first " (shown) " of " (all) " " (what) "; the tables hold all." } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_verdict_is_counted_beside_what_has() {
        let counted = tally(["COSTS", "3 evaluators: no verdict", "NEW", "COSTS"].into_iter()).into_string();
        assert!(counted.contains("<b>2</b> <span class=\"tag loses\">COSTS"), "{counted}");
        assert!(counted.contains("<b>2</b> <span class=\"tag silent\">without a verdict"), "{counted}");
    }
}
