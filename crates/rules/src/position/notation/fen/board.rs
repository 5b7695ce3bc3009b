//! The field of a FEN with the men on the board and in hand.

use std::fmt::Write as _;

use crate::board::{Color, PieceType, Position, Square, Word};
use crate::position::notation::fen::field::shown;
use crate::rules::Rules;

/// The side and type that a letter stands for.
fn type_of<W: Word>(rules: &Rules<W>, letter: char) -> Option<(Color, PieceType)> {
    let lower = letter.to_ascii_lowercase();
    // Horses and elephants of xiangqi are written in two ways; the format's own programs read both.
    let second = |name: &str| match lower {
        'h' => name == "horse",
        'e' => name == "elephant" || name == "janggiElephant",
        _ => false,
    };
    let pieces = &rules.pieces.list;
    let t = pieces.iter().position(|p| p.letter == lower).or_else(|| pieces.iter().position(|p| second(&p.name)))?;
    Some((if letter.is_ascii_uppercase() { Color::White } else { Color::Black }, PieceType(t as u8)))
}

/// Reads the field with the men on the board and, in brackets or as one more rank, those in hand.
pub(super) fn read_board<W: Word>(rules: &Rules<W>, field: &str, position: &mut Position<W>) -> Result<(), String> {
    let (files, ranks) = (rules.board.files, rules.board.ranks);
    let (board, bracketed) = match field.split_once('[') {
        Some((board, hand)) => {
            (board, Some(hand.strip_suffix(']').ok_or("men in hand begin with `[` but do not end with `]`")?))
        }
        None => (field, None),
    };
    let mut rows: Vec<&str> = board.split('/').collect();
    let mut hand = bracketed;
    if hand.is_none() && rules.hands.drops.is_some() && rows.len() == usize::from(ranks) + 1 {
        hand = rows.pop();
    }
    if rows.len() != usize::from(ranks) {
        return Err(format!("has {} ranks; {} has {ranks}", rows.len(), rules.name));
    }
    for (i, row) in rows.iter().enumerate() {
        read_row(rules, row, ranks - 1 - i as u8, files, position)?;
    }
    for letter in hand.unwrap_or("").chars().filter(|c| *c != '-') {
        if rules.hands.drops.is_none() {
            return Err(format!("has men in hand, `{letter}`, but {} has no drops", rules.name));
        }
        let (color, piece) = type_of(rules, letter).ok_or_else(|| no_piece(rules, letter, "in hand"))?;
        if position.in_hand(color, piece) >= 200 {
            return Err("more than 200 men of a type are in hand".to_owned());
        }
        position.change_hand(rules.zobrist, color, piece, true);
    }
    Ok(())
}

/// Says that a letter stands for no piece.
fn no_piece<W: Word>(rules: &Rules<W>, letter: char, place: &str) -> String {
    let known: String = rules.pieces.list.iter().map(|p| p.letter).collect();
    format!("`{letter}` {place} is no piece of {}; its pieces are `{known}`", rules.name)
}

/// Reads a rank, counted from 0.
fn read_row<W: Word>(
    rules: &Rules<W>,
    row: &str,
    rank: u8,
    files: u8,
    position: &mut Position<W>,
) -> Result<(), String> {
    let wrong_width = || format!("rank {} `{}` does not fill exactly {files} files", rank + 1, shown(row));
    let mut file = 0u8;
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        if let Some(digit) = letter.to_digit(10) {
            let mut gap = digit;
            while let Some(next) = letters.peek().and_then(|c| c.to_digit(10)) {
                gap = gap * 10 + next;
                letters.next();
                if gap > 12 {
                    return Err(wrong_width());
                }
            }
            file = file.saturating_add(gap as u8);
            continue;
        }
        if file >= files {
            return Err(wrong_width());
        }
        let square = Square(rank * files + file);
        file += 1;
        if letter == '*' {
            position.toggle_wall(rules.zobrist, square);
            continue;
        }
        let turned = letter == '+';
        let letter = if turned { letters.next().ok_or("ends a rank with `+`")? } else { letter };
        let place = format!("in rank {}", rank + 1);
        let (color, piece) = type_of(rules, letter).ok_or_else(|| no_piece(rules, letter, &place))?;
        if turned {
            let into = rules.promotion.turns_to[piece.index()]
                .ok_or_else(|| format!("`+{letter}` {place}, but `{letter}` does not promote in {}", rules.name))?;
            position.toggle(rules.zobrist, color, into, square);
            position.mark(square, Some(piece));
            continue;
        }
        position.toggle(rules.zobrist, color, piece, square);
        // Some rule files mark men as promoted in variants that do not tell promoted men apart.
        if letters.next_if_eq(&'~').is_some() && rules.plan.marks_promoted {
            position.mark(square, None);
        }
    }
    if file == files { Ok(()) } else { Err(wrong_width()) }
}

impl<W: Word> Rules<W> {
    /// Writes the men on the board and in hand.
    pub(super) fn write_board(&self, position: &Position<W>, fen: &mut String) {
        for rank in (0..self.board.ranks).rev() {
            self.write_row(position, rank, fen);
            if rank > 0 {
                fen.push('/');
            }
        }
        if self.hands.drops.is_some() {
            fen.push('[');
            for color in Color::ALL {
                for t in (0..self.pieces.list.len() as u8).rev().map(PieceType) {
                    fen.extend((0..position.in_hand(color, t)).map(|_| self.letter(color, t)));
                }
            }
            fen.push(']');
        }
    }

    /// Writes a rank, counted from 0.
    fn write_row(&self, position: &Position<W>, rank: u8, fen: &mut String) {
        let mut gap = 0;
        for file in 0..self.board.files {
            let square = Square(rank * self.board.files + file);
            if !position.occupied().has(square) {
                gap += 1;
                continue;
            }
            if gap > 0 {
                let _ = write!(fen, "{gap}");
            }
            gap = 0;
            match position.piece_on(square) {
                None => fen.push('*'),
                Some((color, piece)) => match position.origin(square) {
                    Some(origin) => fen.extend(['+', self.letter(color, origin)]),
                    None => {
                        fen.push(self.letter(color, piece));
                        if position.promoted.has(square) && self.hands.captures_to_hand && !self.hands.drop_loop {
                            fen.push('~');
                        }
                    }
                },
            }
        }
        if gap > 0 {
            let _ = write!(fen, "{gap}");
        }
    }
}
