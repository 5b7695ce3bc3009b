//! The field of a FEN with castling rights and gates.

use crate::board::{Color, Position, Square, Word, squares};
use crate::position::notation::fen::field::shown;
use crate::rules::{Castling, Rules};

/// Reads castling rights in all forms: `KQkq`, the files of the rooks, and with the files of gates.
pub(super) fn read_castling<W: Word>(rules: &Rules<W>, field: &str, position: &mut Position<W>) -> Result<(), String> {
    if field == "-" {
        return Ok(());
    }
    for letter in field.chars() {
        let side = if letter.is_ascii_uppercase() { Color::White } else { Color::Black };
        read_castling_letter(rules, letter.to_ascii_uppercase(), side, position)
            .map_err(|reason| format!("castling field is `{}`: `{letter}` {reason}", shown(field)))?;
    }
    for side in Color::ALL {
        // No man can follow through a gate where none is in hand and none can come to hand.
        if rules.gates.seirawan && !rules.hands.captures_to_hand && position.hand_size(side) == 0 {
            position.gates[side.index()] = W::EMPTY;
        }
    }
    let Some(castling) = rules.castling.as_ref().filter(|_| rules.gates.gating) else { return Ok(()) };
    for side in Color::ALL {
        let i = side.index();
        let king = castling.king_piece[i].map_or(W::EMPTY, |p| position.of_type(p)) & position.gates[i];
        let hands = !rules.gates.seirawan || position.hand_size(side) > 0 || rules.hands.captures_to_hand;
        if king.any() && position.castling >> (2 * i) & 3 == 0 && hands {
            for rook in squares(position.gates[i] & position.color(side)) {
                if castling.rook_pieces[i] >> position.type_at(rook).0 & 1 == 1 {
                    grant(position, side, Square(position.castling_king[i]), rook);
                }
            }
        }
        // A letter of a file means a gate here, so a right can only be written as `K` or `Q`, which mean the outermost rook.
        for wing in (0..2).filter(|wing| position.castling >> (2 * i + wing) & 1 == 1 && !rules.chess960) {
            let rook = Square(position.castling_rook[2 * i + wing]);
            if rules.outer_rook(position, side, wing) != Some(rook) {
                let rook = rules.square_name(rook);
                return Err(format!(
                    "castling field is `{}`: the rook on {rook} is not the one that `KQkq` would mean",
                    shown(field)
                ));
            }
        }
    }
    Ok(())
}

/// Gives a side the right to castle with a rook, on the wing on which it stands.
fn grant<W: Word>(position: &mut Position<W>, side: Color, king: Square, rook: Square) {
    position.grant_castling(side, usize::from(king.0 >= rook.0), king, rook);
}

/// Reads a letter, given in upper case, of a side: a right to castle, a gate, or both.
fn read_castling_letter<W: Word>(
    rules: &Rules<W>,
    letter: char,
    side: Color,
    position: &mut Position<W>,
) -> Result<(), String> {
    let i = side.index();
    let files = rules.board.files;
    let own = position.color(side);
    let king_or_queen = matches!(letter, 'K' | 'Q');
    let castling = match &rules.castling {
        Some(castling) if castling.rank[i] < rules.board.ranks => castling,
        // Where nobody castles, letters other than `K` and `Q` can only be files with gates.
        _ => {
            let file = (letter as u32).wrapping_sub('A' as u32);
            if file >= u32::from(files) {
                let useless = Err("is neither `K`, `Q` nor a file of the board".to_owned());
                return if king_or_queen { Ok(()) } else { useless };
            }
            let square = Square(rules.home_rank(side) * files + file as u8);
            if rules.gates.gating && own.has(square) {
                position.gates[i] |= W::bit(square);
            }
            return Ok(());
        }
    };
    let at = |file: u8| Square(castling.rank[i] * files + file);
    let men = *position;
    let is_rook = |s: Square| own.has(s) && castling.rook_pieces[i] >> men.type_at(s).0 & 1 == 1;
    let is_king = |s: Square| own.has(s) && castling.king_piece[i] == Some(men.type_at(s));
    let square = match letter {
        'K' => rules.outer_rook(position, side, 0),
        'Q' => rules.outer_rook(position, side, 1),
        _ => {
            let file = (letter as u32).wrapping_sub('A' as u32);
            if file >= u32::from(files) {
                return Err("is neither `K`, `Q` nor a file of the board".to_owned());
            }
            Some(at(file as u8))
        }
    };
    let king = king_of_castling(rules, castling, position, side, square);
    if rules.gates.gating {
        let square = square.or_else(|| match letter {
            'K' => Some(at(0)),
            _ => Some(at(files - 1)),
        });
        if let Some(square) = square.filter(|s| own.has(*s)) {
            position.gates[i] |= W::bit(square);
        }
        match king {
            Some(king) if king_or_queen => position.gates[i] |= W::bit(king),
            _ if !rules.gates.seirawan || position.hand_size(side) > 0 || rules.hands.captures_to_hand => {
                if let Some(king) = king {
                    position.castling_king[i] = king.0;
                }
                return Ok(());
            }
            _ => {}
        }
    }
    match (king, square.filter(|s| is_rook(*s))) {
        (Some(king), Some(rook)) => grant(position, side, king, rook),
        // Where there are several kings, the file of one says that it is the one that castles.
        (Some(_), None) if square.is_some_and(is_king) => {}
        _ if rules.gates.gating => {}
        _ => return Err("without king and rook on their squares".to_owned()),
    }
    Ok(())
}

/// Where the man stands that castles as the king of a side; `named` is the square that the letter being read names.
fn king_of_castling<W: Word>(
    rules: &Rules<W>,
    castling: &Castling<W>,
    position: &Position<W>,
    side: Color,
    named: Option<Square>,
) -> Option<Square> {
    let i = side.index();
    let kings = position.pieces(side, castling.king_piece[i]?) & castling.home[i];
    if position.castling >> (2 * i) & 3 != 0 {
        return Some(Square(position.castling_king[i]));
    }
    if rules.chess960 && named.is_some_and(|s| kings.has(s)) {
        return named;
    }
    if kings.any() && (!kings.several() || rules.chess960) {
        return Some(kings.lowest());
    }
    let home = Square(castling.rank[i] * rules.board.files + castling.king_file.min(rules.board.files - 1));
    kings.has(home).then_some(home)
}

impl<W: Word> Rules<W> {
    /// Where the rook stands that `K` (wing 0) or `Q` (wing 1) means: the outermost one.
    fn outer_rook(&self, position: &Position<W>, color: Color, wing: usize) -> Option<Square> {
        let castling = self.castling.as_ref()?;
        let (i, files) = (color.index(), self.board.files);
        let rook = |file: u8| {
            let square = Square(castling.rank[i] * files + file);
            let own = position.color(color).has(square);
            (own && castling.rook_pieces[i] >> position.type_at(square).0 & 1 == 1).then_some(square)
        };
        match wing {
            0 => (0..=castling.rook_file[0]).rev().find_map(rook),
            _ => (castling.rook_file[1]..files).find_map(rook),
        }
    }

    /// Writes castling rights, and the files of gates.
    pub(super) fn write_castling(&self, position: &Position<W>, fen: &mut String) {
        let before = fen.len();
        for color in Color::ALL {
            let i = color.index();
            let file_letter = |square: u8| {
                let letter = (b'a' + square % self.board.files) as char;
                if color == Color::White { letter.to_ascii_uppercase() } else { letter }
            };
            let rights = position.castling >> (2 * i) & 3;
            if self.chess960
                && rights != 0
                && let Some(castling) = &self.castling
            {
                let kings = castling.king_piece[i].map_or(W::EMPTY, |p| position.pieces(color, p)) & castling.home[i];
                if kings.several() {
                    fen.push(file_letter(position.castling_king[i]));
                }
            }
            for wing in 0..2 {
                if rights >> wing & 1 == 1 {
                    let letter = ['K', 'Q'][wing];
                    let rook = position.castling_rook[2 * i + wing];
                    let by_file = self.chess960 || self.outer_rook(position, color, wing) != Some(Square(rook));
                    fen.push(match (by_file, color) {
                        (true, _) => file_letter(rook),
                        (false, Color::White) => letter,
                        (false, Color::Black) => letter.to_ascii_lowercase(),
                    });
                }
            }
            let hands = !self.gates.seirawan || position.hand_size(color) > 0 || self.hands.captures_to_hand;
            if self.gates.gating && hands {
                for file in 0..self.board.files {
                    let on_file = squares(position.gates[i]).any(|s| self.board.file(s) == file);
                    let king = !self.chess960 && rights != 0 && position.castling_king[i] % self.board.files == file;
                    let rook = (0..2)
                        .any(|w| rights >> w & 1 == 1 && position.castling_rook[2 * i + w] % self.board.files == file);
                    if on_file && !king && !rook {
                        fen.push(file_letter(file));
                    }
                }
            }
        }
        let gates = self.gates.gating && (position.gates[0] | position.gates[1]).any();
        if position.castling == 0 && !gates {
            fen.push('-');
        }
        debug_assert!(fen.len() > before || gates);
    }
}
