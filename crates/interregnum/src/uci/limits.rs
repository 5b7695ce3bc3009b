//! The limits that a `go` command sets.

use std::time::Duration;

use rules::Color;

use super::inbox::Running;

/// Playouts of a `go` that sets no limit.
const DEFAULT_NODES: u64 = 10_000;
/// Playouts of a `go` that asks for nothing but a mate.
const MATE_NODES: u64 = 200_000;
/// Moves among which the remaining time is divided, if nobody says how many moves it is for.
const MOVES_TO_GO: u64 = 25;
/// Milliseconds of a `movetime` that are kept for reading the command and writing the answer.
const ANSWER_TIME: u64 = 5;
/// The most words of a `go` command that are listed as not understood.
const MOST_REMARKS: usize = 8;

/// The words that a number follows.
const NUMBERS: [&str; 9] = ["wtime", "btime", "winc", "binc", "movestogo", "depth", "nodes", "mate", "movetime"];

/// A `go` command.
#[derive(Debug, Default)]
pub(super) struct Go {
    /// The numbers of the command, in the order of [`NUMBERS`].
    numbers: [Option<u64>; NUMBERS.len()],
    infinite: bool,
    ponder: bool,
    /// Moves of the root to search, as the command writes them; all moves if there are none.
    pub(super) moves: Vec<String>,
    /// What was not understood, in words for people.
    pub(super) remarks: Vec<String>,
}

/// When a search ends by itself: as soon as it reaches one of these limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Playouts.
    pub(super) nodes: u64,
    /// Time from the command, or from `ponderhit`.
    pub(super) time: Option<Duration>,
    /// Moves of the principal variation.
    pub(super) depth: Option<u64>,
    /// A mate in at most so many moves that is proven.
    pub(super) mate: Option<u64>,
}

impl Go {
    /// Reads what follows the word `go`.
    pub(super) fn read(text: &str) -> Go {
        let mut go = Go::default();
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            match word {
                "infinite" => go.infinite = true,
                "ponder" => go.ponder = true,
                "searchmoves" => {
                    while let Some(mv) = words.next_if(|word| !is_known(word)) {
                        go.moves.push(mv.to_owned());
                    }
                }
                _ => match NUMBERS.iter().position(|known| *known == word) {
                    Some(place) => {
                        let value = words.next_if(|word| !is_known(word));
                        match value.and_then(number) {
                            Some(number) => go.numbers[place] = Some(number),
                            None => go.remark(match value {
                                Some(value) => format!("`{word} {}`: a number was expected", files::excerpt(value, 20)),
                                None => format!("`{word}`: a number was expected"),
                            }),
                        }
                    }
                    None => go.remark(format!("`{}` is not known", files::excerpt(word, 20))),
                },
            }
        }
        go
    }

    pub(super) fn remark(&mut self, text: String) {
        if self.remarks.len() < MOST_REMARKS {
            self.remarks.push(text);
        }
    }

    fn number(&self, word: &str) -> Option<u64> {
        NUMBERS.iter().position(|known| *known == word).and_then(|place| self.numbers[place])
    }

    /// Whether a mate is all that is asked for.
    pub(super) fn is_for_mate(&self) -> bool {
        self.number("mate").is_some()
    }

    /// What commands need to know of the search.
    pub(super) fn running(&self) -> Running {
        Running { infinite: self.infinite, ponder: self.ponder, stopped: false }
    }

    /// The limits for the side to move; `overhead` milliseconds of its clock are kept in reserve.
    pub(super) fn limits(&self, turn: Color, overhead: u64) -> Limits {
        let (clock, increment) = if turn == Color::White { ("wtime", "winc") } else { ("btime", "binc") };
        let share = self.number(clock).map(|left| {
            let moves = self.number("movestogo").unwrap_or(MOVES_TO_GO).clamp(1, 40) + 1;
            let wish = (left / moves).saturating_add(self.number(increment).unwrap_or(0) / 4 * 3);
            wish.min(left.saturating_sub(overhead)).max(1)
        });
        let fixed = self.number("movetime").map(|time| time.saturating_sub(ANSWER_TIME).max(1));
        let time = [share, fixed].into_iter().flatten().min().map(Duration::from_millis);
        let at_least_one = |word: &str| self.number(word).map(|number| number.max(1));
        let (depth, mate) = (at_least_one("depth"), at_least_one("mate"));
        let nodes = at_least_one("nodes").unwrap_or(match (time, depth, mate) {
            (None, None, None) if !self.infinite => DEFAULT_NODES,
            (None, None, Some(_)) if !self.infinite => MATE_NODES,
            _ => u64::MAX,
        });
        Limits { nodes, time, depth, mate }
    }
}

fn is_known(word: &str) -> bool {
    matches!(word, "infinite" | "ponder" | "searchmoves") || NUMBERS.contains(&word)
}

/// A whole number. A negative one counts as 0, since clocks may be reported below 0; one that is too large counts as the largest.
fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // The largest number is more milliseconds than any clock has and more playouts than a tree can hold.
    Some(if text.starts_with('-') { 0 } else { digits.parse().unwrap_or(u64::MAX).min(1 << 40) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Limits {
        Go::read(text).limits(Color::White, 50)
    }

    #[test]
    fn the_first_limit_counts() {
        let millis = |n| Some(Duration::from_millis(n));
        assert_eq!(
            limits("wtime 100000 movetime 300 nodes 7 depth 3 mate 2"),
            Limits { nodes: 7, time: millis(295), depth: Some(3), mate: Some(2) }
        );
        assert_eq!(limits("movetime 90000 wtime 1000 btime 99999 movestogo 1").time, millis(500));
        assert_eq!(limits("wtime 1000 movestogo 1 winc 4000").time, millis(950), "less the overhead");
        assert_eq!(Go::read("wtime 1000 movestogo 1 winc 4000").limits(Color::White, 300).time, millis(700));
        assert_eq!(Go::read("wtime 1 btime 26000").limits(Color::Black, 10).time, millis(1000));
        assert_eq!(limits("wtime -20").time, millis(1));
    }

    #[test]
    fn a_search_without_limits_gets_one() {
        assert_eq!(limits(""), Limits { nodes: DEFAULT_NODES, time: None, depth: None, mate: None });
        assert_eq!(limits("mate 3").nodes, MATE_NODES);
        assert_eq!(limits("btime 100").nodes, DEFAULT_NODES, "the other side's clock is no limit");
        for text in ["depth 4", "infinite", "movetime 10", "infinite mate 2", "nodes 99999999999999999999999"] {
            assert!(limits(text).nodes >= 1 << 40, "{text}");
        }
        assert_eq!(limits("nodes 0").nodes, 1);
        assert_eq!(limits("nodes -1").nodes, 1);
    }

    #[test]
    fn unknown_words_are_named_and_passed_over() {
        let go = Go::read("nodes nodes 5 perft x depth four searchmoves e2e4 zz infinite movetime");
        assert_eq!(
            go.remarks,
            [
                "`nodes`: a number was expected",
                "`perft` is not known",
                "`x` is not known",
                "`depth four`: a number was expected",
                "`movetime`: a number was expected",
            ]
        );
        assert_eq!(go.moves, ["e2e4", "zz"]);
        assert!(go.running().infinite);
        assert_eq!(go.limits(Color::White, 0).nodes, 5);
        assert_eq!(Go::read(&"x ".repeat(100_000)).remarks.len(), MOST_REMARKS);
    }
}
