//! Positions that neither side can win with the men that are left, whatever is played: the dead positions that the Laws of Chess end at
//! once (5.2.2), as far as the men alone tell.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::board::{Color, MoveList, Outcome, PieceType, Position, Square, TypeSet, Value, Word, squares};
use crate::position::History;
use crate::rules::{Mover, Rules, Special};

/// Men on the board and in hand.
type Men = Vec<(Color, PieceType)>;

/// Tells for one set of rules which positions have too few men to be won. Rule files do not say it: it follows from what wins.
///
/// - Positions with a king, real or pseudo-royal, on each side and at most one more man, on the board or in hand, that cannot become
///   another one, are dead if among all positions of these men none is decided by mate, stalemate, a goal or any other rule. Where checks
///   are counted, none may have a check either.
/// - Positions with more men, under rules by which only mate wins and kings move as in chess, are dead if all men but the kings stand on
///   squares of one colour and can never leave it, like bishops.
///
/// Rules under which something else than the position decides games (repetition that loses, draws that material decides, castling that
/// wins, walls) have no dead positions here.
#[derive(Debug)]
pub struct InsufficientMaterial<W: Word = u64> {
    rules: Arc<Rules<W>>,
    /// For each set of men that was asked for: whether it can win.
    known: Mutex<BTreeMap<Men, bool>>,
    /// Types whose men never leave squares of one colour; none where such men do not make a position dead.
    bound: OnceLock<TypeSet>,
}

impl<W: Word> InsufficientMaterial<W> {
    /// A judge of the positions of `rules`.
    #[must_use]
    pub fn new(rules: Arc<Rules<W>>) -> InsufficientMaterial<W> {
        InsufficientMaterial { rules, known: Mutex::default(), bound: OnceLock::new() }
    }

    /// Whether neither side can win in `position`. The first question about a set of men looks at all their positions, which takes up to a
    /// second on a large board.
    #[must_use]
    pub fn holds(&self, position: &Position<W>) -> bool {
        if position.walls.any() || self.rules.decides_otherwise() {
            return false;
        }
        let hands = position.hand_size(Color::White) + position.hand_size(Color::Black);
        if position.men().count() + hands > 3 {
            hands == 0 && self.is_bound(position)
        } else {
            self.is_hopeless(position)
        }
    }

    /// Whether all men but the kings are bound to squares of one colour.
    fn is_bound(&self, position: &Position<W>) -> bool {
        let rules = &self.rules;
        let bound = *self.bound.get_or_init(|| rules.color_bound_types());
        let Some(royal) = rules.roles.king.filter(|_| bound != 0) else { return false };
        let kings = position.of_type(royal);
        let others = position.men() & !kings;
        let dark = rules.board.region(|file, rank| (file + rank) % 2 == 0);
        (others & !position.of_types(bound)).is_empty()
            && ((others & dark).is_empty() || (others & !dark).is_empty())
            && [Color::White, Color::Black].iter().all(|side| position.count(*side, royal) == 1)
    }

    /// Whether three men or fewer cannot win.
    fn is_hopeless(&self, position: &Position<W>) -> bool {
        let rules = &self.rules;
        let mut men = Men::new();
        let mut others = Men::new();
        for side in [Color::White, Color::Black] {
            let royals = rules.royals(position, side);
            if royals.count() != 1 {
                return false;
            }
            men.push((side, position.type_at(royals.lowest())));
            others.extend(squares(position.color(side) & !royals).map(|square| (side, position.type_at(square))));
            for piece in rules.types() {
                others.extend((0..position.in_hand(side, piece)).map(|_| (side, piece)));
            }
        }
        // A man that may become another one is not judged by what it is.
        if others.iter().any(|(side, piece)| rules.can_change(*side, *piece))
            || rules.hands.captures_to_hand && position.promoted.any()
            || position.turned.any()
        {
            return false;
        }
        let Some((side, piece)) = others.pop() else { return !self.can_win(men) };
        let with = |side| men.iter().copied().chain([(side, piece)]).collect();
        let changes_sides = rules.hands.captures_to_hand;
        let wins = self.can_win(men.clone()) || self.can_win(with(side)) || changes_sides && self.can_win(with(!side));
        !wins
    }

    /// Whether any position of these men is decided.
    fn can_win(&self, men: Men) -> bool {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&men) {
            return *known;
        }
        let mut empty = Position::empty();
        empty.checks_left = self.rules.start.checks_left;
        let found = self.rules.some_decided(&empty, &men);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(men, found);
        found
    }
}

impl<W: Word> Rules<W> {
    /// Whether something may decide games that no position of a few men shows.
    fn decides_otherwise(&self) -> bool {
        !self.kings.checking
            || self.repetition.n_fold > 0 && self.repetition.value != Value::Draw
            || self.repetition.perpetual_check_illegal
            || self.repetition.moves_illegal
            || self.repetition.chasing
            || self.mates.shatar
            || self.tallies.material.is_some()
            || self.walls.rule.is_some()
            || self.captures.petrify != 0
            || self.captures.petrify_blast
            || self.castling.as_ref().is_some_and(|castling| castling.wins != 0)
    }

    /// The men of a side that must not be lost.
    fn royals(&self, position: &Position<W>, side: Color) -> W {
        let kings = self.roles.king.map_or(W::EMPTY, |royal| position.pieces(side, royal));
        kings | self.pseudo_royals(position, side)
    }

    /// Whether a man of a type may become one of another type.
    fn can_change(&self, side: Color, piece: PieceType) -> bool {
        self.promotion.pawns[side.index()] >> piece.0 & 1 == 1
            || self.promotion.turns_to[piece.index()].is_some()
            || self.promotion.demotion
            || self.roles.pawn == Some(piece)
            || self.hands.drops.as_ref().is_some_and(|drops| drops.promoted)
    }

    /// Whether any position with these men, added to those of `position`, is decided for one side, or has a check where checks are
    /// counted.
    fn some_decided(&self, position: &Position<W>, men: &[(Color, PieceType)]) -> bool {
        let Some(((side, piece), rest)) = men.split_first() else {
            return [Color::White, Color::Black].into_iter().any(|turn| {
                let mut position = *position;
                position.turn = turn;
                self.is_decided(&position)
            });
        };
        self.board.each().filter(|square| !position.occupied().has(*square)).any(|square: Square| {
            let mut next = *position;
            next.toggle(self.zobrist, *side, *piece, square);
            self.some_decided(&next, rest)
        })
    }

    /// Whether a side has won, or is in check where checks are counted. A position that no move leads to is not decided.
    fn is_decided(&self, position: &Position<W>) -> bool {
        let attacked = |side| self.king_attacked(position, side) || self.checked_pseudo_royals(position, side).any();
        // No move leaves the mover's own king attacked.
        if attacked(!position.turn) {
            return false;
        }
        let check = attacked(position.turn);
        if self.tallies.check_counting && check {
            return true;
        }
        if !check && !self.plan.immediate_ends && self.mates.stalemate_value == Value::Draw {
            return false;
        }
        let mut moves = MoveList::new();
        self.legal_moves(position, &mut moves);
        moves.is_empty() && !matches!(self.outcome(position, &moves, &History::new()), None | Some(Outcome::Draw))
    }

    /// The types whose men stay on squares of one colour and cannot mate alone, where mate is all that wins and kings move as in
    /// chess. A king in check by such men has, beside it, squares of the other colour that are free of them and not attacked by them,
    /// and the other king cannot guard all of those.
    fn color_bound_types(&self) -> TypeSet {
        let Some(royal) = self.roles.king else { return 0 };
        let step = |mover: &Mover<W>| {
            let all = |square| W::at(&self.lines.neighbours, square);
            let reaches = |square| W::at(&mover.quiet.leaps, square) & W::at(&mover.capture.leaps, square);
            mover.region == self.squares.all && self.board.each().all(|square| reaches(square) == all(square))
        };
        let only_mate = self.mates.stalemate_value == Value::Draw
            && self.extinction.is_none()
            && self.flags.is_none()
            && !self.tallies.check_counting
            && !self.hands.captures_to_hand
            && !self.captures.blast
            && !self.kings.flying_general
            && !self.kings.makpong
            && self.pieces.palace.is_empty();
        if !only_mate || !self.pieces.movers.iter().all(|movers| step(&movers[royal.index()])) {
            return 0;
        }
        let stays = |mover: &Mover<W>| {
            mover.special == Special::None
                && self.board.each().all(|from| {
                    let initial = mover.initial.as_ref().map_or(W::EMPTY, |reach| W::at(&reach.widest, from));
                    let reach = W::at(&mover.quiet.widest, from) | W::at(&mover.capture.widest, from) | initial;
                    let parity = |square| (self.board.file(square) + self.board.rank(square)) % 2;
                    squares(reach).all(|to| parity(to) == parity(from))
                })
        };
        let bound = |piece: &PieceType| {
            [Color::White, Color::Black]
                .iter()
                .all(|side| stays(self.mover(*side, *piece)) && !self.can_change(*side, *piece))
        };
        self.types().filter(|piece| *piece != royal).filter(bound).fold(0, |set, piece| set | 1 << piece.0)
    }
}
