//! Lists of squares as the format writes them.

use crate::board::geometry::Board;
use crate::board::word::{Word, squares};

/// The width of the widest board of the format.
pub(crate) const MAX_FILES: u8 = 12;
/// The height of the highest board of the format.
pub(crate) const MAX_RANKS: u8 = 10;

/// A set of squares on a board of whatever size: bit `rank * 12 + file`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Region(u128);

impl Region {
    pub(crate) const NONE: Region = Region(0);
    pub(crate) const ALL: Region = Region((1 << 120) - 1);

    /// The squares of a rank, counted from 1.
    pub(crate) fn rank(rank: u8) -> Region {
        Region(0xfff << (u32::from(MAX_FILES) * u32::from(rank - 1)))
    }

    /// The squares of the ranks from `low` to `high`, counted from 1.
    pub(crate) fn ranks(low: u8, high: u8) -> Region {
        (low..=high).fold(Region::NONE, |region, rank| Region(region.0 | Region::rank(rank).0))
    }

    /// Reads `d4 e5`, `*8` for a rank, `a*` for a file, `-` for none.
    pub(crate) fn parse(text: &str) -> Option<Region> {
        let mut region = 0;
        for word in text.split_whitespace() {
            if word == "-" {
                break;
            }
            let (file, rank) = word.split_at_checked(1)?;
            let file = match file.as_bytes()[0] {
                b'*' => None,
                c => Some(c.to_ascii_lowercase().checked_sub(b'a').filter(|f| *f < MAX_FILES)?),
            };
            let rank = match rank {
                "*" => None,
                digits => Some(digits.parse::<u8>().ok()?.checked_sub(1).filter(|r| *r < MAX_RANKS)?),
            };
            if file.is_none() && rank.is_none() {
                return None;
            }
            for r in (0..MAX_RANKS).filter(|r| rank.is_none_or(|x| x == *r)) {
                for f in (0..MAX_FILES).filter(|f| file.is_none_or(|x| x == *f)) {
                    region |= 1 << (r * MAX_FILES + f);
                }
            }
        }
        Some(Region(region))
    }

    /// Whether the square on this file and rank, both counted from 0, belongs to the region.
    pub(crate) fn contains(self, file: u8, rank: u8) -> bool {
        self.0 >> (rank * MAX_FILES + file) & 1 == 1
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The squares that lie on a board of this size.
    pub(crate) fn on<W: Word>(self, board: Board) -> W {
        board.region(|file, rank| self.contains(file, rank))
    }

    /// The region without squares outside the board.
    pub(crate) fn clipped(self, board: Board) -> Region {
        board
            .each()
            .filter(|s| self.contains(board.file(*s), board.rank(*s)))
            .fold(Region::NONE, |region, s| Region(region.0 | 1 << (board.rank(s) * MAX_FILES + board.file(s))))
    }

    /// The squares on the board, written in board order, whole ranks and files in short.
    pub(crate) fn text(self, board: Board) -> String {
        let on_board: u128 = self.on(board);
        let full = |line: u128| on_board & line == line;
        let ranks = (0..board.ranks).filter(|rank| full(board.region(|_, r| r == *rank)));
        let mut words: Vec<String> = ranks.clone().map(|rank| format!("*{}", rank + 1)).collect();
        let mut rest = ranks.fold(on_board, |rest, rank| rest & !board.region::<u128>(|_, r| r == rank));
        if rest != 0 {
            for file in 0..board.files {
                let line: u128 = board.region(|f, _| f == file);
                if full(line) {
                    words.push(format!("{}*", (b'a' + file) as char));
                    rest &= !line;
                }
            }
        }
        words.extend(squares(rest).map(|s| format!("{}{}", (b'a' + board.file(s)) as char, board.rank(s) + 1)));
        if words.is_empty() { "-".to_owned() } else { words.join(" ") }
    }
}
