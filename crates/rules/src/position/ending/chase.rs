//! Chases (Asian xiangqi rules): men that the last move newly attacks, and that a side must not attack for ever.

use crate::board::{Color, PieceType, Position, Square, Word, rider, squares};
use crate::rules::Rules;

/// A position after a move of `them`, whose attacks on men of `us` may be a chase.
struct Chase<'a, W: Word> {
    rules: &'a Rules<W>,
    position: &'a Position<W>,
    us: Color,
    them: Color,
    king: Square,
    their_king: Square,
    /// Men of `us` that cannot protect others without laying their king open.
    pins: W,
    /// Men of `us` that may be attacked for ever: the king, and soldiers that have not crossed the river.
    exempt: W,
    /// The squares that the chase has found so far.
    chased: W,
}

impl<W: Word> Rules<W> {
    /// Squares of men that the last move attacks and did not attack before, and that must not be chased. `before` is the position before
    /// the last move, if it is known.
    pub(super) fn chased(&self, position: &Position<W>, before: Option<&Position<W>>) -> W {
        let Some(mut chase) = Chase::new(self, position) else { return W::EMPTY };
        chase.by_man_that_moved();
        chase.by_opened_lines();
        if let Some(before) = before {
            chase.by_new_pins(before);
        }
        chase.chased
    }

    /// Men of both sides that alone keep a rider from attacking a side's king.
    fn blockers(&self, position: &Position<W>, side: Color) -> W {
        let Some(king) = self.king(position, side) else { return W::EMPTY };
        let occupied = position.occupied();
        let safe = self.attackers(position, king, !side, occupied);
        let near = self.zone(!side, king) & position.men() & !W::bit(king);
        squares(near)
            .filter(|s| {
                let without = occupied & !W::bit(*s);
                (self.attackers(position, king, !side, without) & without & !safe).any()
            })
            .fold(W::EMPTY, |set, s| set | W::bit(s))
    }
}

impl<'a, W: Word> Chase<'a, W> {
    /// `None` where no move led to the position, or a king is missing.
    fn new(rules: &'a Rules<W>, position: &'a Position<W>) -> Option<Chase<'a, W>> {
        position.past.last?;
        let (us, them) = (position.turn(), !position.turn());
        let (king, their_king) = (rules.king(position, us)?, rules.king(position, them)?);
        let mut pins = rules.blockers(position, us);
        if rules.kings.flying_general {
            let file: W = rules.board.region(|f, _| f == rules.board.file(their_king));
            let men = file & position.color(us);
            let kings = W::bit(king) | W::bit(their_king);
            if men.has(king) && !(men & !kings).several() {
                pins |= men & !kings;
            }
        }
        let soldiers = rules.roles.soldier.map_or(W::EMPTY, |piece| position.pieces(us, piece));
        let exempt = W::bit(king) | soldiers & !rules.pieces.promoted_soldiers[us.index()];
        Some(Chase { rules, position, us, them, king, their_king, pins, exempt, chased: W::EMPTY })
    }

    /// The men of a side in a role.
    fn of(&self, role: Option<PieceType>, side: Color) -> W {
        role.map_or(W::EMPTY, |piece| self.position.pieces(side, piece))
    }

    /// Adds those of the men on `attacks`, which the man on `from` newly attacks, that it thereby chases: men worth more than it, and men
    /// without protection.
    fn add(&mut self, from: Square, attacks: W) {
        if (attacks & !self.chased).is_empty() {
            return;
        }
        let (rules, position, us) = (self.rules, self.position, self.us);
        let (roles, lines) = (&rules.roles, &rules.lines);
        let occupied = position.occupied();
        let piece = position.type_at(from);
        let is = |role| role == Some(piece);
        let mut attacks = attacks & !self.exempt;
        if is(roles.horse) || is(roles.cannon) {
            self.chased |= attacks & self.of(roles.rook, us);
        }
        if is(roles.elephant) || is(roles.fers) {
            self.chased |= attacks & (self.of(roles.rook, us) | self.of(roles.cannon, us) | self.of(roles.horse, us));
        }
        // A man does not chase one of its own type, which attacks it in return, unless that one is pinned, or is a horse whose way back is
        // barred.
        let near_diagonal = W::at(&lines.neighbours, from) & lines.attacks(rider::BISHOP, from, W::EMPTY);
        if is(roles.horse) && (near_diagonal & occupied).any() {
            for horse in squares(attacks & position.pieces(us, piece)) {
                if rules.mover(us, piece).capture.targets(lines, horse, occupied).has(from) {
                    attacks &= !W::bit(horse);
                }
            }
        } else {
            attacks &= !position.pieces(us, piece) | self.pins;
        }
        for square in squares(attacks) {
            let without = occupied & !W::bit(from);
            let protectors = rules.attackers(position, square, us, without) & !self.pins;
            // A king does not protect a man if capturing would make it face the other king.
            let only_king = rules.kings.flying_general
                && protectors == W::bit(self.king)
                && lines.attacks(rider::ROOK, self.their_king, without).has(square);
            if protectors.is_empty() || only_king {
                self.chased |= W::bit(square);
            }
        }
    }

    /// Adds what the man that moved attacks.
    fn by_man_that_moved(&mut self) {
        let Some(last) = self.position.past.last else { return };
        let (from, to) = (last.from(), last.to());
        let (rules, position) = (self.rules, self.position);
        let roles = &rules.roles;
        let Some((_, piece)) = position.piece_on(to) else { return };
        if Some(piece) == roles.king || Some(piece) == roles.soldier {
            return;
        }
        let mut attacks =
            rules.mover(self.them, piece).targets(rules, position, self.them, to) & position.color(self.us);
        if Some(piece) == roles.rook || Some(piece) == roles.cannon {
            // What stands on the line along which the man moved it attacked before.
            attacks &= !self.line(from, to);
        }
        self.add(to, attacks);
    }

    /// The rank or file on which two squares lie; none if they lie on neither.
    fn line(&self, a: Square, b: Square) -> W {
        let (board, lines) = (self.rules.board, &self.rules.lines);
        let both = lines.attacks(rider::QUEEN, a, W::EMPTY) & lines.attacks(rider::QUEEN, b, W::EMPTY);
        let file: W = board.region(|file, _| file == board.file(a) && file == board.file(b));
        let rank: W = board.region(|_, rank| rank == board.rank(a) && rank == board.rank(b));
        (both | W::bit(a) | W::bit(b)) & (file | rank)
    }

    /// Adds what other men attack because of the move: it opened a line, freed the way of a horse or elephant, or gave a cannon a man to
    /// jump over.
    fn by_opened_lines(&mut self) {
        let Some(last) = self.position.past.last else { return };
        let (from, to) = (last.from(), last.to());
        let (rules, position, them) = (self.rules, self.position, self.them);
        let (roles, lines) = (&rules.roles, &rules.lines);
        let occupied = position.occupied();
        let straight = |s: Square| lines.attacks(rider::ROOK, s, W::EMPTY);
        let beside = W::at(&lines.neighbours, from) & straight(from);
        let corner = W::at(&lines.neighbours, from) & !straight(from);
        let candidates = beside & self.of(roles.horse, them)
            | corner & self.of(roles.elephant, them)
            | straight(from) & (self.of(roles.cannon, them) | self.of(roles.rook, them))
            | straight(to) & self.of(roles.cannon, them);
        let earlier = (if position.past.captured { occupied } else { occupied & !W::bit(to) }) ^ W::bit(from);
        for square in squares(candidates) {
            let reach = &rules.mover(them, position.type_at(square)).capture;
            let discovered = position.color(self.us)
                & reach.targets(lines, square, occupied)
                & !reach.targets(lines, square, earlier);
            self.add(square, discovered);
        }
    }

    /// Adds men that lost their protection because the move pinned a man, and men that are attacked by a man which now shields the king.
    fn by_new_pins(&mut self, before: &Position<W>) {
        let (rules, position, us, them) = (self.rules, self.position, self.us, self.them);
        let occupied = position.occupied();
        let fresh = rules.blockers(position, us) & !rules.blockers(before, us);
        for square in squares(fresh & position.color(us)) {
            let reach = &rules.mover(us, position.type_at(square)).capture;
            let protected = position.color(us) & !self.exempt & reach.targets(&rules.lines, square, occupied);
            for other in squares(protected) {
                let attackers = rules.attackers(position, other, them, occupied);
                if (attackers & !rules.blockers(position, them)).any() {
                    self.chased |= W::bit(other);
                }
            }
        }
        let king_reach =
            rules.roles.king.map_or(W::EMPTY, |royal| rules.mover(us, royal).targets(rules, position, us, self.king));
        for square in squares(fresh & position.color(them)) {
            let piece = position.type_at(square);
            let attacks = rules.mover(them, piece).targets(rules, position, them, square) & position.color(us);
            self.chased |= attacks & !king_reach;
            for other in squares(attacks & king_reach) {
                let without = occupied & !W::bit(square) & !W::bit(self.king);
                if (rules.attackers(position, other, them, without) & !W::bit(square)).any() {
                    self.chased |= W::bit(other);
                }
            }
        }
    }
}
