//! How environments show positions and number moves: alike for all variants of a board size, so that an agent can go on when rules change.
//!
//! Squares are numbered `rank * files + file` as the side to move sees the board: for Black ranks are turned over, files are not.
//!
//! **Actions.** A move is chosen by one action, and by a second or third one only where several legal moves have the same origin and target:
//!
//! | action | means |
//! | --- | --- |
//! | `from * squares + to` | origin and target; a drop or a pass has its target as origin; castling has the king's |
//! | `squares² + 27 * class + letter` | which of them: letter 0 for none, 1 to 26 for a to z (promoted to, dropped, gated); class 1 for castling, turning a man over, dropping it turned over; class 2 for turning back, gating on the rook's square; else class 0 |
//! | `squares² + 81 + square` | which of them: the square of the wall; square 0 where none is built |
//!
//! **Planes.** See [`PLANES`].

use rules::{Color, Move, MoveKind, Position, Rules, Square, Word, squares};

/// Number of planes of an observation. All numbers are whole, from 0 to 255.
///
/// | planes | hold |
/// | --- | --- |
/// | 0 to 25 | the mover's men by letter a to z |
/// | 26 to 51 | the other side's men |
/// | 52 | men that count as promoted |
/// | 53 | walls |
/// | 54 | squares on which men that just passed over them can be captured |
/// | 55 | squares on which a man from the hand may follow a first move |
/// | 56 to 59 | everywhere 1 if the mover may castle to the king's wing, to the queen's, the other side likewise |
/// | 60, 61 | everywhere the checks that the mover still has to give, the other side |
/// | 62 | everywhere how often the position occurred before |
/// | 63 | everywhere the plies without progress |
/// | 64 | everywhere 1 if Black is to move |
/// | 65 to 90 | everywhere the mover's men in hand by letter |
/// | 91 to 116 | the other side's |
/// | 117, 118 | origin and target of the move that is being chosen |
pub const PLANES: usize = 119;

/// Classes of moves with one origin, target and letter.
const CLASSES: usize = 3;
/// Letters, none included.
const LETTERS: usize = 27;

/// What of a move has been chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Origin and target.
    pub from_to: Option<u16>,
    /// Class and letter.
    pub with: Option<u8>,
}

/// What an action leads to.
pub enum Step {
    Illegal,
    Partial(Pending),
    Move(Move),
}

/// What an observation shows.
pub struct View<'a, W: Word> {
    pub position: &'a Position<W>,
    pub repetitions: u32,
    pub pending: Pending,
}

/// A number of an observation.
pub trait Cell: Copy {
    fn of(number: u8) -> Self;
}

impl Cell for u8 {
    fn of(number: u8) -> u8 {
        number
    }
}

impl Cell for f32 {
    fn of(number: u8) -> f32 {
        number.into()
    }
}

/// The numbers of a move's three parts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Parts {
    from_to: u16,
    with: u8,
    wall: u8,
}

/// The encoding of one variant's board.
#[derive(Clone, Debug)]
pub struct Encoding {
    files: usize,
    ranks: usize,
    /// The number from 0 of each piece type's letter.
    letters: Vec<u8>,
}

impl Encoding {
    pub fn new<W: Word>(rules: &Rules<W>) -> Encoding {
        let letters = rules.pieces().iter().map(|piece| piece.letter as u8 - b'a').collect();
        Encoding { files: rules.files(), ranks: rules.ranks(), letters }
    }

    fn squares(&self) -> usize {
        self.files * self.ranks
    }

    /// Number of actions.
    pub fn actions(&self) -> usize {
        self.squares() * self.squares() + CLASSES * LETTERS + self.squares()
    }

    pub fn observation_shape(&self) -> [usize; 3] {
        [PLANES, self.ranks, self.files]
    }

    pub fn observation_len(&self) -> usize {
        PLANES * self.squares()
    }

    /// A square as a side sees it, and the other way round.
    #[inline]
    fn seen(&self, square: usize, turn: Color) -> usize {
        if turn == Color::White {
            return square;
        }
        let (rank, file) = (square / self.files, square % self.files);
        (self.ranks - 1 - rank) * self.files + file
    }

    /// Number of origin and target as the mover sees them.
    #[inline]
    pub fn address(&self, mv: Move, turn: Color) -> usize {
        self.seen(mv.from().index(), turn) * self.squares() + self.seen(mv.to().index(), turn)
    }

    /// The number of a move's letter from 1; 0 for none.
    #[inline]
    pub fn letter(&self, mv: Move) -> usize {
        mv.promotion().map_or(0, |piece| usize::from(self.letters[piece.index()]) + 1)
    }

    /// The wall that a move builds, as the mover sees its square.
    #[inline]
    pub fn wall(&self, mv: Move, turn: Color) -> Option<usize> {
        mv.wall().map(|wall| self.seen(wall.index(), turn))
    }

    /// The square to which a move leads, as the mover sees it.
    #[inline]
    pub fn to(&self, mv: Move, turn: Color) -> usize {
        self.seen(mv.to().index(), turn)
    }

    #[inline]
    fn parts(&self, mv: Move, turn: Color) -> Parts {
        let class = match mv.kind() {
            MoveKind::Castling | MoveKind::PiecePromotion | MoveKind::PromotedDrop | MoveKind::CastlingGateKing => 1,
            MoveKind::Demotion | MoveKind::CastlingGateRook => 2,
            _ => 0,
        };
        Parts {
            from_to: self.address(mv, turn) as u16,
            with: (class * LETTERS + self.letter(mv)) as u8,
            wall: self.wall(mv, turn).unwrap_or(0) as u8,
        }
    }

    /// The action that comes next on the way to a move.
    fn action(&self, parts: Parts, pending: Pending, one_letter: bool) -> i32 {
        let pairs = self.squares() * self.squares();
        let action = match pending {
            Pending { from_to: None, .. } => usize::from(parts.from_to),
            Pending { with: None, .. } if !one_letter => pairs + usize::from(parts.with),
            _ => pairs + CLASSES * LETTERS + usize::from(parts.wall),
        };
        action as i32
    }

    /// Whether the moves that are still possible have one class and letter.
    fn one_letter(&self, moves: &[Move], turn: Color, pending: Pending) -> bool {
        let mut with = moves.iter().map(|mv| self.parts(*mv, turn)).filter(|p| fits(*p, pending)).map(|p| p.with);
        let first = with.next();
        with.all(|with| Some(with) == first)
    }

    /// Calls `legal` for the legal actions; some may come more than once.
    #[inline]
    pub fn each_legal(&self, moves: &[Move], turn: Color, pending: Pending, mut legal: impl FnMut(usize)) {
        if pending.from_to.is_none() {
            moves.iter().for_each(|mv| legal(self.address(*mv, turn)));
            return;
        }
        let one_letter = self.one_letter(moves, turn, pending);
        for mv in moves {
            let parts = self.parts(*mv, turn);
            if fits(parts, pending) {
                legal(self.action(parts, pending, one_letter) as usize);
            }
        }
    }

    /// The legal actions, sorted.
    pub fn legal(&self, moves: &[Move], turn: Color, pending: Pending, actions: &mut Vec<i32>) {
        actions.clear();
        self.each_legal(moves, turn, pending, |action| actions.push(action as i32));
        actions.sort_unstable();
        actions.dedup();
    }

    /// What an action leads to.
    pub fn step(&self, moves: &[Move], turn: Color, pending: Pending, action: i64) -> Step {
        let one_letter = pending.from_to.is_none() || self.one_letter(moves, turn, pending);
        let mut chosen = moves.iter().filter(|mv| {
            let parts = self.parts(**mv, turn);
            fits(parts, pending) && i64::from(self.action(parts, pending, one_letter)) == action
        });
        let Some(first) = chosen.next() else { return Step::Illegal };
        if chosen.next().is_none() {
            return Step::Move(*first);
        }
        let parts = self.parts(*first, turn);
        Step::Partial(Pending {
            from_to: Some(parts.from_to),
            // Known once it was chosen, or where there is nothing to choose.
            with: (pending.from_to.is_some()).then_some(parts.with),
        })
    }

    /// The action that comes next on the way to a legal move; `None` if it does not fit what has been chosen.
    pub fn next_action(&self, moves: &[Move], turn: Color, pending: Pending, mv: Move) -> Option<usize> {
        let parts = self.parts(mv, turn);
        let one_letter = pending.from_to.is_some() && self.one_letter(moves, turn, pending);
        fits(parts, pending).then(|| self.action(parts, pending, one_letter) as usize)
    }

    /// The actions that make a legal move, one after the other.
    pub fn actions_of(&self, moves: &[Move], turn: Color, mv: Move) -> Vec<i32> {
        let (parts, mut pending, mut actions) = (self.parts(mv, turn), Pending::default(), Vec::new());
        loop {
            let one_letter = pending.from_to.is_some() && self.one_letter(moves, turn, pending);
            let action = self.action(parts, pending, one_letter);
            actions.push(action);
            match self.step(moves, turn, pending, action.into()) {
                Step::Partial(next) if actions.len() < 4 => pending = next,
                _ => return actions,
            }
        }
    }

    /// What has been chosen of a move, for people.
    pub fn partial_name<W: Word>(&self, rules: &Rules<W>, turn: Color, pending: Pending) -> String {
        let pair = usize::from(pending.from_to.unwrap_or_default());
        let name = |square: usize| rules.square_name(Square(self.seen(square, turn) as u8));
        let (from, to) = (name(pair / self.squares()), name(pair % self.squares()));
        match pending.with.map(|with| usize::from(with) % LETTERS) {
            Some(letter) if letter > 0 => format!("{from}{to}{}…", char::from(b'a' + letter as u8 - 1)),
            _ => format!("{from}{to}…"),
        }
    }

    /// Writes the planes of a position into `planes`, which has [`Encoding::observation_len`] cells.
    pub fn observe<W: Word, C: Cell>(&self, rules: &Rules<W>, view: &View<'_, W>, planes: &mut [C]) {
        let (size, position) = (self.squares(), view.position);
        let turn = position.turn();
        planes.fill(C::of(0));
        let one = C::of(1);
        for side in Color::ALL {
            let first = if side == turn { 0 } else { 26 };
            for square in squares(position.color(side)) {
                let letter = usize::from(self.letters[position.type_at(square).index()]);
                planes[(first + letter) * size + self.seen(square.index(), turn)] = one;
            }
        }
        let gates = position.gates(Color::White) | position.gates(Color::Black);
        let walls = position.occupied() & !position.men();
        for (plane, set) in [(52, position.promoted()), (53, walls), (54, position.en_passant()), (55, gates)] {
            for square in squares(set) {
                planes[plane * size + self.seen(square.index(), turn)] = one;
            }
        }
        let mut everywhere = |plane: usize, number: u32| {
            if number > 0 {
                planes[plane * size..][..size].fill(C::of(number.min(255) as u8));
            }
        };
        for (side, first) in [(turn, 56), (!turn, 58)] {
            let [king, queen] = position.castling_rights(side);
            everywhere(first, king.into());
            everywhere(first + 1, queen.into());
        }
        everywhere(60, position.checks_left(turn).into());
        everywhere(61, position.checks_left(!turn).into());
        everywhere(62, view.repetitions);
        everywhere(63, position.halfmove_clock());
        everywhere(64, (turn == Color::Black).into());
        for (side, first) in [(turn, 65), (!turn, 91)] {
            if position.hand_size(side) > 0 {
                for (piece, letter) in self.letters.iter().enumerate().take(rules.pieces().len()) {
                    everywhere(first + usize::from(*letter), position.in_hand(side, rules::PieceType(piece as u8)));
                }
            }
        }
        if let Some(pair) = view.pending.from_to {
            planes[117 * size + usize::from(pair) / size] = one;
            planes[118 * size + usize::from(pair) % size] = one;
        }
    }
}

/// Whether a move has the parts that were chosen.
fn fits(parts: Parts, pending: Pending) -> bool {
    pending.from_to.is_none_or(|pair| pair == parts.from_to) && pending.with.is_none_or(|with| with == parts.with)
}
