//! From a definition to tables.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::{
    Castling, Counting, Drops, Extinction, Flags, Guard, Material, Mover, Part, Piece, Roles, Rules, Special, TypeSet,
    Walling,
};
use crate::attack::Attackers;
use crate::board::{Color, Lines, PieceType, Position, Square, Value, Word, Zobrist, rider};
use crate::ending::Payoff;
use crate::fen;
use crate::format::Key;
use crate::format::RuleError;
use crate::format::Step;
use crate::format::{Definition, Slots, TypeChoice, slot};
use crate::reach::{Path, Reach};

static ZOBRIST: LazyLock<Zobrist> = LazyLock::new(Zobrist::new);

/// Whether a variant needs the larger word.
pub(crate) fn needs_large(definition: &Definition) -> bool {
    definition.board.squares() > 64 || definition.letters().count() > <u64 as Word>::TYPES
}

impl<W: Word> Rules<W> {
    /// Compiles a definition, checking that it makes a game.
    pub(crate) fn compile(definition: &Definition) -> Result<Rules<W>, RuleError> {
        definition.check()?;
        let board = definition.board;
        let used: Vec<(usize, char)> = definition.letters().collect();
        if used.is_empty() {
            return Err(
                definition.error("", "the variant has no pieces: name some (`pawn = p`) or inherit (`[child:chess]`)")
            );
        }
        let type_of = |slot: usize| used.iter().position(|(s, _)| *s == slot).map(|i| PieceType(i as u8));
        let set_of = |slots: Slots| {
            used.iter()
                .enumerate()
                .filter(|(_, (slot, _))| slots.has(*slot))
                .fold(0, |set: TypeSet, (i, _)| set | 1 << i)
        };
        let types = |key| [0, 1].map(|side| set_of(definition.types(key, side)));
        let types_in = |set: TypeSet| (0..used.len()).filter(move |i| set >> i & 1 == 1).map(|i| PieceType(i as u8));
        let regions = |key| [0, 1].map(|side| definition.region_of(key, side).on::<W>(board));
        let flag = |key| definition.flag(key);
        let choice = |key, side| match definition.choice(key, side) {
            TypeChoice::Slot(slot) => type_of(slot),
            TypeChoice::None | TypeChoice::Any => None,
        };
        let squares: W = board.region(|_, _| true);
        let movers = [0, 1].map(|side| {
            used.iter()
                .map(|(slot, _)| Mover::new(definition, side, *slot, definition.steps(*slot)))
                .collect::<Vec<_>>()
        });
        let lines = Lines::of(board);
        for (i, (slot, letter)) in used.iter().enumerate() {
            let stuck = |m: &Mover<W>| {
                board.each().filter(|s| m.region.has(*s)).all(|s| {
                    let all = |r: &Reach<W>| W::at(&r.widest, s) & m.region;
                    (all(&m.quiet) | all(&m.capture) | m.initial.as_ref().map_or(W::EMPTY, all)).is_empty()
                })
            };
            if *slot != slot::IMMOBILE && movers.iter().all(|m| stuck(&m[i])) {
                return Err(definition
                    .error(&slot::slot_name(*slot), format!("the piece `{letter}` can never move on this board")));
            }
        }
        let attackers = [0, 1].map(|side| Attackers::new(board, &lines, &movers[side]));
        let role = |slot| type_of(slot);
        let (royal, pawn) = (type_of(slot::KING), type_of(slot::PAWN));
        let roles = Roles {
            knight: role(slot::KNIGHT),
            bishop: role(slot::BISHOP),
            rook: role(slot::ROOK),
            fers: role(slot::FERS),
            silver: role(slot::SILVER),
            bers: role(slot::BERS),
            shogi_pawn: role(slot::SHOGI_PAWN),
            cannon: role(slot::CANNON),
            janggi_cannon: role(slot::JANGGI_CANNON),
            soldier: role(slot::SOLDIER),
            horse: role(slot::HORSE),
            elephant: role(slot::ELEPHANT),
            janggi_elephant: role(slot::JANGGI_ELEPHANT),
            wazir: role(slot::WAZIR),
        };
        let mut turns_to = vec![None; used.len()];
        for (from, to) in definition.pairs(Key::PromotedPieceType) {
            if let Some(from) = type_of(from) {
                turns_to[from.index()] = type_of(to as usize);
            }
        }
        let mut promotion_limit = vec![0; used.len()];
        for (slot, limit) in definition.pairs(Key::PromotionLimit) {
            if let Some(t) = type_of(slot) {
                promotion_limit[t.index()] = limit;
            }
        }
        let double_step = if flag(Key::DoubleStep) { regions(Key::DoubleStepRegion) } else { [W::EMPTY; 2] };
        let promotion_pawns = types(Key::PromotionPawnTypes);
        let promotion_region = regions(Key::PromotionRegion);
        let castling = flag(Key::Castling).then(|| {
            let rank = definition.number(Key::CastlingRank) as u8;
            let ranks = [rank, board.ranks.wrapping_sub(1 + rank)];
            Castling {
                king_file_to: [Key::CastlingKingsideFile, Key::CastlingQueensideFile]
                    .map(|key| definition.number(key) as u8),
                rank: ranks,
                king_file: definition.number(Key::CastlingKingFile) as u8,
                king_piece: [0, 1].map(|side| choice(Key::CastlingKingPiece, side)),
                rook_file: [Key::CastlingRookKingsideFile, Key::CastlingRookQueensideFile]
                    .map(|key| (definition.number(key) as u8).min(board.files - 1)),
                rook_pieces: types(Key::CastlingRookPieces),
                opposite: flag(Key::OppositeCastling),
                dropped: flag(Key::CastlingDroppedPiece),
                wins: definition.number(Key::CastlingWins) as u8,
                home: ranks.map(|rank| board.region(|_, r| r == rank)),
            }
        });
        let immobility_illegal = flag(Key::ImmobilityIllegal);
        let seirawan = flag(Key::Gating) && flag(Key::SeirawanGating);
        let drops = (flag(Key::PieceDrops) || seirawan).then(|| Drops {
            checks: flag(Key::DropChecks),
            must: flag(Key::MustDrop) && flag(Key::PieceDrops),
            must_type: choice(Key::MustDropType, 0),
            region: [0, 1].map(|side: usize| {
                let whole: W = definition.region_of(Key::DropRegion, side).on(board);
                let home: W = board.region(|_, r| r == if side == 0 { 0 } else { board.ranks - 1 });
                used.iter()
                    .zip(&movers[side])
                    .map(|((slot, _), mover)| {
                        let mut region = whole & mover.region;
                        if *slot == slot::PAWN {
                            if !flag(Key::PromotionZonePawnDrops) {
                                region &= !promotion_region[side];
                            }
                            if !flag(Key::FirstRankPawnDrops) {
                                region &= !home;
                            }
                        }
                        if *slot == slot::ROOK && flag(Key::SittuyinRookDrop) {
                            region &= home;
                        }
                        region
                    })
                    .collect()
            }),
            opposite_bishops: flag(Key::DropOppositeColoredBishop).then_some(roles.bishop).flatten(),
            promoted: flag(Key::DropPromoted),
            no_doubled: choice(Key::DropNoDoubled, 0),
            no_doubled_count: definition.number(Key::DropNoDoubledCount),
        });
        let extinction_types = definition.types(Key::ExtinctionPieceTypes, 0);
        let extinction =
            (definition.result(Key::ExtinctionValue).is_some() || flag(Key::ExtinctionPseudoRoyal)).then(|| {
                Extinction {
                    value: definition.result(Key::ExtinctionValue),
                    types: set_of(extinction_types),
                    all: extinction_types.all,
                    count: definition.number(Key::ExtinctionPieceCount),
                    opponent_count: definition.number(Key::ExtinctionOpponentPieceCount),
                    claim: flag(Key::ExtinctionClaim),
                    pseudo_royal: flag(Key::ExtinctionPseudoRoyal),
                    duple_check: flag(Key::DupleCheck),
                }
            });
        let flag_region: [W; 2] = regions(Key::FlagRegion);
        let flags = flag_region.iter().any(|r| r.any()).then(|| Flags {
            piece: [0, 1].map(|side| choice(Key::FlagPiece, side)),
            absent: [0, 1].map(|side| definition.choice(Key::FlagPiece, side) == TypeChoice::None),
            region: flag_region,
            count: definition.number(Key::FlagPieceCount),
            blocked_win: flag(Key::FlagPieceBlockedWin),
            extra_move: flag(Key::FlagMove),
            safe: flag(Key::FlagPieceSafe),
        });
        let pass =
            [0, 1].map(|side| definition.flag_of(Key::Pass, side) || definition.flag_of(Key::PassOnStalemate, side));
        let result = |key| definition.result(key).unwrap_or(Value::Draw);
        let walling = match definition.number(Key::WallingRule) {
            1 => Some(Walling::Arrow),
            2 => Some(Walling::Duck),
            3 => Some(Walling::Edge),
            4 => Some(Walling::Past),
            5 => Some(Walling::Static),
            _ => None,
        };
        let mut rules = Rules {
            name: definition.name.clone(),
            board,
            squares,
            first_file: board.region(|f, _| f == 0),
            last_file: board.region(|f, _| f + 1 == board.files),
            pieces: used.iter().map(|(slot, letter)| Piece { letter: *letter, name: slot::slot_name(*slot) }).collect(),
            start: Position::empty(),
            zobrist: &ZOBRIST,
            lines,
            movers,
            attackers,
            guard: Guard::Full,
            royal,
            pseudo_royal: None,
            pawn,
            roles,
            parts: [Vec::new(), Vec::new()],
            promotion_region,
            promotions: types(Key::PromotionPieceTypes).map(|set| {
                // Most valuable first, as the format's own programs list them.
                let mut list: Vec<PieceType> = types_in(set).collect();
                list.reverse();
                list
            }),
            promotion_pawns,
            main_pawn: [0, 1].map(|side| definition.types(Key::PromotionPawnTypes, side).main().and_then(type_of)),
            promotion_limit,
            turns_over: turns_to.iter().any(Option::is_some),
            turns_to,
            promotion_on_capture: flag(Key::PiecePromotionOnCapture),
            mandatory_pawn_promotion: flag(Key::MandatoryPawnPromotion),
            mandatory_piece_promotion: flag(Key::MandatoryPiecePromotion),
            demotion: flag(Key::PieceDemotion),
            sittuyin_promotion: flag(Key::SittuyinPromotion),
            blast: flag(Key::BlastOnCapture),
            blast_immune: types(Key::BlastImmuneTypes)[0],
            mutually_immune: types(Key::MutuallyImmuneTypes)[0],
            petrify: types(Key::PetrifyOnCaptureTypes)[0],
            petrify_blast: flag(Key::PetrifyBlastPieces),
            must_capture: flag(Key::MustCapture),
            long_steps: 0,
            double_step,
            triple_step: regions(Key::TripleStepRegion),
            en_passant_region: regions(Key::EnPassantRegion),
            en_passant_types: types(Key::EnPassantTypes),
            castling,
            chess960: flag(Key::Chess960),
            checking: flag(Key::Checking),
            drops,
            piece_drops: flag(Key::PieceDrops),
            captures_to_hand: flag(Key::CapturesToHand),
            drop_loop: flag(Key::DropLoop),
            immobility_illegal,
            gating: flag(Key::Gating),
            seirawan,
            cambodian: flag(Key::CambodianMoves),
            walling,
            walling_region: regions(Key::WallingRegion),
            wall_or_move: flag(Key::WallOrMove) && walling.is_some(),
            pass,
            pass_on_stalemate: [0, 1].map(|side| definition.flag_of(Key::PassOnStalemate, side)),
            makpong: flag(Key::MakpongRule),
            flying_general: flag(Key::FlyingGeneral),
            bikjang: flag(Key::BikjangRule),
            palace: regions(Key::DiagonalLines)[0],
            promoted_soldiers: [0, 1].map(|side| soldier_zone(definition, side)),
            n_move_types: types(Key::NMoveRuleTypes),
            n_move_rule: definition.number(Key::NMoveRule),
            n_fold_rule: definition.number(Key::NFoldRule),
            n_fold_value: result(Key::NFoldValue),
            n_fold_absolute: flag(Key::NFoldValueAbsolute),
            perpetual_check_illegal: flag(Key::PerpetualCheckIllegal),
            move_repetition_illegal: flag(Key::MoveRepetitionIllegal),
            chasing: definition.number(Key::ChasingRule) > 0,
            stalemate_value: result(Key::StalemateValue),
            stalemate_piece_count: flag(Key::StalematePieceCount),
            checkmate_value: result(Key::CheckmateValue),
            pawn_drop_mate_illegal: flag(Key::ShogiPawnDropMateIllegal),
            shatar_mate: flag(Key::ShatarMateRule),
            extinction,
            flags,
            check_counting: flag(Key::CheckCounting),
            material: match definition.number(Key::MaterialCounting) {
                1 => Some(Material::Janggi),
                2 => Some(Material::Unweighted),
                3 => Some(Material::WhiteDrawOdds),
                4 => Some(Material::BlackDrawOdds),
                _ => None,
            },
            full_board_ends: flag(Key::AdjudicateFullBoard),
            counting: match definition.number(Key::CountingRule) {
                1 => Some(Counting::Makruk),
                2 => Some(Counting::Cambodian),
                3 => Some(Counting::Asean),
                _ => None,
            },
            immediate_ends: false,
            plain_play: false,
            marks_promoted: false,
            payoff: Payoff::default(),
            hash: String::new(),
            text: String::new(),
            start_fen: String::new(),
        };
        rules.classify();
        rules.set_start(definition)?;
        rules.check_promotion(definition)?;
        Ok(rules)
    }

    /// Finds out what the variant does not use, so that it need not be asked for in every move.
    fn classify(&mut self) {
        let drops = self.drops.as_ref();
        let odd_pieces = self.attackers.iter().any(|a| !a.is_orthodox())
            || self.movers.iter().flatten().any(|m| m.special != Special::None)
            || self.palace.any();
        let pseudo_royal = self.extinction.as_ref().is_some_and(|e| e.pseudo_royal);
        let unusual = !self.checking
            || self.sittuyin_promotion
            || drops.is_some_and(|d| !d.checks || d.must || d.opposite_bishops.is_some())
            || self.pass != [false; 2]
            || self.mutually_immune != 0
            || self.flying_general
            || self.makpong
            || self.bikjang
            || self.walling.is_some()
            || self.gating;
        let odd = odd_pieces || self.must_capture || self.petrify != 0;
        // Whose only royal man neither comes nor goes but by capture.
        self.pseudo_royal = self
            .extinction
            .as_ref()
            .filter(|e| e.pseudo_royal && !e.duple_check && e.count == 0 && e.types.count_ones() == 1)
            .filter(|_| !unusual && !odd && self.royal.is_none() && drops.is_none() && !self.turns_over)
            .map(|e| PieceType(e.types.trailing_zeros() as u8))
            .filter(|royal| !self.promotions.iter().flatten().any(|p| p == royal))
            .filter(|royal| [0, 1].iter().all(|side| self.promotion_pawns[*side] >> royal.0 & 1 == 0));
        self.guard = match self.royal {
            _ if self.pseudo_royal.is_some() => Guard::PseudoRoyal,
            _ if unusual || pseudo_royal => Guard::Full,
            None => Guard::Free,
            Some(_) if odd => Guard::Full,
            Some(_) => Guard::Pins,
        };
        self.immediate_ends =
            self.extinction.as_ref().is_some_and(|e| e.value.is_some() && (!e.pseudo_royal || self.blast))
                || self.flags.is_some()
                || self.check_counting
                || self.castling.as_ref().is_some_and(|c| c.wins != 0)
                || self.bikjang
                || self.pass != [false; 2]
                || self.full_board_ends;
        let steps = [self.double_step, self.triple_step].iter().flatten().any(|region| region.any());
        let long = |t: &PieceType| {
            self.pawn == Some(*t) && steps || self.movers.iter().any(|m| m[t.index()].initial.is_some())
        };
        self.long_steps = self.types().filter(long).fold(0, |set, t| set | 1 << t.0);
        let walls = self.walling.is_some() || self.petrify != 0 || self.petrify_blast || self.start.walls.any();
        for side in 0..2 {
            let special = self.promotion_pawns[side] | self.en_passant_types[side];
            let part = |(t, mover): (usize, &Mover<W>)| {
                let piece = PieceType(t as u8);
                let stuck = self.immobility_illegal && (mover.mobile != self.squares || walls);
                let part = if self.pawn == Some(piece) {
                    Part::Pawn
                } else if self.royal == Some(piece) || self.pseudo_royal == Some(piece) && !stuck && !self.demotion {
                    Part::King
                } else if special >> t & 1 == 1 || stuck || self.demotion || self.turns_to[t].is_some() {
                    Part::Special
                } else {
                    Part::Plain(mover.path)
                };
                (piece, part)
            };
            self.parts[side] = self.movers[side].iter().enumerate().map(part).collect();
        }
        self.marks_promoted = self.captures_to_hand && !self.drop_loop || self.demotion;
        self.plain_play = self.drops.is_none()
            && !self.marks_promoted
            && !self.turns_over
            && !self.gating
            && self.walling.is_none()
            && !self.blast
            && self.petrify == 0
            && !self.check_counting
            && self.counting.is_none()
            && !self.shatar_mate
            && !self.remembers()
            && !self.bikjang
            && self.pass == [false; 2]
            && self.castling.as_ref().is_none_or(|c| c.wins == 0 && !c.opposite && !c.dropped);
    }

    /// Refuses promotion regions that nothing which promotes can enter.
    fn check_promotion(&self, definition: &Definition) -> Result<(), RuleError> {
        for side in 0..2 {
            if !definition.promotes(side) {
                continue;
            }
            let region = self.promotion_region[side];
            let enters = |t: usize| {
                let mover = &self.movers[side][t];
                self.board.each().any(|s| {
                    let reach = W::at(&mover.quiet.widest, s) | W::at(&mover.capture.widest, s);
                    mover.region.has(s) && (reach & mover.region & region).any()
                })
            };
            let color = Color::ALL[side];
            let promotes = |t: usize| {
                let piece = PieceType(t as u8);
                (self.promotion_pawns[side] >> t & 1 == 1 || self.pawn == Some(piece))
                    && self.start.count(color, piece) + self.start.in_hand(color, piece) > 0
            };
            let mut promoting = (0..self.pieces.len()).filter(|t| promotes(*t)).peekable();
            if !self.sittuyin_promotion && promoting.peek().is_some() && !promoting.any(enters) {
                let key = Key::PromotionRegion.full_name(Some(side));
                let what = if region.is_empty() {
                    "has no square on the board"
                } else {
                    "cannot be entered by any piece that promotes"
                };
                return Err(definition.error(
                    &key,
                    format!(
                        "the promotion region {what}; name squares that can be reached, or set promotionPieceTypes = -"
                    ),
                ));
            }
        }
        Ok(())
    }

    fn set_start(&mut self, definition: &Definition) -> Result<(), RuleError> {
        let error = |message: String| definition.error("startFen", message);
        self.start = fen::parse(self, definition.start_fen()).map_err(|e| error(e.to_string()))?;
        self.start_fen = self.fen(&self.start);
        let mut canonical = definition.clone();
        canonical.set_start_fen(self.start_fen.clone());
        self.text = canonical.canonical();
        self.hash = hash_of(&self.text);
        if self.immediate_ending(&self.start).is_some() {
            return Err(error("the game is over in the start position by the variant's own rules".to_owned()));
        }
        Ok(())
    }
}

fn soldier_zone<W: Word>(definition: &Definition, side: usize) -> W {
    let first = definition.number(Key::SoldierPromotionRank) as u8;
    let board = definition.board;
    board.region(|_, r| if side == 0 { r >= first } else { board.ranks - 1 - r >= first })
}

impl<W: Word> Mover<W> {
    fn new(definition: &Definition, side: usize, slot: usize, steps: &[Step]) -> Mover<W> {
        let board = definition.board;
        let sign = if side == 0 { 1 } else { -1 };
        let of_kind = |capture: bool| steps.iter().filter(move |s| s.capture == capture && !s.initial);
        let mut quiet = Reach::new(board, sign, of_kind(false));
        let ways = |capture| of_kind(capture).map(|s| (s.ranks, s.files, s.gait));
        let mut capture =
            if ways(false).eq(ways(true)) { quiet.clone() } else { Reach::new(board, sign, of_kind(true)) };
        let initial = steps
            .iter()
            .any(|s| s.initial)
            .then(|| Reach::new(board, sign, steps.iter().filter(|s| s.initial && !s.capture)));
        let palace: W = definition.region_of(Key::DiagonalLines, 0).on(board);
        let zone: W = soldier_zone(definition, side);
        let file = |s: Square| -> W { board.region(|f, _| f == board.file(s)) };
        let diagonal = |s: Square, ranks: &[i8]| -> W {
            let mut targets = W::EMPTY;
            if palace.has(s) {
                for to in ranks.iter().flat_map(|r| [(*r, 1), (*r, -1)]).filter_map(|(r, f)| board.step(s, r, f)) {
                    targets |= W::bit(to) & palace;
                }
            }
            targets
        };
        let moves_like_wazir = slot == slot::WAZIR
            || slot == slot::KING && definition.pieces[slot].as_ref().is_some_and(|p| p.betza.as_deref() == Some("W"));
        for reach in [&mut quiet, &mut capture] {
            if slot == slot::SOLDIER {
                reach.change(board, |s| if zone.has(s) { !W::EMPTY } else { file(s) }, |s| diagonal(s, &[sign]));
            } else if moves_like_wazir && palace.any() {
                reach.change(board, |_| !W::EMPTY, |s| diagonal(s, &[1, -1]));
            }
        }
        let region = definition.mobility(side, slot).map_or_else(|| board.region(|_, _| true), |r| r.on(board));
        let mobile = board.each().filter(|s| W::at(&quiet.widest, *s).any()).fold(W::EMPTY, |set, s| set | W::bit(s));
        let same = |a: &Reach<W>, b: &Reach<W>| {
            a.riders == b.riders && W::same(&a.leaps, &b.leaps) && W::same(&a.widest, &b.widest)
        };
        let alike = initial.is_none() && same(&quiet, &capture);
        let everywhere = region == board.region(|_, _| true);
        let lines = Lines::<W>::of(board);
        let only_slides = board.each().all(|s| {
            let slides = lines.attacks(capture.riders & rider::QUEEN, s, W::EMPTY);
            W::at(&capture.leaps, s).is_empty() && slides == W::at(&capture.widest, s)
        });
        let path = match capture.riders {
            _ if !alike || !everywhere || palace.any() || slot == slot::JANGGI_CANNON => Path::General,
            0 => Path::Leaper,
            rider::BISHOP if only_slides => Path::Bishop,
            rider::ROOK if only_slides => Path::Rook,
            rider::QUEEN if only_slides => Path::Queen,
            _ => Path::General,
        };
        Mover {
            alike,
            path,
            special: match slot {
                slot::JANGGI_CANNON => Special::JanggiCannon,
                slot::ROOK if palace.any() => Special::PalaceRook,
                _ => Special::None,
            },
            quiet,
            capture,
            initial,
            region,
            mobile,
        }
    }
}

/// The first eight bytes of the SHA-256 of a text, in hexadecimal digits.
pub(crate) fn hash_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}
