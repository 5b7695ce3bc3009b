//! A game on boards of either word, with all its positions, so that moves can be taken back.

use std::sync::{Arc, OnceLock};

use rules::{AnyRules, Ending, FenError, Game, History, Move, MoveError, MoveList, Position, Rules, Word};

/// A position, how it came about, and what can happen next.
#[derive(Clone)]
pub struct Board<W: Word> {
    pub rules: Arc<Rules<W>>,
    pub position: Position<W>,
    /// The positions before the current one.
    before: Vec<Position<W>>,
    pub moves: Vec<Move>,
    history: History<W>,
    /// The legal moves, once they were asked for.
    legal: OnceLock<MoveList>,
}

impl<W: Word> Board<W> {
    pub fn new(rules: Arc<Rules<W>>, position: Position<W>) -> Board<W> {
        let (before, moves, history) = (Vec::new(), Vec::new(), History::new());
        Board { rules, position, before, moves, history, legal: OnceLock::new() }
    }

    pub fn start(&self) -> &Position<W> {
        self.before.first().unwrap_or(&self.position)
    }

    pub fn legal(&self) -> &MoveList {
        self.legal.get_or_init(|| {
            let mut moves = MoveList::new();
            self.rules.legal_moves(&self.position, &mut moves);
            moves
        })
    }

    pub fn ending(&self) -> Option<Ending> {
        self.rules.ending(&self.position, self.legal(), &self.history)
    }

    pub fn repetitions(&self) -> u32 {
        self.history.repetitions(&self.rules, &self.position)
    }

    /// Plays a legal move.
    pub fn push(&mut self, mv: Move) {
        self.history.push(&self.rules, &self.position);
        self.before.push(self.position);
        self.moves.push(mv);
        self.rules.play(&mut self.position, mv);
        self.legal = OnceLock::new();
    }

    /// Takes the last move back. Returns it, if there was one.
    pub fn pop(&mut self) -> Option<Move> {
        let mv = self.moves.pop()?;
        self.position = self.before.pop()?;
        self.history.truncate(self.before.len());
        self.legal = OnceLock::new();
        Some(mv)
    }

    /// The legal move that a text names in UCI notation or in SAN.
    pub fn find(&self, text: &str) -> Result<Move, MoveError> {
        let by_uci = self.rules.find_uci(&self.position, self.legal(), text);
        by_uci.or_else(|error| {
            self.rules.parse_san(&self.position, text).map_err(|san| match san {
                MoveError::Ambiguous { .. } => san,
                _ => error,
            })
        })
    }

    pub fn uci(&self, mv: Move) -> String {
        self.rules.uci(&self.position, mv)
    }

    /// The game as a search takes it.
    pub fn game(&self) -> Game<W> {
        let mut game = Game::from_position(Arc::clone(&self.rules), *self.start());
        self.moves.iter().for_each(|mv| game.play(*mv));
        game
    }

    /// The current position under other rules on a board of the same size.
    fn under(&self, rules: &Arc<Rules<W>>) -> Option<Board<W>> {
        let position = rules.reinterpret(&self.rules, &self.position)?;
        Some(Board::new(Arc::clone(rules), position))
    }
}

/// A game on boards of either word.
#[derive(Clone)]
pub enum AnyBoard {
    Small(Box<Board<u64>>),
    Large(Box<Board<u128>>),
}

/// Runs the same code for a board on either word.
macro_rules! with_board {
    ($any:expr, $board:ident => $body:expr) => {
        match $any {
            $crate::board::AnyBoard::Small($board) => $body,
            $crate::board::AnyBoard::Large($board) => $body,
        }
    };
}
pub(crate) use with_board;

impl AnyBoard {
    /// A game from a FEN, or from the start position.
    pub fn new(rules: &AnyRules, fen: Option<&str>) -> Result<AnyBoard, FenError> {
        fn read<W: Word>(rules: &Arc<Rules<W>>, fen: Option<&str>) -> Result<Board<W>, FenError> {
            let position = fen.map_or_else(|| Ok(rules.start()), |fen| rules.parse_fen(fen))?;
            Ok(Board::new(Arc::clone(rules), position))
        }
        Ok(match rules {
            AnyRules::Small(rules) => AnyBoard::Small(Box::new(read(rules, fen)?)),
            AnyRules::Large(rules) => AnyBoard::Large(Box::new(read(rules, fen)?)),
        })
    }

    /// The current position under other rules; `None` if they have no such position.
    pub fn under(&self, rules: &AnyRules) -> Option<AnyBoard> {
        match (self, rules) {
            (AnyBoard::Small(board), AnyRules::Small(rules)) => {
                board.under(rules).map(|board| AnyBoard::Small(Box::new(board)))
            }
            (AnyBoard::Large(board), AnyRules::Large(rules)) => {
                board.under(rules).map(|board| AnyBoard::Large(Box::new(board)))
            }
            _ => None,
        }
    }
}
