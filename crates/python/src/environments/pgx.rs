//! The encoding of pgx's `gardner_chess`, version 0 (Koyamada et al. 2023, "Pgx: Hardware-accelerated parallel game simulators for reinforcement
//! learning"): 1,225 actions and planes of 5x5x115, the channel last.
//!
//! Squares are numbered `file * 5 + rank` as the side to move sees them. An action is `from * 49 + plane`: planes 0 to 8 are promotions to rook,
//! bishop and knight, three each (ahead, to the right, to the left), 9 to 40 the moves of a queen, 41 to 48 those of a knight. A pawn that moves
//! to the last rank by any other plane becomes a queen.

use rules::{Color, Move, Position, Rules, Square, Word};

/// Number of actions.
pub const ACTIONS: usize = 25 * 49;
/// Planes of an observation: 14 for each of 8 positions, then colour, moves and moves without progress.
pub const PLANES: usize = 115;
/// Positions that an observation shows.
const SHOWN: usize = 8;
/// Plies after which pgx ends a game.
pub const MAX_PLIES: u32 = 256;
const SIDE: usize = 5;

/// Steps in ranks and files of the planes from 9 on.
const RANKS: [i8; 40] = [
    -4, -3, -2, -1, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, -4, -3, -2, -1, 1, 2, 3, 4, 4, 3, 2, 1, -1, -2, -3, -4, -1, 1,
    -2, 2, -1, 1, -2, 2,
];
const FILES: [i8; 40] = [
    0, 0, 0, 0, 0, 0, 0, 0, -4, -3, -2, -1, 1, 2, 3, 4, -4, -3, -2, -1, 1, 2, 3, 4, -4, -3, -2, -1, 1, 2, 3, 4, -2, -2,
    -1, -1, 2, 2, 1, 1,
];

/// File and rank of a square as a side sees them.
fn seen(square: Square, turn: Color) -> (usize, usize) {
    let (file, rank) = (square.index() % SIDE, square.index() / SIDE);
    (file, if turn == Color::White { rank } else { SIDE - 1 - rank })
}

/// The action of a move.
pub fn action<W: Word>(rules: &Rules<W>, mv: Move, turn: Color) -> Option<usize> {
    let ((file, rank), (to_file, to_rank)) = (seen(mv.from(), turn), seen(mv.to(), turn));
    let (files, ranks) = (to_file as i8 - file as i8, to_rank as i8 - rank as i8);
    let plane = match mv.promotion().map(|piece| rules.pieces()[piece.index()].letter) {
        Some(letter @ ('r' | 'b' | 'n')) => {
            let piece = "rbn".find(letter)?;
            let direction = [0, 1, -1].iter().position(|d| *d == files)?;
            3 * piece + direction
        }
        _ => 9 + (0..RANKS.len()).find(|plane| (RANKS[*plane], FILES[*plane]) == (ranks, files))?,
    };
    Some((file * SIDE + rank) * 49 + plane)
}

/// Writes the planes of a position into `planes`, which has 25 * [`PLANES`] cells. `past` holds the positions before, oldest first.
pub fn observe<W: Word>(rules: &Rules<W>, position: &Position<W>, past: &[Position<W>], planes: &mut [f32]) {
    planes.fill(0.0);
    let turn = position.turn();
    let cell = |file: usize, rank: usize| ((SIDE - 1 - rank) * SIDE + file) * PLANES;
    let mut everywhere = |plane: usize, number: f32| {
        for square in 0..SIDE * SIDE {
            planes[square * PLANES + plane] = number;
        }
    };
    let shown = || std::iter::once(position).chain(past.iter().rev()).take(SHOWN);
    for number in 0..SHOWN {
        let repeated = shown().nth(number).is_some_and(|at| {
            let all = past.iter().chain([position]);
            all.filter(|other| other.key() == at.key()).count() > 1
        });
        everywhere(14 * number + 12 + usize::from(repeated), 1.0);
    }
    everywhere(112, (turn == Color::Black).into());
    everywhere(113, past.len() as f32 / MAX_PLIES as f32);
    everywhere(114, position.halfmove_clock() as f32 / 100.0);
    for (number, at) in shown().enumerate() {
        for square in rules::squares(at.men()) {
            let Some((color, piece)) = at.piece_on(square) else { continue };
            let Some(kind) = "pnbrqk".find(rules.pieces()[piece.index()].letter) else { continue };
            let (file, rank) = seen(square, turn);
            planes[cell(file, rank) + 14 * number + kind + if color == turn { 0 } else { 6 }] = 1.0;
        }
    }
}
