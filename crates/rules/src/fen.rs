//! Positions as text.

use std::fmt::Write as _;

use files::excerpt;
use thiserror::Error;

use crate::board::{Color, PieceType, Position, Square, Word, squares};
use crate::rules::{Castling, Rules};

/// Why a FEN was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("FEN `{fen}`: {message}")]
pub struct FenError {
    /// The FEN, at most 100 characters of it, without what a terminal would act on.
    pub fen: String,
    /// Which field is wrong, what was found and what would be valid.
    pub message: String,
}

/// Reads a FEN of `rules`, checking that its position can stand on the board.
pub(crate) fn parse<W: Word>(rules: &Rules<W>, fen: &str) -> Result<Position<W>, FenError> {
    parse_fields(rules, fen).map_err(|message| FenError { fen: excerpt(fen, 100), message: excerpt(&message, 250) })
}

fn parse_fields<W: Word>(rules: &Rules<W>, fen: &str) -> Result<Position<W>, String> {
    let mut fields = fen.split_ascii_whitespace().peekable();
    let mut position = Position::empty();
    read_board(rules, fields.next().ok_or("is empty; a piece placement was expected")?, &mut position)?;
    position.turn = match fields.next() {
        // As in the format's own programs, White is to move where nothing is said.
        Some("w") | None => Color::White,
        Some("b") => Color::Black,
        other => {
            return Err(format!("side to move is `{}`; `w` or `b` was expected", shown(other.unwrap_or_default())));
        }
    };
    // Some rule files leave out castling and en passant altogether.
    let short = fields.peek().is_some_and(|f| f.starts_with(|c: char| c.is_ascii_digit()));
    let mut limit = None;
    if !short {
        read_castling(rules, fields.next().unwrap_or("-"), &mut position)?;
        let field = fields.next().unwrap_or("-");
        let last = fields.clone().count() == 1;
        if last && field.bytes().all(|b| b.is_ascii_digit()) {
            // A field is missing; the format's own programs take this one for the en passant square that it is not.
        } else if rules.tallies.counting.is_some() && field.starts_with(|c: char| c.is_ascii_digit()) {
            limit = Some(number(Some(field), "counting limit", 0)?).filter(|limit| *limit > 0);
        } else {
            read_en_passant(rules, field, &mut position)?;
        }
    }
    let counted = fields.peek().is_some_and(|f| f.contains('+')).then(|| fields.next()).flatten();
    if rules.tallies.check_counting {
        // As in the format's own programs, a missing count means that the next check wins.
        position.checks_left = read_checks(counted.unwrap_or("1+1"))?;
    } else if let Some(counted) = counted {
        return Err(format!("has a check count `{}`, but {} does not count checks", shown(counted), rules.name));
    }
    position.halfmove_clock = number(fields.next(), "half-move clock", 0)?;
    position.fullmove = number(fields.next(), "move number", 1)?.max(1);
    if let Some(given) = fields.next_if(|f| rules.tallies.check_counting && counted.is_none() && f.starts_with('+')) {
        position.checks_left = read_checks_given(given)?;
    }
    if let Some(limit) = limit {
        position.counting = (limit, position.halfmove_clock);
        position.halfmove_clock = 0;
    }
    if let Some(extra) = fields.next() {
        return Err(format!("has a field too many: `{}`", shown(extra)));
    }
    check(rules, &position)?;
    rules.find_capturable(&mut position);
    position.key ^= position.state_key(rules.zobrist);
    if rules.mates.shatar {
        rules.note_shak(&mut position);
    }
    Ok(position)
}

/// So much of a field that an error has room for the reason beside it.
fn shown(field: &str) -> String {
    excerpt(field, 60)
}

fn number(field: Option<&str>, what: &str, default: u16) -> Result<u16, String> {
    field.map_or(Ok(default), |f| {
        f.parse().map_err(|_| format!("{what} is `{}`; a number from 0 to 65535 was expected", shown(f)))
    })
}

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

fn read_board<W: Word>(rules: &Rules<W>, field: &str, position: &mut Position<W>) -> Result<(), String> {
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

fn no_piece<W: Word>(rules: &Rules<W>, letter: char, place: &str) -> String {
    let known: String = rules.pieces.list.iter().map(|p| p.letter).collect();
    format!("`{letter}` {place} is no piece of {}; its pieces are `{known}`", rules.name)
}

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
        // Some rule files mark men as promoted where that makes no difference.
        if letters.next_if_eq(&'~').is_some() && rules.plan.marks_promoted {
            position.mark(square, None);
        }
    }
    if file == files { Ok(()) } else { Err(wrong_width()) }
}

/// Reads castling rights in all forms: `KQkq`, the files of the rooks, and with gates.
fn read_castling<W: Word>(rules: &Rules<W>, field: &str, position: &mut Position<W>) -> Result<(), String> {
    if field == "-" {
        return Ok(());
    }
    for letter in field.chars() {
        let side = if letter.is_ascii_uppercase() { Color::White } else { Color::Black };
        read_castling_letter(rules, letter.to_ascii_uppercase(), side, position)
            .map_err(|reason| format!("castling field is `{}`: `{letter}` {reason}", shown(field)))?;
    }
    for side in Color::ALL {
        // Nobody can follow through a gate without men in hand.
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
        // Files are gates, so that only `K` and `Q` can tell of a rook.
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

fn grant<W: Word>(position: &mut Position<W>, side: Color, king: Square, rook: Square) {
    let right = 2 * side.index() + usize::from(king.0 >= rook.0);
    position.castling |= 1 << right;
    position.castling_men |= W::bit(king) | W::bit(rook);
    position.castling_king[side.index()] = king.0;
    position.castling_rook[right] = rook.0;
}

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
        // Where nobody castles, letters can only be files with gates.
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
        // In chess960 forms the king's own file tells which of several kings castles.
        (Some(_), None) if square.is_some_and(is_king) => {}
        _ if rules.gates.gating => {}
        _ => return Err("without king and rook on their squares".to_owned()),
    }
    Ok(())
}

/// Where the man stands that castles as the king.
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

fn read_en_passant<W: Word>(rules: &Rules<W>, field: &str, position: &mut Position<W>) -> Result<(), String> {
    if field == "-" {
        return Ok(());
    }
    let wrong = || format!("en passant field is `{}`; squares or `-` were expected", shown(field));
    if !field.is_ascii() {
        return Err(wrong());
    }
    let mut rest = field;
    while !rest.is_empty() {
        let end = rest[1.min(rest.len())..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |i| i + 1);
        let square = rest.get(..end).and_then(|name| rules.board.parse_square(name)).ok_or_else(wrong)?;
        rest = &rest[end..];
        read_en_passant_square(rules, square, position)?;
    }
    Ok(())
}

fn read_en_passant_square<W: Word>(rules: &Rules<W>, square: Square, position: &mut Position<W>) -> Result<(), String> {
    let (us, them) = (position.turn, !position.turn);
    let others = rules.roles.pawn.map_or(!0, |p| !(1 << p.0));
    let in_region = rules.pawns.en_passant_region[us.index()].has(square);
    // Men that are no pawns leave ways behind and capture on them that tell little by themselves.
    if (rules.pawns.en_passant_types[us.index()] | rules.plan.long_steps) & others != 0 {
        if in_region {
            position.en_passant |= W::bit(square);
        }
        return Ok(());
    }
    let pawns = |color| rules.roles.pawn.map_or(W::EMPTY, |p| position.pieces(color, p));
    let forward = if us == Color::White { 1 } else { -1 };
    let ahead = |n: i8| rules.board.step(square, n * forward, 0);
    let stepped = [-1, -2].into_iter().any(|n| ahead(n).is_some_and(|s| pawns(them).has(s)));
    let clear = !position.men().has(square) && ahead(1).is_some_and(|s| !position.men().has(s));
    if !stepped || !clear {
        return Err(format!(
            "en passant square {}, but no pawn can have just passed over it",
            rules.square_name(square)
        ));
    }
    let reach = rules.roles.pawn.map_or(W::EMPTY, |p| W::at(&rules.mover(them, p).capture.leaps, square));
    if in_region && (reach & pawns(us)).any() {
        position.en_passant |= W::bit(square);
    }
    Ok(())
}

fn read_checks(field: &str) -> Result<[u8; 2], String> {
    let digit = |text: &str| text.parse::<u8>().ok().filter(|n| *n <= 9);
    field
        .split_once('+')
        .and_then(|(white, black)| Some([digit(white)?, digit(black)?]))
        .ok_or_else(|| format!("check count is `{}`; checks left to give, such as `3+3`, were expected", shown(field)))
}

/// Reads `+1+0`: checks given, out of three.
fn read_checks_given(field: &str) -> Result<[u8; 2], String> {
    let given =
        read_checks(&field[1..]).map_err(|_| format!("checks given are `{}`; `+0+0` was expected", shown(field)))?;
    Ok(given.map(|n| 3_u8.saturating_sub(n)))
}

/// Refuses positions that cannot be played on.
fn check<W: Word>(rules: &Rules<W>, position: &Position<W>) -> Result<(), String> {
    for color in Color::ALL {
        if let Some(king) = rules.roles.king {
            let count = |p: &Position<W>| p.count(color, king) + p.in_hand(color, king);
            let kings = count(position);
            // The start position tells how many there should be, once it is known.
            let expected = if rules.start_fen().is_empty() { kings.min(1) } else { count(&rules.start) };
            let turns_king = rules.promotion.turns_to.contains(&Some(king)) && kings <= 1;
            if kings != expected && !turns_king {
                return Err(format!("{color:?} has {kings} kings; exactly {expected} was expected"));
            }
        }
        if let Some(pawn) = rules.roles.pawn {
            let last = rules.board.region(|_, r| r + 1 + rules.home_rank(color) == rules.board.ranks);
            let i = color.index();
            // What was turned over into a pawn may stand anywhere.
            let stuck = position.pieces(color, pawn) & last & rules.promotion.region[i] & !position.turned;
            if stuck.any() && rules.promotion.mandatory_for_pawns && !rules.promotion.choices[i].is_empty() {
                let square = rules.square_name(stuck.lowest());
                return Err(format!("a pawn of {color:?} stands on its last rank, on {square}"));
            }
        }
    }
    let over = rules.tallies.check_counting && position.checks_left[position.turn.index()] == 0;
    if rules.king_attacked(position, !position.turn) && !over {
        return Err(format!("{:?} is to move and could capture the king", position.turn));
    }
    Ok(())
}

impl<W: Word> Rules<W> {
    /// Reads a FEN.
    ///
    /// # Errors
    /// Names the field that is malformed, or says why the position is impossible: a king missing or left to be captured, a
    /// pawn on its last rank, castling or en passant without the men for it.
    pub fn parse_fen(&self, fen: &str) -> Result<Position<W>, FenError> {
        parse(self, fen)
    }

    /// Writes a FEN, as Fairy-Stockfish does.
    #[must_use]
    pub fn fen(&self, position: &Position<W>) -> String {
        let mut fen = String::new();
        for rank in (0..self.board.ranks).rev() {
            self.write_row(position, rank, &mut fen);
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
        fen.push_str(if position.turn == Color::White { " w " } else { " b " });
        self.write_castling(position, &mut fen);
        let (limit, counted) = position.counting;
        if limit > 0 {
            let _ = write!(fen, " {limit}");
        } else if position.en_passant.is_empty() {
            fen.push_str(" -");
        } else {
            fen.push(' ');
            for square in squares(position.en_passant) {
                fen.push_str(&self.square_name(square));
            }
        }
        if self.tallies.check_counting {
            let _ = write!(fen, " {}+{}", position.checks_left[0], position.checks_left[1]);
        }
        let clock = if limit > 0 { counted } else { position.halfmove_clock };
        let _ = write!(fen, " {clock} {}", position.fullmove);
        fen
    }

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

    /// The rook that `K` (wing 0) or `Q` (wing 1) means: the outermost.
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

    fn write_castling(&self, position: &Position<W>, fen: &mut String) {
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

    /// The same men on the same squares, read by these rules: how a player with stale rules sees a position of `from`'s.
    /// Pieces correspond by letter, castling rights, hands, walls and clocks carry over where both have them, checks start to be
    /// counted afresh. `None` if the boards differ in size or these rules have no such position.
    #[must_use]
    pub fn reinterpret(&self, from: &Rules<W>, position: &Position<W>) -> Option<Position<W>> {
        if (self.board.files, self.board.ranks) != (from.board.files, from.board.ranks) {
            return None;
        }
        let own = |piece: PieceType| {
            let letter = from.pieces.list[piece.index()].letter;
            self.pieces.list.iter().position(|p| p.letter == letter).map(|t| PieceType(t as u8))
        };
        let mut seen = Position::empty();
        for square in squares(position.men()) {
            let (color, piece) = position.piece_on(square)?;
            seen.toggle(self.zobrist, color, own(piece)?, square);
            if self.plan.marks_promoted && position.promoted.has(square) && !position.turned.has(square) {
                seen.mark(square, None);
            }
        }
        if self.hands.drops.is_some() {
            for color in Color::ALL {
                for piece in from.types() {
                    for _ in 0..position.in_hand(color, piece) {
                        seen.change_hand(self.zobrist, color, own(piece)?, true);
                    }
                }
            }
        }
        for wall in squares(position.walls) {
            seen.toggle_wall(self.zobrist, wall);
        }
        seen.turn = position.turn;
        seen.halfmove_clock = position.halfmove_clock;
        seen.fullmove = position.fullmove;
        if self.castling.is_some() && from.castling.is_some() {
            seen.castling = position.castling;
            seen.castling_men = position.castling_men;
            seen.castling_king = position.castling_king;
            seen.castling_rook = position.castling_rook;
        }
        if self.gates.gating {
            seen.gates = position.gates;
        }
        seen.checks_left = if self.tallies.check_counting { self.start.checks_left } else { [0; 2] };
        if (self.pawns.double_step[0] | self.pawns.double_step[1]).any() {
            seen.en_passant = position.en_passant;
        }
        self.find_capturable(&mut seen);
        seen.key ^= seen.state_key(self.zobrist);
        check(self, &seen).is_ok().then_some(seen)
    }
}
