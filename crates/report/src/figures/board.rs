//! Boards: a lenient reader of FEN placements, and their drawing.
//!
//! The reader knows no rules: it takes any rectangular placement that a page can show, and refuses the rest.

use maud::{Markup, PreEscaped, html};

/// Shapes of the six chess pieces, as SVG symbols `piece-k` and so on; put into the page once.
pub fn symbols() -> Markup {
    PreEscaped(include_str!("pieces.svg").to_owned())
}

/// Side of a square in the drawing's units.
const SIDE: usize = 40;
/// Room for the coordinates.
const MARGIN: usize = 16;
/// Largest board that is drawn, in files and in ranks.
const LARGEST: usize = 16;

/// A piece placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    pub files: usize,
    pub ranks: usize,
    /// (file, rank, letter); both counted from 0 at a1; an upper-case letter is White's.
    pub pieces: Vec<(usize, usize, char)>,
    /// Pieces in hand, as written in brackets.
    pub hand: String,
    /// Whether White is to move; a missing field counts as White.
    pub white_to_move: bool,
}

impl Placement {
    /// Reads the placement and the side to move of a FEN; `None` if it is not a rectangle of letters, walls and gaps.
    pub fn parse(fen: &str) -> Option<Placement> {
        let mut fields = fen.split_ascii_whitespace();
        let field = fields.next()?;
        let white_to_move = fields.next() != Some("b");
        let (field, hand) = match field.split_once('[') {
            Some((board, hand)) => (board, hand.strip_suffix(']')?.trim_matches('-').to_owned()),
            None => (field, String::new()),
        };
        let rows: Vec<&str> = field.split('/').collect();
        let ranks = rows.len();
        if ranks > LARGEST || hand.chars().count() > 100 || !hand.chars().all(|c| c.is_ascii_alphabetic()) {
            return None;
        }
        let mut pieces = Vec::new();
        let mut files = None;
        for (i, row) in rows.iter().enumerate() {
            let mut file = 0;
            let mut gap = 0;
            for c in row.chars() {
                match c {
                    '0'..='9' => gap = gap * 10 + c.to_digit(10)? as usize,
                    // A promoted piece: the mark adds nothing to the drawing.
                    '~' | '+' => {}
                    // A blocked square stands where a piece would.
                    c if c.is_ascii_alphabetic() || c == '*' => {
                        file += gap;
                        gap = 0;
                        pieces.push((file, ranks - 1 - i, c));
                        file += 1;
                    }
                    _ => return None,
                }
                if file + gap > LARGEST {
                    return None;
                }
            }
            let width = file + gap;
            if width == 0 || *files.get_or_insert(width) != width {
                return None;
            }
        }
        Some(Placement { files: files?, ranks, pieces, hand, white_to_move })
    }

    /// Whether another placement stands on a board of the same size.
    pub fn same_board(&self, other: &Placement) -> bool {
        self.files == other.files && self.ranks == other.ranks
    }
}

/// How a board is drawn beside its pieces.
#[derive(Clone, Debug, Default)]
pub struct Marks<'a> {
    /// Lower-case letters whose piece is not the chess piece of that letter: drawn as lettered discs.
    pub discs: &'a str,
    /// Squares to be ringed, such as those of a king of the hill.
    pub goals: Vec<(usize, usize)>,
    /// Squares of the last move.
    pub last: Vec<(usize, usize)>,
    /// What a reader who cannot see the board is told.
    pub title: &'a str,
}

/// Draws a placement with White at the bottom. The groups `last` and `pieces` are what the replay script redraws.
pub fn draw(placement: &Placement, marks: &Marks) -> Markup {
    let (width, height) = (placement.files * SIDE + MARGIN, placement.ranks * SIDE + MARGIN);
    let corner = |(file, rank): (usize, usize)| (MARGIN + file * SIDE, (placement.ranks - 1 - rank) * SIDE);
    let square = |at: (usize, usize), class: &str| {
        let (x, y) = corner(at);
        html! { rect class=(class) x=(x) y=(y) width=(SIDE) height=(SIDE) {} }
    };
    let inside = |at: &&(usize, usize)| at.0 < placement.files && at.1 < placement.ranks;
    html! {
        svg.board viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(marks.title)
            data-ranks=(placement.ranks) data-side=(SIDE) data-margin=(MARGIN) data-discs=(marks.discs) {
            title { (marks.title) }
            @for rank in 0..placement.ranks {
                @for file in 0..placement.files {
                    (square((file, rank), if (file + rank) % 2 == 0 { "dark" } else { "light" }))
                }
            }
            @for goal in marks.goals.iter().filter(inside) {
                @let (x, y) = corner(*goal);
                rect.goal x=(x + 3) y=(y + 3) width=(SIDE - 6) height=(SIDE - 6) rx="5" {}
            }
            g.last { @for at in marks.last.iter().filter(inside) { (square(*at, "")) } }
            g.pieces { @for (file, rank, letter) in &placement.pieces { (piece(*letter, corner((*file, *rank)), marks.discs)) } }
            g.coordinates aria-hidden="true" {
                @for file in 0..placement.files {
                    text x=(MARGIN + file * SIDE + SIDE / 2) y=(height - 4) text-anchor="middle" { (char::from(b'a' + file as u8)) }
                }
                @for rank in 0..placement.ranks {
                    text x=(MARGIN - 5) y=((placement.ranks - 1 - rank) * SIDE + SIDE / 2 + 4) text-anchor="end" { (rank + 1) }
                }
            }
        }
    }
}

fn piece(letter: char, (x, y): (usize, usize), discs: &str) -> Markup {
    let side = if letter.is_ascii_uppercase() { "white" } else { "black" };
    let lower = letter.to_ascii_lowercase();
    html! {
        @if letter == '*' {
            rect.wall x=(x) y=(y) width=(SIDE) height=(SIDE) {}
        } @else if "kqrbnp".contains(lower) && !discs.contains(lower) {
            use class=(side) href=(format!("#piece-{lower}")) x=(x) y=(y) width=(SIDE) height=(SIDE) {}
        } @else {
            g class=(format!("{side} disc")) {
                circle cx=(x + SIDE / 2) cy=(y + SIDE / 2) r=(SIDE * 3 / 8) {}
                text x=(x + SIDE / 2) y=(y + SIDE / 2 + 6) text-anchor="middle" { (letter.to_ascii_uppercase()) }
            }
        }
    }
}

/// Letters that an edit gives to a piece other than the chess piece of that letter: `customPiece1 = n:CW`,
/// `amazon = q`. A commoner is a king that may be taken, and keeps the king's shape.
pub fn discs(edit: &[(String, String)]) -> String {
    let mut letters = String::new();
    for (key, value) in edit {
        let value = value.trim();
        let Some(letter) = value.chars().next().filter(char::is_ascii_lowercase) else { continue };
        let custom = key.starts_with("customPiece");
        // Keys of options are camelCase or take longer values; keys of pieces are one lower-case word.
        let named = value.len() == 1 && key.chars().all(|c| c.is_ascii_lowercase());
        let usual = match key.as_str() {
            "king" | "commoner" => 'k',
            "knight" => 'n',
            key => key.chars().next().unwrap_or(' '),
        };
        let chess = ["king", "commoner", "queen", "rook", "bishop", "knight", "pawn"].contains(&key.as_str());
        if (custom || (named && !(chess && usual == letter))) && !letters.contains(letter) {
            letters.push(letter);
        }
    }
    letters
}

/// Squares named by `flagRegion` and its kin: `c3`, `*5` (a rank), `c*` (a file), separated by spaces.
pub fn goals(edit: &[(String, String)], board: &Placement) -> Vec<(usize, usize)> {
    let regions = edit.iter().filter(|(key, _)| key.starts_with("flagRegion"));
    let mut squares = Vec::new();
    for token in regions.flat_map(|(_, value)| value.split_whitespace()) {
        let mut letters = token.chars();
        let Some(first) = letters.next() else { continue };
        let rest = letters.as_str();
        for file in 0..board.files {
            for rank in 0..board.ranks {
                let file_fits = first == '*' || first == char::from(b'a' + file as u8);
                let rank_fits = rest == "*" || rest.parse() == Ok(rank + 1);
                if file_fits && rank_fits && !squares.contains(&(file, rank)) {
                    squares.push((file, rank));
                }
            }
        }
    }
    squares
}

/// Origin (none for a drop) and destination of a move in UCI notation; empty if it is not such a move.
pub fn squares_of(uci: &str) -> Vec<(usize, usize)> {
    let (from, rest) = match uci.split_once('@') {
        Some((_, to)) => (None, to),
        None => match read_square(uci) {
            Some((square, rest)) => (Some(square), rest),
            None => return Vec::new(),
        },
    };
    match read_square(rest) {
        Some((to, _)) => from.into_iter().chain([to]).collect(),
        None => Vec::new(),
    }
}

fn read_square(text: &str) -> Option<((usize, usize), &str)> {
    let file = text.chars().next().filter(char::is_ascii_lowercase)? as usize - 'a' as usize;
    let rest = &text[1..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let rank: usize = rest[..end].parse().ok()?;
    Some(((file, rank.checked_sub(1)?), &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placements_are_rectangles() {
        let gardner = Placement::parse("rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1").unwrap();
        assert_eq!((gardner.files, gardner.ranks, gardner.pieces.len()), (5, 5, 20));
        assert!(gardner.pieces.contains(&(0, 4, 'r')) && gardner.pieces.contains(&(4, 0, 'K')));
        let wide = Placement::parse("12/11p[QRqr] b").unwrap();
        assert_eq!((wide.files, wide.ranks, wide.hand.as_str()), (12, 2, "QRqr"));
        let walled = Placement::parse("rnbqk/ppppp/2*2/PPPPP/RNBQK w - - 0 1").unwrap();
        assert!(walled.pieces.contains(&(2, 2, '*')));
        for odd in ["", " ", "/", "8/7", "17/17", "99999999999999999999999", "p?p", "3[<]", "5[", "é4"] {
            assert_eq!(Placement::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn moves_name_their_squares() {
        assert_eq!(squares_of("a4a5q"), [(0, 3), (0, 4)]);
        assert_eq!(squares_of("j9j10"), [(9, 8), (9, 9)]);
        assert_eq!(squares_of("P@c3"), [(2, 2)]);
        for odd in ["", "0000", "a", "a0a1", "é2e4", "a1"] {
            assert!(squares_of(odd).is_empty(), "{odd}");
        }
    }

    #[test]
    fn fairy_letters_are_not_drawn_as_chess_pieces() {
        let edit = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        assert_eq!(discs(&edit(&[("knight", "-"), ("customPiece1", "n:CW")])), "n");
        assert_eq!(discs(&edit(&[("amazon", "q"), ("flagPiece", "k"), ("commoner", "k"), ("checking", "false")])), "q");
        let board = Placement::parse("5/5/5/5/5 w").unwrap();
        assert_eq!(goals(&edit(&[("flagRegion", "c3 *5")]), &board), [(2, 2), (0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]);
    }
}
