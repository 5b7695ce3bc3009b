//! Legal moves.
//!
//! One generator serves all variants. What it finds goes to a [`Sink`] as sets of targets, so that moves can be counted without
//! being listed. Variants without kings need no more; where only checks and pins decide, the generator obeys them itself
//! ([`Guard::Pins`]); everything else is generated as if it were allowed and then tried ([`Guard::Full`], in `legality.rs`).

mod passing;

use crate::attack::Watch;
use crate::board::{Color, Move, MoveKind, MoveList, PieceType, Planes, Position, Sliders as _, Square, Word, squares};
use crate::rules::Path;
use crate::rules::{Group, Guard, Method, Mover, Rules};

/// Takes moves as they are found.
pub(crate) trait Sink<W: Word> {
    /// Plain moves of one man.
    fn moves(&mut self, from: Square, targets: W);
    /// Moves of one kind of one man.
    fn of_kind(&mut self, kind: MoveKind, from: Square, targets: W, piece: Option<PieceType>);
    /// Plain moves of men that all go the same way: the origin is the target less `delta`.
    fn shifted(&mut self, targets: W, delta: i8);
    /// Promotions of men that all go the same way.
    fn shifted_promotions(&mut self, kind: MoveKind, targets: W, delta: i8, piece: PieceType);
    /// Drops of one type.
    fn drops(&mut self, kind: MoveKind, piece: PieceType, targets: W);
}

/// Only counts.
#[derive(Default)]
struct Counter(u64);

impl<W: Word> Sink<W> for Counter {
    #[inline(always)]
    fn moves(&mut self, _from: Square, targets: W) {
        self.0 += u64::from(targets.count());
    }
    #[inline(always)]
    fn of_kind(&mut self, _kind: MoveKind, _from: Square, targets: W, _piece: Option<PieceType>) {
        self.0 += u64::from(targets.count());
    }
    #[inline(always)]
    fn shifted(&mut self, targets: W, _delta: i8) {
        self.0 += u64::from(targets.count());
    }
    #[inline(always)]
    fn shifted_promotions(&mut self, _kind: MoveKind, targets: W, _delta: i8, _piece: PieceType) {
        self.0 += u64::from(targets.count());
    }
    #[inline(always)]
    fn drops(&mut self, _kind: MoveKind, _piece: PieceType, targets: W) {
        self.0 += u64::from(targets.count());
    }
}

impl<W: Word> Sink<W> for MoveList {
    #[inline]
    fn moves(&mut self, from: Square, targets: W) {
        self.extend(squares(targets).map(|to| Move::normal(from, to)));
    }
    fn of_kind(&mut self, kind: MoveKind, from: Square, targets: W, piece: Option<PieceType>) {
        self.extend(squares(targets).map(|to| {
            let mv = Move::of_kind(kind, from, to);
            piece.map_or(mv, |p| mv.with_piece(p))
        }));
    }
    #[inline]
    fn shifted(&mut self, targets: W, delta: i8) {
        self.extend(squares(targets).map(|to| Move::normal(Square(to.0.wrapping_add_signed(-delta)), to)));
    }
    fn shifted_promotions(&mut self, kind: MoveKind, targets: W, delta: i8, piece: PieceType) {
        self.extend(
            squares(targets)
                .map(|to| Move::of_kind(kind, Square(to.0.wrapping_add_signed(-delta)), to).with_piece(piece)),
        );
    }
    fn drops(&mut self, kind: MoveKind, piece: PieceType, targets: W) {
        self.extend(squares(targets).map(|to| Move::of_kind(kind, to, to).with_piece(piece)));
    }
}

/// One side's moves in one position.
struct Generator<'a, W: Word> {
    rules: &'a Rules<W>,
    position: &'a Position<W>,
    planes: &'a Planes<W>,
    us: Color,
    own: W,
    theirs: W,
    occupied: W,
    /// Squares that the king may go to, attacked or not.
    reach: W,
    /// Squares that men other than the king may go to: all but their own, or those that answer a check.
    allowed: W,
    /// Squares that drops and quiet moves may go to.
    quiet: W,
    king: Option<Square>,
    in_check: bool,
    pinned: W,
    pinners: W,
    /// Empty squares on which men can be captured in passing.
    passed: W,
    castles: bool,
    /// Squares on which the king is safe whoever attacks it.
    haven: W,
    /// The other side's men, if the king's safety is seen to here.
    watch: Option<&'a Watch<'a, W>>,
}

impl<W: Word> Rules<W> {
    /// Writes the legal moves of the side to move into `moves`, in a fixed order. There are none once the game has ended
    /// by extinction, a flag, the last check or the like; repetition and the n-move rule leave them alone.
    pub fn legal_moves(&self, position: &Position<W>, moves: &mut MoveList) {
        moves.clear();
        if self.plan.immediate_ends && self.immediate_ending(position).is_some() {
            return;
        }
        self.moves_in_play(position, moves);
    }

    /// The legal moves of a position that is known not to be over by rule.
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

    fn tried_moves(&self, position: &Position<W>, moves: &mut MoveList) {
        Generator::new(self, position, &position.planes(), None).all(moves);
        self.add_unusual_moves(position, moves);
        self.keep_legal(position, moves);
    }

    /// The pseudo-royal men of the side to move and of the other, if each has just one.
    fn sole_royals(&self, position: &Position<W>) -> Option<(Square, Square)> {
        let men = position.of_type(self.plan.pseudo_royal?);
        let [ours, theirs] = [position.turn(), !position.turn()].map(|side| men & position.color(side));
        let sole = |men: W| men.any() && !men.several();
        (sole(ours) && sole(theirs)).then(|| (ours.lowest(), theirs.lowest()))
    }

    /// Moves that neither capture nor castle: with one pseudo-royal man each, checks and pins decide about them, except that who
    /// would blow up his own need not be feared.
    fn quiet_moves<S: Sink<W>>(&self, position: &Position<W>, (king, other): (Square, Square), sink: &mut S) {
        let planes = position.planes();
        let mut watch = Watch::new(self, !position.turn());
        let haven = if self.captures.blast { W::at(&self.lines.neighbours, other) } else { W::EMPTY };
        let generator =
            Generator::guarding(self, position, &planes, Some(king), haven, Some(watch.look(position, &planes)));
        generator.quiets().all(sink);
    }

    /// The rest of the moves, each tried.
    fn captures_and_castling(&self, position: &Position<W>, moves: &mut MoveList) {
        let first = moves.len();
        let planes = position.planes();
        let generator = Generator::new(self, position, &planes, None);
        if generator.castles {
            generator.castling(moves);
        }
        generator.captures().all(moves);
        if moves.len() > first {
            self.keep_legal_from(position, moves, first);
        }
    }

    /// Number of legal moves, without listing them where that can be avoided. `room` is scratch space.
    pub fn count_moves(&self, position: &Position<W>, room: &mut MoveList) -> u64 {
        if self.plan.immediate_ends && self.immediate_ending(position).is_some() {
            return 0;
        }
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

    /// Where a man from the hand may be dropped, without looking at kings.
    pub(crate) fn drop_squares(&self, position: &Position<W>, us: Color, piece: PieceType) -> W {
        let Some(drops) = &self.hands.drops else { return W::EMPTY };
        let mut region = drops.region[us.index()][piece.index()];
        if drops.no_doubled == Some(piece) {
            let men = position.pieces(us, piece);
            for file in 0..self.board.files {
                let file = self.board.file_squares(file);
                if (men & file).count() >= drops.no_doubled_count {
                    region &= !file;
                }
            }
        }
        region
    }

    /// Castling to the king's (0) or queen's (1) side: the king's target, the rook and its target, if men and way allow it.
    pub(crate) fn castling_squares(
        &self,
        position: &Position<W>,
        us: Color,
        side: usize,
    ) -> Option<(Square, Square, Square, Square)> {
        let castling = self.castling.as_ref()?;
        let right = 2 * us.index() + side;
        let (rank, file_to) = (castling.rank[us.index()], castling.king_file_to[side]);
        if position.castling >> right & 1 == 0 || file_to >= self.board.files || rank >= self.board.ranks {
            return None;
        }
        let king = Square(position.castling_king[us.index()]);
        let rook = Square(position.castling_rook[right]);
        let king_to = Square(rank * self.board.files + file_to);
        let rook_to = Square(if side == 0 { king_to.0.wrapping_sub(1) } else { king_to.0 + 1 });
        Some((king, king_to, rook, rook_to))
    }

    /// Whether nothing stands in the way of castling.
    fn castling_is_free(&self, position: &Position<W>, squares: (Square, Square, Square, Square)) -> bool {
        let (king, king_to, rook, rook_to) = squares;
        let way =
            self.lines.between(king, king_to) | W::bit(king_to) | self.lines.between(rook, rook_to) | W::bit(rook_to);
        (way & !(W::bit(king) | W::bit(rook)) & position.occupied()).is_empty()
    }
}

impl<'a, W: Word> Generator<'a, W> {
    #[inline]
    fn new(
        rules: &'a Rules<W>,
        position: &'a Position<W>,
        planes: &'a Planes<W>,
        watch: Option<&'a Watch<'a, W>>,
    ) -> Generator<'a, W> {
        let kings = rules.roles.king.map_or(W::EMPTY, |royal| planes.of(royal) & position.color(position.turn()));
        let king = kings.any().then(|| kings.lowest());
        Generator::guarding(rules, position, planes, king, W::EMPTY, watch)
    }

    #[inline]
    fn guarding(
        rules: &'a Rules<W>,
        position: &'a Position<W>,
        planes: &'a Planes<W>,
        king: Option<Square>,
        haven: W,
        watch: Option<&'a Watch<'a, W>>,
    ) -> Generator<'a, W> {
        let us = position.turn();
        let (own, theirs, occupied) = (position.color(us), position.color(!us), position.occupied());
        let mut generator = Generator {
            rules,
            position,
            planes,
            us,
            own,
            theirs,
            occupied,
            reach: rules.squares.all & !own & !position.walls,
            allowed: rules.squares.all & !own & !position.walls,
            quiet: rules.squares.all & !occupied,
            king,
            in_check: false,
            pinned: W::EMPTY,
            pinners: W::EMPTY,
            passed: position.en_passant & !occupied,
            castles: position.castling >> (2 * us.index()) & 3 != 0,
            haven,
            watch,
        };
        if let (Some(watch), Some(king)) = (watch, king)
            && !haven.has(king)
        {
            let pins = watch.pins(rules, position, king);
            generator.pinned = pins.pinned;
            generator.pinners = pins.pinners;
            if pins.checkers.any() {
                generator.in_check = true;
                let answers = if pins.checkers.several() {
                    W::EMPTY
                } else if pins.leaping.any() {
                    pins.checkers
                } else {
                    pins.checkers | rules.lines.between(king, pins.checkers.lowest())
                };
                generator.allowed &= answers;
                generator.quiet &= answers;
            }
        }
        generator
    }

    /// The same generator, for captures only.
    fn captures(mut self) -> Generator<'a, W> {
        self.reach &= self.theirs;
        self.allowed &= self.theirs;
        self.quiet = W::EMPTY;
        self.castles = false;
        self
    }

    /// The same generator, for moves to empty squares that neither castle nor capture in passing.
    fn quiets(mut self) -> Generator<'a, W> {
        self.reach &= !self.occupied;
        self.allowed &= !self.occupied;
        self.theirs = W::EMPTY;
        self.passed = W::EMPTY;
        self.castles = false;
        self
    }

    #[inline]
    fn all<S: Sink<W>>(&self, sink: &mut S) {
        let rules = self.rules;
        let mut left = self.own;
        for Group { piece, method } in &rules.plan.groups[self.us.index()] {
            let men = self.planes.of(*piece) & self.own;
            if men.is_empty() {
                continue;
            }
            match method {
                Method::Pawn => self.pawns(*piece, men, sink),
                Method::King => squares(men).for_each(|king| self.king_moves(*piece, king, sink)),
                Method::Plain(path) => self.plain_men(*piece, *path, men, sink),
                Method::Special => self.special_men(*piece, men, sink),
            }
            left &= !men;
            if left.is_empty() {
                break;
            }
        }
        if rules.hands.piece_drops {
            self.drops(sink);
        }
        if self.castles && !self.in_check {
            self.castling(sink);
        }
    }

    /// Whether the king is safe after a man moves; `captured` is the square of the man taken, if there is one on it.
    #[inline]
    fn survives(&self, from: Square, to: Square, captured: W) -> bool {
        let (Some(king), Some(watch)) = (self.king, self.watch) else { return true };
        let occupied = (self.occupied & !W::bit(from) & !captured) | W::bit(to);
        !watch.attacks(self.rules, self.position, king, occupied, !captured)
    }

    /// Where a man can go without leaving the line on which it is pinned: anywhere, if it is not.
    #[inline]
    fn line_of(&self, from: Square) -> W {
        let (Some(king), true) = (self.king, self.pinned.has(from)) else { return !W::EMPTY };
        let lines = squares(self.pinners).map(|p| self.rules.lines.between(king, p) | W::bit(p));
        lines.filter(|line| line.has(from)).fold(W::EMPTY, |all, line| all | line)
    }

    /// Where a man is not stuck: from there it could move on an empty board, walls left standing.
    #[inline]
    fn mobile(&self, mover: &Mover<W>) -> W {
        let walls = self.position.walls;
        if walls.is_empty() {
            return mover.mobile;
        }
        let moves_on = |from: &Square| (W::at(&mover.quiet.widest, *from) & !walls).any();
        squares(mover.mobile).filter(moves_on).fold(W::EMPTY, |set, from| set | W::bit(from))
    }

    fn king_moves<S: Sink<W>>(&self, piece: PieceType, king: Square, sink: &mut S) {
        let mover = self.rules.mover(self.us, piece);
        let mut targets = mover.targets(self.rules, self.position, self.us, king) & self.reach;
        if self.rules.pieces.immobility_illegal {
            targets &= self.mobile(mover);
        }
        if let Some(watch) = self.watch {
            let occupied = self.occupied & !W::bit(king);
            let safe = |to: &Square| {
                self.haven.has(*to) || !watch.attacks(self.rules, self.position, *to, occupied, !W::bit(*to))
            };
            targets = squares(targets).filter(safe).fold(W::EMPTY, |set, to| set | W::bit(to));
        }
        sink.moves(king, targets);
    }

    #[inline(always)]
    fn plain_men<S: Sink<W>>(&self, piece: PieceType, path: Path, men: W, sink: &mut S) {
        let rules = self.rules;
        let mover = rules.mover(self.us, piece);
        let (free, sliders, occupied) = (men & !self.pinned, &rules.lines.sliders, self.occupied);
        let mut others = men & self.pinned;
        match path {
            Path::Leaper => squares(free).for_each(|s| sink.moves(s, W::at(&mover.capture.leaps, s) & self.allowed)),
            Path::Bishop => squares(free).for_each(|s| sink.moves(s, sliders.bishop(s, occupied) & self.allowed)),
            Path::Rook => squares(free).for_each(|s| sink.moves(s, sliders.rook(s, occupied) & self.allowed)),
            Path::Queen => squares(free).for_each(|s| {
                sink.moves(s, (sliders.rook(s, occupied) | sliders.bishop(s, occupied)) & self.allowed);
            }),
            Path::General => others = men,
        }
        for from in squares(others) {
            sink.moves(from, self.targets_of(mover, from));
        }
    }

    fn special_men<S: Sink<W>>(&self, piece: PieceType, men: W, sink: &mut S) {
        let mover = self.rules.mover(self.us, piece);
        squares(men).for_each(|from| self.special_man(piece, from, self.targets_of(mover, from), sink));
    }

    fn targets_of(&self, mover: &Mover<W>, from: Square) -> W {
        mover.targets(self.rules, self.position, self.us, from) & self.allowed & self.line_of(from)
    }

    /// A man that promotes, turns over or captures in passing, or that must not be stuck.
    fn special_man<S: Sink<W>>(&self, piece: PieceType, from: Square, targets: W, sink: &mut S) {
        let (rules, side) = (self.rules, self.us.index());
        let mover = rules.mover(self.us, piece);
        let zone = rules.promotion.region[side];
        let mut plain = targets;
        let mut turned = match rules.promotion.turns_to[piece.index()] {
            Some(to) if rules.promotion.within_limit(self.position, self.us, to) => targets,
            _ => W::EMPTY,
        };
        let origin = if rules.promotion.demotion { self.position.origin(from) } else { None };
        let mut demoted = if origin.is_some() { targets } else { W::EMPTY };
        let promoted = if rules.promotion.pawns[side] >> piece.0 & 1 == 1 { targets & zone } else { W::EMPTY };
        if promoted.any() && rules.promotion.mandatory_for_pawns {
            plain &= !promoted;
        }
        if (turned | demoted).any() {
            if rules.promotion.mandatory_for_pieces {
                let forced = if zone.has(from) { W::EMPTY } else { !zone };
                plain &= forced | if rules.promotion.on_capture { !self.occupied } else { W::EMPTY };
            }
            if rules.promotion.on_capture {
                turned &= self.occupied;
                demoted &= self.occupied;
            }
            if !zone.has(from) {
                turned &= zone;
                demoted &= zone;
            }
        }
        if rules.pieces.immobility_illegal {
            plain &= self.mobile(mover);
        }
        sink.moves(from, plain);
        if let Some(to) = rules.promotion.turns_to[piece.index()] {
            sink.of_kind(MoveKind::PiecePromotion, from, turned, Some(to));
        }
        if let Some(origin) = origin {
            sink.of_kind(MoveKind::Demotion, from, demoted, Some(origin));
        }
        if promoted.any() {
            for to in &rules.promotion.choices[side] {
                if rules.promotion.within_limit(self.position, self.us, *to) {
                    sink.of_kind(MoveKind::Promotion, from, promoted, Some(*to));
                }
            }
        }
        self.in_passing(piece, from, sink);
    }

    #[inline]
    fn pawns<S: Sink<W>>(&self, pawn: PieceType, men: W, sink: &mut S) {
        let free = men & !self.pinned;
        self.pawn_moves(pawn, free, !W::EMPTY, sink);
        for from in squares(men & self.pinned) {
            self.pawn_moves(pawn, W::bit(from), self.line_of(from), sink);
        }
        if self.passed.any() {
            self.pawns_in_passing(pawn, men, sink);
        }
    }

    /// Moves of pawns, all at once: by one, two and three squares, and captures to either side, to squares in `only`.
    #[inline(always)]
    fn pawn_moves<S: Sink<W>>(&self, pawn: PieceType, men: W, only: W, sink: &mut S) {
        let (rules, side) = (self.rules, self.us.index());
        let region = rules.mover(self.us, pawn).region;
        let files = rules.board.files as i8;
        let free = rules.squares.all & !self.occupied & region;
        let up = if self.us == Color::White { files } else { -files };
        let step = |men: W| shift(men, up) & free;
        let once = step(men);
        let quiet = self.quiet & only;
        self.emit_pawns(pawn, once & quiet, up, sink);
        let double = rules.pawns.double_step[side];
        if double.any() {
            self.emit_pawns(pawn, step(step(men & double)) & quiet, 2 * up, sink);
        }
        let triple = rules.pawns.triple_step[side];
        if triple.any() {
            self.emit_pawns(pawn, step(step(step(men & triple))) & quiet, 3 * up, sink);
        }
        let targets = self.allowed & self.theirs & region & only;
        let right = men & !rules.squares.last_file;
        let left = men & !rules.squares.first_file;
        self.emit_pawns(pawn, shift(right, up + 1) & targets, up + 1, sink);
        self.emit_pawns(pawn, shift(left, up - 1) & targets, up - 1, sink);
    }

    #[inline(always)]
    fn emit_pawns<S: Sink<W>>(&self, pawn: PieceType, targets: W, delta: i8, sink: &mut S) {
        if targets.is_empty() {
            return;
        }
        let (rules, side) = (self.rules, self.us.index());
        let zone = if rules.promotion.sittuyin { W::EMPTY } else { rules.promotion.region[side] };
        let promoted = targets & zone;
        let mut plain = if rules.promotion.mandatory_for_pawns { targets & !zone } else { targets };
        if rules.pieces.immobility_illegal {
            plain &= self.mobile(rules.mover(self.us, pawn));
        }
        sink.shifted(plain, delta);
        if promoted.any() {
            for to in &rules.promotion.choices[side] {
                if rules.promotion.within_limit(self.position, self.us, *to) {
                    sink.shifted_promotions(MoveKind::Promotion, promoted, delta, *to);
                }
            }
            if let Some(to) = rules.promotion.turns_to[pawn.index()] {
                let turned = if rules.promotion.on_capture { promoted & self.occupied } else { promoted };
                sink.shifted_promotions(MoveKind::PiecePromotion, turned, delta, to);
            }
        }
    }

    fn drops<S: Sink<W>>(&self, sink: &mut S) {
        let rules = self.rules;
        for piece in rules.types() {
            if self.position.in_hand(self.us, piece) == 0 {
                continue;
            }
            let targets = self.quiet & rules.drop_squares(self.position, self.us, piece);
            let mobile = |piece: PieceType, targets: W| {
                if rules.pieces.immobility_illegal {
                    targets & self.mobile(rules.mover(self.us, piece))
                } else {
                    targets
                }
            };
            if let Some(drops) = &rules.hands.drops
                && drops.promoted
                && let Some(promoted) = rules.promotion.turns_to[piece.index()]
            {
                sink.drops(MoveKind::PromotedDrop, piece, mobile(promoted, targets));
            }
            sink.drops(MoveKind::Drop, piece, mobile(piece, targets));
        }
    }

    fn castling<S: Sink<W>>(&self, sink: &mut S) {
        for side in 0..2 {
            let Some(castling) = self.rules.castling_squares(self.position, self.us, side) else { continue };
            if self.rules.castling_is_free(self.position, castling) && self.castling_is_safe(castling) {
                sink.of_kind(MoveKind::Castling, castling.0, W::bit(castling.1), None);
            }
        }
    }

    /// Whether the king does not castle out of, through or into check, as far as that is seen to here.
    fn castling_is_safe(&self, (king, king_to, rook, _): (Square, Square, Square, Square)) -> bool {
        let Some(watch) = self.watch else { return true };
        let lines = &self.rules.lines;
        let way = (lines.between(king, king_to) | W::bit(king_to)) & !W::bit(king);
        let safe = |s: Square, occupied: W| !watch.attacks(self.rules, self.position, s, occupied, !W::EMPTY);
        // A rook on the edge hides nobody.
        let edge = (self.rules.squares.first_file | self.rules.squares.last_file).has(rook);
        squares(way).all(|s| safe(s, self.occupied)) && (edge || safe(king_to, self.occupied & !W::bit(rook)))
    }
}

/// All squares moved by `delta`.
#[inline(always)]
fn shift<W: Word>(squares: W, delta: i8) -> W {
    if delta >= 0 { squares << delta as u32 } else { squares >> u32::from(delta.unsigned_abs()) }
}
