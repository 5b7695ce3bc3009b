//! From a definition to rules.

use crate::board::{Lines, PieceType, Position, Squares, TypeSet, Word, Zobrist};
use crate::format::{Definition, Key, RuleError};
use crate::rules::Rules;
use crate::rules::endings::{Extinction, Flags, Mates, Payoff, Repetition, Tallies};
use crate::rules::moves::{Captures, Castling, Gates, Hands, Kings, Passes, Pawns, Promotion, Walls};
use crate::rules::pieces::{Mover, Numbering, Pieces, Roles, Special};
use crate::rules::plan::{Group, Guard, Method, Plan};

impl<W: Word> Rules<W> {
    /// Whether a variant has no more squares and piece types than the word has room for.
    pub(crate) fn have_room_for(definition: &Definition) -> bool {
        usize::from(definition.board.squares()) <= W::SQUARES && definition.letters().count() <= W::TYPES
    }

    /// Compiles a definition, without its start position: that takes rules to read.
    ///
    /// # Errors
    /// If a key makes no difference or contradicts another, if there are no pieces, and if a piece can never move.
    pub(crate) fn compile(definition: &Definition) -> Result<Rules<W>, RuleError> {
        definition.check()?;
        let board = definition.board;
        let lines = Lines::of(board);
        let numbering = Numbering::compile(definition)?;
        let pieces = Pieces::compile(definition, &numbering, &lines)?;
        let mut rules = Rules {
            name: definition.name.clone(),
            board,
            squares: Squares::of(board),
            lines,
            zobrist: Zobrist::get(),
            roles: Roles::compile(&numbering),
            promotion: Promotion::compile(definition, &numbering),
            captures: Captures::compile(definition, &numbering),
            pawns: Pawns::compile(definition, &numbering),
            castling: Castling::compile(definition, &numbering),
            chess960: definition.flag(Key::Chess960),
            hands: Hands::compile(definition, &numbering, &pieces),
            gates: Gates::compile(definition),
            walls: Walls::compile(definition),
            kings: Kings::compile(definition),
            passes: Passes::compile(definition),
            extinction: Extinction::compile(definition, &numbering),
            flags: Flags::compile(definition, &numbering),
            mates: Mates::compile(definition),
            repetition: Repetition::compile(definition),
            tallies: Tallies::compile(definition, &numbering),
            pieces,
            plan: Plan::default(),
            start: Position::empty(),
            start_fen: String::new(),
            text: String::new(),
            hash: String::new(),
            payoff: Payoff::default(),
        };
        rules.plan = rules.plan(definition);
        Ok(rules)
    }

    /// Finds out what the variant does not use, so that it need not be asked for in every move.
    fn plan(&self, definition: &Definition) -> Plan {
        let pseudo_royal = self.sole_pseudo_royal();
        let walls = self.builds_walls()
            || self.captures.petrify != 0
            || self.captures.petrify_blast
            || definition.start_fen().contains('*');
        let marks_promoted = self.hands.captures_to_hand && !self.hands.drop_loop || self.promotion.demotion;
        Plan {
            guard: self.guard(pseudo_royal),
            pseudo_royal,
            groups: [0, 1].map(|side| self.groups(side, pseudo_royal, walls)),
            long_steps: self.long_steps(),
            immediate_ends: self.ends_immediately(),
            plain_play: self.plays_plainly() && !marks_promoted,
            marks_promoted,
            forbids_checks: self.forbids_checks(),
            keeps_pseudo_royals: self.keeps_pseudo_royals(),
            only_king_safety: self.kings.checking
                && !self.promotion.sittuyin
                && self.captures.mutually_immune == 0
                && !self.keeps_pseudo_royals(),
            all_legal: self.roles.king.is_none()
                && !self.keeps_pseudo_royals()
                && !self.forbids_checks()
                && self.captures.mutually_immune == 0
                && self.hands.drops.as_ref().is_none_or(|d| d.opposite_bishops.is_none()),
        }
    }

    /// Whether some moves may not give check: any, promotions of sittuyin, or drops.
    fn forbids_checks(&self) -> bool {
        !self.kings.checking || self.promotion.sittuyin || self.hands.drops.as_ref().is_some_and(|d| !d.checks)
    }

    fn keeps_pseudo_royals(&self) -> bool {
        self.extinction.as_ref().is_some_and(|e| e.pseudo_royal)
    }

    /// Whether some rule makes moves legal or illegal that checks and pins do not.
    fn has_unusual_moves(&self) -> bool {
        let drops = self.hands.drops.as_ref();
        !self.kings.checking
            || self.promotion.sittuyin
            || drops.is_some_and(|d| !d.checks || d.must || d.opposite_bishops.is_some())
            || self.passes.any()
            || self.captures.mutually_immune != 0
            || self.kings.flying_general
            || self.kings.makpong
            || self.kings.bikjang
            || self.walls.rule.is_some()
            || self.gates.gating
    }

    /// Whether men attack otherwise than by leaping and sliding, or captures do or require more than taking a man.
    fn has_unusual_attacks(&self) -> bool {
        self.pieces.attackers.iter().any(|a| !a.is_orthodox())
            || self.pieces.movers.iter().flatten().any(|m| m.special != Special::None)
            || self.pieces.palace.any()
            || self.captures.mandatory
            || self.captures.petrify != 0
    }

    /// The only pseudo-royal type, if a side must keep its last man of it and such a man neither comes nor goes but by capture.
    fn sole_pseudo_royal(&self) -> Option<PieceType> {
        let usual = !self.has_unusual_moves() && !self.has_unusual_attacks();
        let no_others = self.roles.king.is_none() && self.hands.drops.is_none() && !self.promotion.turns_over;
        self.extinction
            .as_ref()
            .filter(|e| e.pseudo_royal && !e.duple_check && e.count == 0 && e.types.count_ones() == 1)
            .filter(|_| usual && no_others)
            .map(|e| PieceType(e.types.trailing_zeros() as u8))
            .filter(|royal| !self.promotion.choices.iter().flatten().any(|p| p == royal))
            .filter(|royal| self.promotion.pawns.iter().all(|pawns| pawns >> royal.0 & 1 == 0))
    }

    fn guard(&self, sole_pseudo_royal: Option<PieceType>) -> Guard {
        match self.roles.king {
            _ if sole_pseudo_royal.is_some() => Guard::PseudoRoyal,
            _ if self.has_unusual_moves() || self.keeps_pseudo_royals() => Guard::Full,
            None => Guard::Free,
            Some(_) if self.has_unusual_attacks() => Guard::Full,
            Some(_) => Guard::Pins,
        }
    }

    /// The types of a side; `walls` says whether there may be walls on the board, between which men can get stuck.
    fn groups(&self, side: usize, pseudo_royal: Option<PieceType>, walls: bool) -> Vec<Group> {
        let special = self.promotion.pawns[side] | self.pawns.en_passant_types[side];
        let group = |(piece, mover): (PieceType, &Mover<W>)| {
            let stuck = self.pieces.immobility_illegal && (mover.mobile != self.squares.all || walls);
            let stays = !stuck && !self.promotion.demotion;
            let changes = special >> piece.0 & 1 == 1 || self.promotion.turns_to[piece.index()].is_some();
            let method = if self.roles.pawn == Some(piece) {
                Method::Pawn
            } else if self.roles.king == Some(piece) || pseudo_royal == Some(piece) && stays {
                Method::King
            } else if changes || !stays {
                Method::Special
            } else {
                mover.path.into()
            };
            Group { piece, method }
        };
        self.types().zip(&self.pieces.movers[side]).map(group).collect()
    }

    fn long_steps(&self) -> TypeSet {
        let steps = [self.pawns.double_step, self.pawns.triple_step].iter().flatten().any(|region| region.any());
        let long = |piece: &PieceType| {
            self.roles.pawn == Some(*piece) && steps
                || self.pieces.movers.iter().any(|movers| movers[piece.index()].initial.is_some())
        };
        self.types().filter(long).fold(0, |set, piece| set | 1 << piece.0)
    }

    fn ends_immediately(&self) -> bool {
        let extinction = self.extinction.as_ref();
        extinction.is_some_and(|e| e.value.is_some() && (!e.pseudo_royal || self.captures.blast))
            || self.flags.is_some()
            || self.tallies.check_counting
            || self.castling.as_ref().is_some_and(|c| c.wins != 0)
            || self.kings.bikjang
            || self.passes.any()
            || self.tallies.full_board_ends
    }

    /// Whether making a move is only moving, capturing and promoting men, as far as men need not be marked as promoted.
    fn plays_plainly(&self) -> bool {
        self.hands.drops.is_none()
            && !self.promotion.turns_over
            && !self.gates.gating
            && self.walls.rule.is_none()
            && !self.captures.blast
            && self.captures.petrify == 0
            && !self.tallies.check_counting
            && self.tallies.counting.is_none()
            && !self.mates.shatar
            && !self.repetition.judges_moves()
            && !self.kings.bikjang
            && !self.passes.any()
            && self.castling.as_ref().is_none_or(|c| c.wins == 0 && !c.opposite && !c.dropped)
    }
}
