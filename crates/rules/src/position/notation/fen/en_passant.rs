//! The field of a FEN with the squares of captures in passing.

use crate::board::{Color, Position, Square, Word};
use crate::position::notation::fen::field::shown;
use crate::rules::Rules;

/// Reads the squares on which men can be captured in passing.
pub(super) fn read_en_passant<W: Word>(
    rules: &Rules<W>,
    field: &str,
    position: &mut Position<W>,
) -> Result<(), String> {
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

/// Takes note of a square of the field, if a man can capture on it.
fn read_en_passant_square<W: Word>(rules: &Rules<W>, square: Square, position: &mut Position<W>) -> Result<(), String> {
    let (us, them) = (position.turn, !position.turn);
    let others = rules.roles.pawn.map_or(!0, |p| !(1 << p.0));
    let in_region = rules.pawns.en_passant_region[us.index()].has(square);
    // Where men other than pawns step far or capture in passing, the square does not tell who stepped over it, so it is not checked.
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
