//! A game as a page draws it: squares, men, hands, legal moves, what was played and how it ended.

use rules::{Color, EndingKind, Game, Move, MoveKind, Position, Rules, Word, squares};
use serde_json::{Value, json};

use super::record::{Played, Record, with_game};
use super::rules::RuleBook;

/// `white` or `black`.
pub(super) fn color_name(color: Color) -> &'static str {
    match color {
        Color::White => "white",
        Color::Black => "black",
    }
}

/// Everything that a page shows of a game.
pub(super) fn game(record: &Record, played: &Played) -> Value {
    let last = played.last();
    let mut state = with_game!(last, game => position(game));
    let mut plies = Vec::new();
    let mut segments = Vec::new();
    let mut before = record.before.as_ref();
    for (number, (part, segment)) in played.parts.iter().zip(&record.segments).enumerate() {
        let changes = before.map(|old| RuleBook::changes(old, &segment.rules)).unwrap_or_default();
        segments.push(json!({
            "ply": plies.len(),
            "name": segment.rules.title(),
            "rules": segment.rules,
            "changes": changes,
        }));
        with_game!(part, game => write_plies(game, number, &mut plies));
        before = Some(&segment.rules);
    }
    let start = with_game!(&played.parts[0], game => game.rules().fen(game.start()));
    state["last"] = plies.last().map_or(Value::Null, |ply| ply["squares"].clone());
    state["plies"] = plies.into();
    state["segments"] = segments.into();
    state["start"] = start.into();
    state
}

fn write_plies<W: Word>(game: &Game<W>, segment: usize, plies: &mut Vec<Value>) {
    let rules = game.rules();
    let mut position = *game.start();
    for mv in game.moves() {
        let from = (!mv.is_drop() && mv.kind() != MoveKind::Pass).then(|| rules.square_name(mv.from()));
        let touched: Vec<String> = from.into_iter().chain([rules.square_name(mv.to())]).collect();
        plies.push(json!({
            "san": if mv.kind() == MoveKind::Pass { "pass".to_owned() } else { rules.san(&position, *mv) },
            "uci": rules.uci(&position, *mv),
            "turn": color_name(position.turn()),
            "segment": segment,
            "squares": touched,
        }));
        rules.play(&mut position, *mv);
    }
}

/// The current position of a game.
fn position<W: Word>(game: &Game<W>) -> Value {
    let (rules, position) = (game.rules(), game.position());
    let fen = rules.fen(position);
    let over = game.ending().is_some();
    let legal: Vec<Value> =
        if over { Vec::new() } else { game.legal().iter().map(|mv| legal(rules, position, *mv)).collect() };
    let checked: Vec<String> = if rules.in_check(position) { royal(rules, position) } else { Vec::new() };
    let hands = Color::ALL.map(|color| hand(rules, position, color));
    let shown = rules.has_drops() || hands.iter().any(|hand| !hand.is_empty());
    let checks = Color::ALL.map(|color| position.checks_left(color));
    json!({
        "fen": fen,
        "turn": color_name(position.turn()),
        "files": rules.files(),
        "ranks": rules.ranks(),
        "men": men(rules, position, &fen),
        "walls": squares(position.walls()).map(|s| rules.square_name(s)).collect::<Vec<_>>(),
        "hands": shown.then_some(hands),
        "legal": legal,
        "check": checked,
        "checksLeft": checks.iter().any(|left| *left > 0).then_some(checks),
        "goals": goals(rules),
        "ending": ending(game),
        "rules": { "name": rules.name(), "hash": rules.hash() },
        "pieces": rules.pieces().iter().map(|p| (p.letter.to_string(), piece_name(&p.name).into())).collect::<serde_json::Map<_, Value>>(),
    })
}

/// The name of a piece in words; that of a piece which the rule file defines itself says so.
fn piece_name(name: &str) -> String {
    if name.starts_with("customPiece") {
        return "fairy piece".to_owned();
    }
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

/// The shape that a piece is drawn with: the letter of a chess man, or none where it is drawn as a disc.
fn shape(name: &str) -> Option<char> {
    Some(match name {
        "king" | "commoner" => 'k',
        "queen" => 'q',
        "rook" => 'r',
        "bishop" => 'b',
        "knight" => 'n',
        "pawn" => 'p',
        _ => return None,
    })
}

/// The men of a position: square, letters as the FEN has them (`+` before a man that was turned over), side, shape, name.
fn men<W: Word>(rules: &Rules<W>, position: &Position<W>, fen: &str) -> Vec<Value> {
    // The FEN has one mark for each man, in the order of ranks from the top.
    let placement = fen.split(['[', ' ']).next().unwrap_or_default();
    let mut labels = Vec::new();
    let mut turned = false;
    for c in placement.chars() {
        match c {
            '+' => turned = true,
            c if c.is_ascii_alphabetic() => {
                labels.push(if turned { format!("+{c}") } else { c.to_string() });
                turned = false;
            }
            _ => {}
        }
    }
    let files = rules.files();
    let mut order: Vec<rules::Square> = squares(position.men()).collect();
    order.sort_by_key(|s| (std::cmp::Reverse(s.index() / files), s.index() % files));
    let man = |(square, label): (rules::Square, String)| {
        let (color, piece) = position.piece_on(square)?;
        let name = &rules.pieces()[piece.index()].name;
        let shape = if label.starts_with('+') { None } else { shape(name) };
        Some(json!([rules.square_name(square), label, color_name(color), shape, piece_name(name)]))
    };
    order.into_iter().zip(labels).filter_map(man).collect()
}

fn royal<W: Word>(rules: &Rules<W>, position: &Position<W>) -> Vec<String> {
    let own = squares(position.color(position.turn()));
    let is_king = |square: &rules::Square| {
        position.piece_on(*square).is_some_and(|(_, piece)| rules.pieces()[piece.index()].name == "king")
    };
    own.filter(is_king).map(|square| rules.square_name(square)).collect()
}

/// The men in a side's hand: letter, number, shape, name.
fn hand<W: Word>(rules: &Rules<W>, position: &Position<W>, color: Color) -> Vec<Value> {
    let of = |(i, piece): (usize, &rules::Piece)| {
        let count = position.in_hand(color, rules::PieceType(i as u8));
        (count > 0).then(|| {
            json!([piece.letter.to_ascii_uppercase().to_string(), count, shape(&piece.name), piece_name(&piece.name)])
        })
    };
    rules.pieces().iter().enumerate().filter_map(of).collect()
}

/// A legal move: UCI, origin (none for a drop), target, letter of what is dropped, what is special about it in words, letter and
/// shape of a man that comes in, wall.
fn legal<W: Word>(rules: &Rules<W>, position: &Position<W>, mv: Move) -> Value {
    let kind = mv.kind();
    let piece = mv.promotion().map(|p| &rules.pieces()[p.index()]);
    let name = piece.map(|p| piece_name(&p.name)).unwrap_or_default();
    let letter = piece.map(|p| p.letter.to_ascii_uppercase().to_string());
    let words = match kind {
        MoveKind::Promotion => format!("promote to {name}"),
        MoveKind::PiecePromotion => "promote".to_owned(),
        MoveKind::Demotion => "turn back".to_owned(),
        MoveKind::Gate | MoveKind::CastlingGateKing => format!("leave the {name} on {}", rules.square_name(mv.from())),
        MoveKind::CastlingGateRook => format!("leave the {name} on the rook's square"),
        MoveKind::PromotedDrop => "put down promoted".to_owned(),
        MoveKind::Castling => "castle".to_owned(),
        MoveKind::Pass => "pass".to_owned(),
        MoveKind::Drop | MoveKind::Normal | MoveKind::EnPassant | MoveKind::Leap => String::new(),
    };
    let drop = mv.is_drop().then(|| letter.clone()).flatten();
    let comes_in = if mv.is_drop() { None } else { letter };
    json!({
        "u": rules.uci(position, mv),
        "f": (!mv.is_drop()).then(|| rules.square_name(mv.from())),
        "t": rules.square_name(mv.to()),
        "d": drop,
        "x": words,
        "p": comes_in,
        "s": piece.and_then(|p| shape(&p.name)),
        "w": mv.wall().map(|w| rules.square_name(w)),
        "z": kind == MoveKind::Pass,
    })
}

/// Squares that win for a man who reaches them, as the keys `flagRegion…` of the rules name them.
fn goals<W: Word>(rules: &Rules<W>) -> Vec<String> {
    let text = rules.to_ini();
    let values =
        text.lines().filter_map(|line| line.split_once('=')).filter(|(key, _)| key.trim().starts_with("flagRegion"));
    let tokens: Vec<&str> = values.flat_map(|(_, value)| value.split_whitespace()).collect();
    let fits = |name: &str| {
        tokens.iter().any(|token| {
            let Some((file, rank)) = token.split_at_checked(1) else { return false };
            (file == "*" || name.starts_with(file)) && (rank == "*" || name.get(1..) == Some(rank))
        })
    };
    (0..rules.squares()).map(|n| rules.square_name(rules::Square(n as u8))).filter(|name| fits(name)).collect()
}

/// How the game has ended, in words.
fn ending<W: Word>(game: &Game<W>) -> Value {
    let Some(ending) = game.ending() else { return Value::Null };
    let result = ending.outcome.to_string();
    let who = match result.as_str() {
        "1-0" => "White wins",
        "0-1" => "Black wins",
        _ => "A draw",
    };
    let by = match ending.kind {
        EndingKind::Checkmate => "checkmate".to_owned(),
        EndingKind::Stalemate => "stalemate".to_owned(),
        EndingKind::Flag => "a king or flag that reached its goal".to_owned(),
        EndingKind::Checks => "the number of checks".to_owned(),
        EndingKind::Extinction => "extinction: the last man of a kind that must not be lost is gone".to_owned(),
        EndingKind::Repetition => "repetition of the position".to_owned(),
        EndingKind::MoveRule => "too many moves without progress".to_owned(),
        kind => kind.name().replace('-', " "),
    };
    let worth = game.rules().worth(ending, Color::White);
    let usual = worth == ending.outcome.for_color(Color::White) as f32;
    let worth_words =
        if usual { String::new() } else { format!(" Under these payoffs it is worth {worth:+} to White.") };
    json!({ "result": result, "kind": ending.kind.name(), "words": format!("{who}: {by}.{worth_words}"), "white": worth })
}
