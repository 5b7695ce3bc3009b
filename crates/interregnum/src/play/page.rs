//! The files of the page, all of them inside the program.

use super::http::Answer;

/// What stands in the page where the shapes of men belong.
const SYMBOLS: &str = "<!-- symbols -->";

macro_rules! files {
    ($($name:literal: $kind:literal),* $(,)?) => {
        /// Names, kinds and texts.
        const FILES: &[(&str, &str, &str)] = &[$(($name, $kind, include_str!(concat!("page/", $name)))),*];
    };
}

files![
    "style.css": "text/css",
    "panels.css": "text/css",
    "icon.svg": "image/svg+xml",
    "main.js": "text/javascript",
    "api.js": "text/javascript",
    "board.js": "text/javascript",
    "chart.js": "text/javascript",
    "dom.js": "text/javascript",
    "game.js": "text/javascript",
    "live.js": "text/javascript",
    "minds.js": "text/javascript",
    "opponents.js": "text/javascript",
    "rules.js": "text/javascript",
];

/// The page, or a file that it uses; `None` if there is none of that name.
pub(super) fn file(name: &str) -> Option<Answer> {
    if name.is_empty() {
        let text = include_str!("page/index.html").replacen(SYMBOLS, &report::piece_symbols(), 1);
        return Some(Answer { status: 200, content_type: "text/html", body: text.into_bytes() });
    }
    let (_, content_type, text) = FILES.iter().find(|(known, ..)| *known == name)?;
    Some(Answer { status: 200, content_type, body: text.as_bytes().to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_shapes_of_men_and_nothing_from_outside() {
        let page = String::from_utf8(file("").unwrap().body).unwrap();
        assert!(page.contains("id=\"piece-k\"") && !page.contains(SYMBOLS));
        let all = FILES.iter().map(|(name, _, text)| (*name, *text)).chain([("index.html", page.as_str())]);
        for (name, text) in all {
            let text = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("innerHTML"), "{name}");
        }
        assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("onclick"));
        assert!(file("../mod.rs").is_none() && file("index.html").is_none());
    }
}
