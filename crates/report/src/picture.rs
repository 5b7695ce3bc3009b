//! One board as a picture that needs no page around it.

use maud::{PreEscaped, html};

use crate::figures::board::{Marks, Placement, draw, squares_of, symbols};

/// What the page's style sheet says of boards, with its light colours written out.
const STYLE: &str = include_str!("picture.css");

/// The position of a FEN as an SVG document, White at the bottom; `None` if the board is no rectangle of letters, walls and gaps. `discs` are
/// lower-case letters whose piece is not the chess piece of that letter: these men are drawn as discs with their letter. `last` is the last
/// move in UCI notation, whose squares are marked; empty for none. Men in hand are left to the caller.
#[must_use]
pub fn board_svg(fen: &str, discs: &str, last: &str) -> Option<String> {
    let placement = Placement::parse(fen)?;
    let marks = Marks { discs, last: squares_of(last), title: fen, ..Marks::default() };
    let drawn = draw(&placement, &marks).into_string();
    // The drawing as a document of its own: a name space, a size on the page, the style and the shapes of men.
    let inside = drawn.strip_prefix("<svg class=\"board\"")?;
    let (attributes, content) = inside.split_once('>')?;
    let width = 45 * placement.files;
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" class=\"board\" width=\"{width}\"{attributes}>"
    );
    let shapes = symbols().into_string();
    let shapes = shapes.split_once("<defs>")?.1.split_once("</defs>")?.0.to_owned();
    let style = html! { style { (PreEscaped(STYLE)) } }.into_string();
    Some(format!("{head}{style}<defs>{shapes}</defs>{content}"))
}

/// The shapes of the six chess men as SVG symbols `piece-k`, `piece-q` and so on, in one element that shows nothing by itself: for pages that draw boards of
/// their own.
#[must_use]
pub fn piece_symbols() -> String {
    symbols().into_string()
}

#[cfg(test)]
mod tests {
    use super::board_svg;

    #[test]
    fn a_picture_is_one_document_with_all_men() {
        let svg = board_svg("rnbqk/ppppp/1P3/P1PPP/RNBQK b - - 0 1", "n", "b2b3").unwrap();
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>"));
        assert_eq!(svg.matches("<svg").count(), 1);
        assert_eq!(svg.matches("href=\"#piece-").count(), 18);
        assert_eq!(svg.matches("disc").count() - svg.matches(".disc").count() - svg.matches("data-discs").count(), 2);
        assert_eq!(board_svg("8/7", "", ""), None);
        let hostile = board_svg("5/5/5/5/5 <script>", "", "").unwrap();
        assert!(!hostile.contains("<script>"));
    }
}
