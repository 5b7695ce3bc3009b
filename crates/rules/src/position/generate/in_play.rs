//! The legal moves of a position that is not over by rule.
//!
//! Where no side has a king, the generator's moves are legal as they are. Where only checks and pins decide, the generator heeds them
//! itself ([`Guard::Pins`]). Under all other rules moves are generated as if they were allowed, and then tried ([`Guard::Full`]).

use crate::board::{MoveKind, MoveList, Position, Square, Word};
use crate::position::attack::Watch;
use crate::position::generate::generator::{Counter, Generator, Passing, Sink};
use crate::rules::{Guard, Rules};

/// Each side's only pseudo-royal man.
#[derive(Clone, Copy)]
struct SoleRoyals {
    ours: Square,
    theirs: Square,
}

impl<W: Word> Rules<W> {
    /// Adds the legal moves of a position that is known not to be over by rule to `moves`, which must be empty.
    pub(crate) fn moves_in_play(&self, position: &Position<W>, moves: &mut MoveList) {
        match self.plan.guard {
            Guard::Full => self.tried_moves(position, moves),
            Guard::PseudoRoyal => match self.sole_royals(position) {
                Some(royals) => {
                    self.quiet_moves(position, royals, moves);
                    self.captures_and_castling(position, moves);
                }
                None => self.tried_moves(position, moves),
            },
            guard => {
                let planes = position.planes();
                let mut watch = Watch::new(self, !position.turn());
                let watch = (guard == Guard::Pins).then(|| watch.look(position, &planes));
                let generator = || Generator::new(self, position, &planes, watch);
                if self.captures.mandatory {
                    generator().captures().all(moves);
                    if !moves.is_empty() {
                        return;
                    }
                }
                generator().all(moves);
            }
        }
    }

    /// Number of legal moves of a position that is known not to be over by rule. `room` is scratch space.
    #[inline]
    pub(crate) fn count_in_play(&self, position: &Position<W>, room: &mut MoveList) -> u64 {
        let mut counter = Counter::default();
        if matches!(self.plan.guard, Guard::Full | Guard::PseudoRoyal) {
            room.clear();
            match self.sole_royals(position) {
                Some(royals) => {
                    self.quiet_moves(position, royals, &mut counter);
                    self.captures_and_castling(position, room);
                }
                None => self.tried_moves(position, room),
            }
            return counter.0 + room.len() as u64;
        }
        let planes = position.planes();
        let mut watch = Watch::new(self, !position.turn());
        let watch = (self.plan.guard == Guard::Pins).then(|| watch.look(position, &planes));
        let generator = || Generator::new(self, position, &planes, watch);
        if self.captures.mandatory {
            generator().captures().all(&mut counter);
        }
        if counter.0 == 0 {
            generator().all(&mut counter);
        }
        counter.0
    }

    /// All moves, each tried.
    fn tried_moves(&self, position: &Position<W>, moves: &mut MoveList) {
        Generator::new(self, position, &position.planes(), None).all(moves);
        self.add_unusual_moves(position, moves);
        self.keep_legal(position, moves);
    }

    /// The pseudo-royal men, if each side has just one.
    fn sole_royals(&self, position: &Position<W>) -> Option<SoleRoyals> {
        let men = position.of_type(self.plan.pseudo_royal?);
        let [ours, theirs] = [position.turn(), !position.turn()].map(|side| men & position.color(side));
        let sole = |men: W| men.any() && !men.several();
        (sole(ours) && sole(theirs)).then(|| SoleRoyals { ours: ours.lowest(), theirs: theirs.lowest() })
    }

    /// Moves that neither capture nor castle. Where each side has one pseudo-royal man, checks and pins decide about them, but for squares
    /// on which a capture would blow up the other side's own royal man: there nothing need be feared.
    fn quiet_moves<S: Sink<W>>(&self, position: &Position<W>, royals: SoleRoyals, sink: &mut S) {
        let planes = position.planes();
        let mut watch = Watch::new(self, !position.turn());
        let haven = if self.captures.blast { W::at(&self.lines.neighbours, royals.theirs) } else { W::EMPTY };
        let watch = watch.look(position, &planes);
        let generator = Generator::guarding(self, position, &planes, Some(royals.ours), haven, Some(watch));
        generator.quiets().all(sink);
    }

    /// Adds the moves that [`Rules::quiet_moves`] leaves out, each tried.
    fn captures_and_castling(&self, position: &Position<W>, moves: &mut MoveList) {
        let first = moves.len();
        let planes = position.planes();
        let generator = Generator::new(self, position, &planes, None);
        generator.castling(moves);
        generator.captures().all(moves);
        if moves.len() > first {
            self.keep_legal_from(position, moves, first);
        }
    }

    /// The squares on which a legal move captures in passing; none if no legal move does. Where [`Position::en_passant`] names the square
    /// of the man himself that can be captured, it is added: who is captured is a part of the right.
    #[cold]
    pub(crate) fn captures_in_passing(&self, position: &Position<W>) -> W {
        let planes = position.planes();
        let mut watch = Watch::new(self, !position.turn());
        let mut found = Passing::default();
        if matches!(self.plan.guard, Guard::Free | Guard::Pins) {
            let watch = (self.plan.guard == Guard::Pins).then(|| watch.look(position, &planes));
            Generator::new(self, position, &planes, watch).all_in_passing(&mut found);
        } else {
            let mut moves = MoveList::new();
            Generator::new(self, position, &planes, None).all_in_passing(&mut moves);
            if moves.is_empty() {
                return W::EMPTY;
            }
            if self.walls.rule.is_some() || self.hands.drops.as_ref().is_some_and(|d| d.must) {
                // Whether such a capture is legal depends on the wall that it builds, or on whether there are drops.
                moves.clear();
                self.tried_moves(position, &mut moves);
            } else {
                self.keep_legal_from(position, &mut moves, 0);
            }
            let capturing = moves.iter().filter(|mv| mv.kind() == MoveKind::EnPassant);
            found.0 = capturing.fold(W::EMPTY, |set, mv| set | W::bit(mv.to()));
        }
        if found.0.any() { found.0 | position.en_passant & position.men() } else { W::EMPTY }
    }
}
