//! What was claimed and found as Markdown tables, for a README.

use regime::analysis::{Finding, Summary};

use crate::text;
use crate::verdict;
use crate::view::View;

/// A stranger's text as one cell of a table: on one line, and neither a new cell, nor markup, nor a link or picture, wherever that would lead.
fn cell(text: &str) -> String {
    let line = text.replace(['\n', '\r'], " ").replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;");
    let line = line.replace("](", "]\\(").replace("][", "]\\[");
    files::printable(&line).into_owned()
}

/// Words of ours about numbers: no stranger's text.
fn plain(text: &str) -> String {
    text.replace('<', "&lt;")
}

pub fn markdown(summary: &Summary) -> String {
    let view = View::new(summary);
    let mut text = String::from(
        "| name | the essay | claim | expected | found | agrees | effect (interval, unit) | p | units |\n\
         | --- | --- | --- | --- | --- | --- | ---: | ---: | --- |\n",
    );
    for finding in &summary.findings {
        text += &claim(finding);
    }
    text += "\n| shift | family | expected | found | agrees | cost, points of score | p adjusted | evaluators | rivals |\n\
             | --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: |\n";
    for name in view.by_cost() {
        text += &shift(&view, name);
    }
    text
}

fn claim(f: &Finding) -> String {
    let (found, effect) = (verdict::of_claim(f), verdict::effect(f));
    let strangers = [&f.name, &f.essay, &f.claim, &f.expects, &found, &f.agrees, &effect].map(|text| cell(text));
    let numbers = [plain(&text::p(f.adjusted)), cell(&verdict::units(f))];
    format!("| {} | {} |\n", strangers.join(" | "), numbers.join(" | "))
}

fn shift(view: &View, name: &str) -> String {
    let family = view.family(name);
    let Some(row) = view.grid(name) else {
        let expected = view.card(name).map_or("–", |card| &card.expected);
        let strangers = [name, family, expected].map(cell);
        return format!("| {} | not measured | open | – | – | – | – |\n", strangers.join(" | "));
    };
    let strangers = [name, family, &row.expected, &verdict::of_shift(row), &row.agrees].map(cell);
    let numbers =
        [verdict::cost(row), plain(&text::p(row.adjusted)), row.evaluators.to_string(), row.rivals.to_string()];
    format!("| {} | {} |\n", strangers.join(" | "), numbers.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_cell() {
        assert_eq!(cell("a|b"), "a\\|b");
        assert_eq!(cell("a\\|b"), "a\\\\\\|b", "what is escaped already must not be undone");
        assert_eq!(cell("<img onerror=x>\r\n\u{1b}[31m"), "&lt;img onerror=x>  \\u{1b}[31m");
        assert_eq!(cell("![x](javascript:alert(1)) [y][z]"), "![x]\\(javascript:alert(1)) [y]\\[z]");
        assert_eq!(cell("plain, 20 Elo: –"), "plain, 20 Elo: –");
    }
}
