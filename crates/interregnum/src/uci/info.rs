//! What the client is told: lines of analysis, and the variant that is played.

use std::io::Write;
use std::time::Duration;

use evaluator::Evaluator;
use rules::{Color, Game, Move, Outcome, Rules, Word};
use search::{RootMove, RootReport};

use super::options::Options;

/// What a client is told of a search.
pub(super) struct Progress<'a, W: Word = u64> {
    pub(super) game: &'a Game<W>,
    pub(super) report: &'a RootReport,
    /// The line that the search expects after a move of the root.
    pub(super) line: &'a dyn Fn(Move) -> Vec<Move>,
    /// The share of the memory that is in use.
    pub(super) fullness: f64,
    /// Plies that the search looked ahead in full and at most; the length of the line if it does not count them.
    pub(super) depths: Option<(u32, u32)>,
    pub(super) nodes: u64,
    pub(super) elapsed: Duration,
}

impl<W: Word> Progress<'_, W> {
    /// Writes a line for each of the best moves.
    pub(super) fn write(
        &self,
        options: &Options,
        judge: &mut dyn Evaluator<W>,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let (rules, position) = (self.game.rules(), self.game.position());
        let seconds = self.elapsed.as_secs_f64().max(1e-6);
        for (i, m) in self.report.moves.iter().take(options.lines).enumerate() {
            let moves = line(self.line, self.report, m.mv);
            let (depth, deepest) = self.depths.unwrap_or((moves.len() as u32, moves.len() as u32));
            write!(out, "info depth {depth} seldepth {deepest}")?;
            if options.lines > 1 {
                write!(out, " multipv {}", i + 1)?;
            }
            write!(out, " score {}", score(m))?;
            if options.show_wdl {
                let [win, draw, loss] = win_draw_loss(m, draws_after(self.game, &moves, judge));
                write!(out, " wdl {win} {draw} {loss}")?;
            }
            writeln!(
                out,
                " nodes {} nps {:.0} hashfull {:.0} time {} pv {}",
                self.nodes,
                self.nodes as f64 / seconds,
                1000.0 * self.fullness,
                self.elapsed.as_millis(),
                rules.uci_line(position, &moves).join(" ")
            )?;
        }
        if self.report.moves.is_empty() {
            writeln!(out, "info depth 0 score {}", final_score(self.game.outcome(), position.turn()))?;
        }
        Ok(())
    }
}

/// The line that begins with a move of the root: the principal variation, or for another move what the search expects.
pub(super) fn line(search: &dyn Fn(Move) -> Vec<Move>, report: &RootReport, mv: Move) -> Vec<Move> {
    if report.pv.first() == Some(&mv) {
        return report.pv.clone();
    }
    let line = search(mv);
    if line.is_empty() { vec![mv] } else { line }
}

/// The share of draws that the evaluator expects at the end of a line.
fn draws_after<W: Word>(game: &Game<W>, line: &[Move], judge: &mut dyn Evaluator<W>) -> f64 {
    let mut position = *game.position();
    line.iter().for_each(|mv| game.rules().play(&mut position, *mv));
    judge.win_draw_loss(game.rules(), &position).map_or(0.0, |[_, draw, _]| draw.into())
}

/// Chances of a win, a draw and a loss in thousandths. Wins less losses are the value that the search found; draws are what the
/// evaluator expects, as far as that value leaves room for them.
fn win_draw_loss(m: &RootMove, draws: f64) -> [u32; 3] {
    let value = m.proven.map_or(f64::from(m.value), f64::from).clamp(-1.0, 1.0);
    let draws = if m.proven == Some(0.0) { 1.0 } else { draws.min(1.0 - value.abs()) };
    let win = (500.0 * (1.0 + value - draws)).round() as u32;
    let draw = (1000.0 * draws).round() as u32;
    let win = win.min(1000 - draw);
    [win, draw, 1000 - win - draw]
}

/// The score of a move in UCI: moves to a proven end, or centipawns.
fn score(m: &RootMove) -> String {
    match mate_in(m) {
        Some(moves) => format!("mate {moves}"),
        None => {
            // The scale is logistic: an expected score of 64% is one pawn. A certain result counts 20 pawns.
            let value = f64::from(m.value).clamp(-0.999_999, 0.999_999);
            let centipawns = (100.0 * 4.0 * ((1.0 + value) / (1.0 - value)).log10()).clamp(-2000.0, 2000.0);
            format!("cp {centipawns:.0}")
        }
    }
}

/// Moves that the winner needs to a proven end; negative if the other side wins.
pub(super) fn mate_in(m: &RootMove) -> Option<i64> {
    match (m.proven, m.plies_to_end?) {
        (Some(1.0), plies) => Some(plies.div_ceil(2).into()),
        (Some(-1.0), plies) => Some(-i64::from(plies.div_ceil(2))),
        _ => None,
    }
}

/// The score of a game that is over.
fn final_score(outcome: Option<Outcome>, turn: Color) -> &'static str {
    match outcome.map(|outcome| outcome.for_color(turn) as i8) {
        Some(-1) => "mate 0",
        Some(1) => "cp 2000",
        _ => "cp 0",
    }
}

/// How graphical clients of Fairy-Stockfish draw a variant, and for some variants how many piece types a hand may hold; all types
/// for the others.
const TEMPLATES: [(&str, &str, Option<usize>); 35] = [
    ("makruk", "makruk", None),
    ("makpong", "makruk", None),
    ("cambodian", "makruk", None),
    ("karouk", "makruk", None),
    ("ai-wok", "makruk", None),
    ("shatranj", "shatranj", None),
    ("giveaway", "giveaway", None),
    ("antichess", "giveaway", None),
    ("suicide", "giveaway", None),
    ("codrus", "giveaway", None),
    ("atomic", "atomic", None),
    ("nocheckatomic", "atomic", None),
    ("atomar", "atomic", None),
    ("crazyhouse", "crazyhouse", None),
    ("loop", "crazyhouse", None),
    ("chessgi", "crazyhouse", None),
    ("shouse", "crazyhouse", None),
    ("capahouse", "crazyhouse", None),
    ("pocketknight", "bughouse", Some(2)),
    ("placement", "bughouse", None),
    ("sittuyin", "bughouse", None),
    ("seirawan", "seirawan", None),
    ("shogi", "shogi", None),
    ("minishogi", "shogi", Some(5)),
    ("kyotoshogi", "shogi", None),
    ("micro", "shogi", None),
    ("dobutsu", "shogi", Some(3)),
    ("gorogoro", "shogi", Some(3)),
    ("judkins", "shogi", None),
    ("euroshogi", "shogi", None),
    ("grand", "grand", None),
    ("minixiangqi", "xiangqi", None),
    ("xiangqi", "xiangqi", None),
    ("manchu", "xiangqi", None),
    ("janggi", "janggi", None),
];

/// The description of a variant that Fairy-Stockfish sends when the variant is chosen.
pub(super) fn variant<W: Word>(shown: &str, name: &str, rules: &Rules<W>) -> String {
    let known = TEMPLATES.iter().find(|(known, ..)| *known == name);
    let (template, pocket) = known.map_or(("fairy", None), |(_, template, pocket)| (*template, *pocket));
    let pocket = if rules.has_drops() { pocket.unwrap_or(rules.pieces().len()) } else { 0 };
    format!(
        "variant {shown} files {} ranks {} pocket {pocket} template {template} startpos {}",
        rules.files(),
        rules.ranks(),
        rules.start_fen()
    )
}
