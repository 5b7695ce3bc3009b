//! Games.

use std::sync::Arc;

use numpy::{PyArray1, PyArray3, PyArrayMethods as _};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use rules::{Color, squares};

use crate::board::{AnyBoard, with_board};
use crate::environments::{Encoding, Pending, Step, View};
use crate::errors::{Cause, MoveError, PositionError, exception, no_such_position, of_move, plain};
use crate::variant::{Variant, variant_of};

/// `white` or `black`.
pub fn color_name(color: Color) -> &'static str {
    match color {
        Color::White => "white",
        Color::Black => "black",
    }
}

/// How a game ended.
#[pyclass(frozen, get_all, module = "pyinterregnum")]
#[derive(Clone)]
pub struct Ending {
    /// What ended it: checkmate, stalemate, extinction, flag, castling, checks, bikjang, passes, full-board, repetition, move-rule, counting, count.
    kind: &'static str,
    /// The result by the rules: `1-0`, `0-1` or `1/2-1/2`.
    outcome: String,
    /// The side that the ending favours, `white` or `black`; None where it treats both alike.
    favours: Option<&'static str>,
    /// What it is worth to White, from -1 to 1.
    white: f32,
    /// What it is worth to Black, from -1 to 1.
    black: f32,
}

#[pymethods]
impl Ending {
    fn __repr__(&self) -> String {
        let Ending { kind, outcome, white, black, .. } = self;
        format!("<Ending {kind} {outcome}, worth {white} to White and {black} to Black>")
    }
}

/// A game of a variant: a position, the moves that led to it, and those that are legal.
#[pyclass(module = "pyinterregnum")]
#[derive(Clone)]
pub struct Game {
    pub variant: Variant,
    pub board: AnyBoard,
    /// What of the next move has been chosen by actions.
    pending: Pending,
    /// How the first position came about.
    origin: Origin,
}

/// How the first position of a game came about. A FEN does not tell all of it where rules have changed.
#[derive(Clone)]
enum Origin {
    /// The start position of the variant, or that of a FEN.
    Fen(Option<String>),
    /// The last position of another game, under other rules.
    Game(Arc<Past>),
}

/// A game that went on under other rules.
struct Past {
    variant: Variant,
    moves: Vec<String>,
    origin: Origin,
}

impl Drop for Past {
    fn drop(&mut self) {
        // One after the other: each by itself would drop the one before, as deep as there are changes.
        let mut origin = std::mem::replace(&mut self.origin, Origin::Fen(None));
        while let Origin::Game(past) = origin {
            let Some(mut past) = Arc::into_inner(past) else { return };
            origin = std::mem::replace(&mut past.origin, Origin::Fen(None));
        }
    }
}

/// A variant and the moves that were played under it.
type Played = (Variant, Vec<String>);

impl Game {
    /// A game from the start position of a variant, or from a FEN.
    pub fn new(variant: Variant, fen: Option<&str>) -> PyResult<Game> {
        let board = AnyBoard::new(&variant.rules, fen).map_err(crate::errors::of_fen)?;
        Ok(Game { variant, board, pending: Pending::default(), origin: Origin::Fen(fen.map(str::to_owned)) })
    }

    /// The position under other rules, if these have it.
    fn follow(&self, variant: Variant) -> Option<Game> {
        let board = self.board.under(&variant.rules)?;
        let past = Past { variant: self.variant.clone(), moves: self.history(), origin: self.origin.clone() };
        Some(Game { variant, board, pending: Pending::default(), origin: Origin::Game(Arc::new(past)) })
    }

    /// The actions that choose what has been chosen of the next move.
    fn pending_actions(&self) -> Vec<i64> {
        let pairs = with_board!(&self.board, board => board.rules.squares() * board.rules.squares()) as i64;
        let (first, second) =
            (self.pending.from_to.map(i64::from), self.pending.with.map(|with| pairs + i64::from(with)));
        first.into_iter().chain(second).collect()
    }
}

#[pymethods]
impl Game {
    /// The rules of the game.
    #[getter(variant)]
    fn get_variant(&self) -> Variant {
        self.variant.clone()
    }

    /// FEN of the position.
    #[getter]
    pub fn fen(&self) -> String {
        with_board!(&self.board, board => board.rules.fen(&board.position))
    }

    /// FEN of the first position.
    #[getter]
    fn start_fen(&self) -> String {
        with_board!(&self.board, board => board.rules.fen(board.start()))
    }

    /// The side to move, `white` or `black`.
    #[getter]
    fn turn(&self) -> &'static str {
        with_board!(&self.board, board => color_name(board.position.turn()))
    }

    /// Number of moves so far.
    #[getter]
    fn ply(&self) -> usize {
        with_board!(&self.board, board => board.moves.len())
    }

    /// Legal moves in UCI notation, in a fixed order. There are some, too, where a game has ended by repetition or the n-move rule.
    #[getter]
    fn legal_moves(&self) -> Vec<String> {
        with_board!(&self.board, board => board.legal().iter().map(|mv| board.uci(*mv)).collect())
    }

    /// The moves so far in UCI notation.
    #[getter]
    fn history(&self) -> Vec<String> {
        with_board!(&self.board, board => board.rules.uci_line(board.start(), &board.moves))
    }

    /// Whether the side to move is in check.
    #[getter]
    fn in_check(&self) -> bool {
        with_board!(&self.board, board => board.rules.in_check(&board.position))
    }

    /// How often the position occurred before.
    #[getter]
    fn repetitions(&self) -> u32 {
        with_board!(&self.board, board => board.repetitions())
    }

    /// `1-0`, `0-1` or `1/2-1/2` by the rules; None while the game goes on.
    #[getter]
    fn outcome(&self) -> Option<String> {
        with_board!(&self.board, board => board.ending().map(|ending| ending.outcome.to_string()))
    }

    /// Whether the game has ended.
    #[getter]
    fn is_over(&self) -> bool {
        with_board!(&self.board, board => board.ending().is_some())
    }

    /// How the game has ended, and what that is worth to either side; None while it goes on.
    #[getter]
    fn ending(&self) -> Option<Ending> {
        with_board!(&self.board, board => board.ending().map(|ending| Ending {
            kind: ending.kind.name(),
            outcome: ending.outcome.to_string(),
            favours: ending.favours.map(color_name),
            white: board.rules.worth(ending, Color::White),
            black: board.rules.worth(ending, Color::Black),
        }))
    }

    /// Plays a move, in UCI notation or SAN. Raises `MoveError`; then nothing is changed, and what actions have chosen of a move stays chosen.
    #[pyo3(name = "push")]
    pub fn push(&mut self, r#move: &str) -> PyResult<()> {
        with_board!(&mut self.board, board => {
            let mv = board.find(r#move).map_err(of_move)?;
            board.push(mv);
        });
        self.pending = Pending::default();
        Ok(())
    }

    /// Takes the last move back and returns it in UCI notation. Raises `IndexError` if there is none.
    fn pop(&mut self) -> PyResult<String> {
        let text = with_board!(&mut self.board, board => {
            let mv = board.pop().ok_or_else(|| PyIndexError::new_err("no move has been made"))?;
            board.uci(mv)
        });
        self.pending = Pending::default();
        Ok(text)
    }

    /// A legal move in standard algebraic notation.
    fn san(&self, r#move: &str) -> PyResult<String> {
        with_board!(&self.board, board => {
            let mv = board.find(r#move).map_err(of_move)?;
            Ok(board.rules.san(&board.position, mv))
        })
    }

    /// A legal move in UCI notation.
    fn uci(&self, r#move: &str) -> PyResult<String> {
        with_board!(&self.board, board => Ok(board.uci(board.find(r#move).map_err(of_move)?)))
    }

    /// Another game with the same moves.
    fn copy(&self) -> Game {
        self.clone()
    }

    fn __copy__(&self) -> Game {
        self.clone()
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Game {
        self.clone()
    }

    /// A game that goes on from this position under other rules, without its past. Raises `PositionError` if they have no such position.
    fn under(&self, variant: &Bound<'_, PyAny>) -> PyResult<Game> {
        let variant = variant_of(variant)?;
        self.follow(variant.clone()).ok_or_else(|| no_such_position(variant.name_text(), self.fen()))
    }

    /// The actions that are legal now, int32 [k], sorted: see the README for their numbers.
    fn legal_actions<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i32>> {
        let actions = with_board!(&self.board, board => {
            let encoding = Encoding::new(&board.rules);
            let mut actions = Vec::new();
            encoding.legal(board.legal(), board.position.turn(), self.pending, &mut actions);
            actions
        });
        PyArray1::from_vec(py, actions)
    }

    /// Takes an action. Returns whether a move was made by it; if not, the next action says which one.
    fn push_action(&mut self, action: i64) -> PyResult<bool> {
        let pending = self.pending;
        with_board!(&mut self.board, board => {
            let encoding = Encoding::new(&board.rules);
            let turn = board.position.turn();
            match encoding.step(board.legal(), turn, pending, action) {
                Step::Illegal => {
                    let message = format!("action {action} is not legal in `{}`", board.rules.fen(&board.position));
                    Err(plain::<MoveError>(message))
                }
                Step::Partial(pending) => {
                    self.pending = pending;
                    Ok(false)
                }
                Step::Move(mv) => {
                    self.pending = Pending::default();
                    board.push(mv);
                    Ok(true)
                }
            }
        })
    }

    /// The actions that make a legal move, one after the other.
    fn actions_of(&self, r#move: &str) -> PyResult<Vec<i32>> {
        with_board!(&self.board, board => {
            let mv = board.find(r#move).map_err(of_move)?;
            Ok(Encoding::new(&board.rules).actions_of(board.legal(), board.position.turn(), mv))
        })
    }

    /// The move that an action makes, or what it chooses of one.
    fn action_to_string(&self, action: i64) -> PyResult<String> {
        with_board!(&self.board, board => {
            let encoding = Encoding::new(&board.rules);
            match encoding.step(board.legal(), board.position.turn(), self.pending, action) {
                Step::Illegal => Err(plain::<MoveError>(format!("action {action} is not legal"))),
                Step::Partial(next) => Ok(encoding.partial_name(&board.rules, board.position.turn(), next)),
                Step::Move(mv) => Ok(board.uci(mv)),
            }
        })
    }

    /// The position as the side to move sees it, uint8 [planes, ranks, files]: see the README for the planes.
    fn observation<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let (planes, shape) = with_board!(&self.board, board => {
            let encoding = Encoding::new(&board.rules);
            let mut planes = vec![0_u8; encoding.observation_len()];
            let view = View { position: &board.position, repetitions: board.repetitions(), pending: self.pending };
            encoding.observe(&board.rules, &view, &mut planes);
            (planes, encoding.observation_shape())
        });
        PyArray1::from_vec(py, planes).reshape(shape)
    }

    /// The letter of the man on a square (`e2`), in upper case for White; None if there is none.
    fn piece_at(&self, square: &str) -> PyResult<Option<String>> {
        with_board!(&self.board, board => {
            let rules = &board.rules;
            let all = (0..rules.squares()).map(|n| rules::Square(n as u8));
            let square = all.into_iter().find(|s| rules.square_name(*s) == square);
            let square = square.ok_or_else(|| {
                let message = format!("{} has no such square", rules.name());
                exception::<PositionError>(message, Cause { fen: Some(self.fen()), ..Cause::default() })
            })?;
            Ok(board.position.piece_on(square).map(|(color, piece)| {
                let letter = rules.pieces()[piece.index()].letter;
                if color == Color::White { letter.to_ascii_uppercase().to_string() } else { letter.to_string() }
            }))
        })
    }

    fn _repr_svg_(&self) -> Option<String> {
        let last = with_board!(&self.board, board => {
            board.rules.uci_line(board.start(), &board.moves).pop().unwrap_or_default()
        });
        report::board_svg(&self.fen(), &self.variant.fairy_letters(), &last)
    }

    fn __str__(&self) -> String {
        with_board!(&self.board, board => {
            let (files, ranks) = (board.rules.files(), board.rules.ranks());
            let men = board.position.men();
            let walls: Vec<_> = squares(board.position.occupied() & !men).collect();
            let mut text = String::new();
            for rank in (0..ranks).rev() {
                for file in 0..files {
                    let square = rules::Square((rank * files + file) as u8);
                    let man = board.position.piece_on(square).map(|(color, piece)| {
                        let letter = board.rules.pieces()[piece.index()].letter;
                        if color == Color::White { letter.to_ascii_uppercase() } else { letter }
                    });
                    let empty = if walls.contains(&square) { '*' } else { '.' };
                    text.push(man.unwrap_or(empty));
                    text.push(if file + 1 < files { ' ' } else { '\n' });
                }
            }
            text.pop();
            text
        })
    }

    fn __repr__(&self) -> String {
        format!("<Game of {}: {}>", self.variant.name_text(), self.fen())
    }

    #[allow(clippy::type_complexity)]
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Vec<Played>, Option<String>, Vec<i64>))> {
        let rebuild = py.import("pyinterregnum._native")?.getattr("rebuilt_game")?;
        let mut played = vec![(self.variant.clone(), self.history())];
        let mut origin = &self.origin;
        let fen = loop {
            match origin {
                Origin::Fen(fen) => break fen.clone(),
                Origin::Game(past) => {
                    played.push((past.variant.clone(), past.moves.clone()));
                    origin = &past.origin;
                }
            }
        };
        played.reverse();
        Ok((rebuild, (played, fen, self.pending_actions())))
    }
}

/// What a pickle of a game is read with: the variants that it was played under with the moves under each, the FEN that it began with (None: the start
/// position of the first variant), and the actions that choose what was chosen of the next move.
#[pyfunction]
pub fn rebuilt_game(
    played: Vec<(Bound<'_, Variant>, Vec<String>)>,
    fen: Option<&str>,
    actions: Vec<i64>,
) -> PyResult<Game> {
    let wrong = || plain::<MoveError>("a pickle of a game that cannot be");
    let mut made: Option<Game> = None;
    for (variant, moves) in played {
        let variant = variant.get().clone();
        let mut game = match made {
            None => Game::new(variant, fen)?,
            Some(game) => {
                let name = variant.name_text().to_owned();
                game.follow(variant).ok_or_else(|| no_such_position(&name, game.fen()))?
            }
        };
        moves.iter().try_for_each(|text| game.push(text))?;
        made = Some(game);
    }
    let mut game = made.ok_or_else(wrong)?;
    for action in actions {
        if game.push_action(action)? {
            return Err(wrong());
        }
    }
    Ok(game)
}
