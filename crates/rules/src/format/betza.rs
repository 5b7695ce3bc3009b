//! Betza's notation for how pieces move, in the subset of `variants.ini`.
//!
//! Source: <https://www.gnu.org/software/xboard/Betza.html> and the format's own documentation. An atom may have modifiers before
//! it: `m` and `c` (only quietly, only capturing), `i` (only from the squares of the double step, quietly), `n` (lame: the way must
//! be free), `p` and `g` (over exactly one man; `g` lands just behind it) and directions (`f b l r v s h` and pairs of them). After
//! it, a digit limits a ride and the atom's own letter makes one without limit.

use files::excerpt;
use thiserror::Error;

/// How much of a Betza string an error shows, in characters.
const MAX_SHOWN: usize = 60;

/// How a step is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gait {
    /// One leap over whatever stands between.
    Leap,
    /// One leap that men on the way prevent.
    LameLeap,
    /// A leap repeated over empty squares, at most so often (0: without limit).
    Ride(u8),
    /// A ride over exactly one man, ending at most so many squares away (0: without limit).
    Hop(u8),
    /// A ride over exactly one man that ends just behind it.
    HopBehind,
}

/// One way of moving in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Ranks forward, seen by the mover.
    pub ranks: i8,
    /// Files to the right, seen by the mover.
    pub files: i8,
    /// How the step is made.
    pub gait: Gait,
    /// Whether the step captures; otherwise it goes to empty squares. A piece that does both has two steps.
    pub capture: bool,
    /// Whether the step can be made only from the squares of the double step.
    pub initial: bool,
}

/// Why a Betza string was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BetzaError {
    /// A letter that is neither an atom nor a modifier.
    #[error("`{letter}` at position {position} of the Betza string `{betza}` is no atom or modifier of it")]
    Unknown {
        /// The letter.
        letter: char,
        /// Its place, from 1.
        position: usize,
        /// The whole string.
        betza: String,
    },
    /// An atom with modifiers to which the format gives no meaning.
    #[error("`{part}` in the Betza string `{betza}`: {reason}")]
    Meaningless {
        /// The atom with its modifiers.
        part: String,
        /// The whole string.
        betza: String,
        /// Why, and what would be valid.
        reason: &'static str,
    },
    /// Modifiers that no atom follows.
    #[error("the Betza string `{0}` ends in modifiers that no atom follows")]
    Dangling(String),
}

/// The leaps of an atom, each as (squares along, squares across), and whether the atom rides without a letter that says so.
fn atom(letter: char) -> Option<(&'static [(i8, i8)], bool)> {
    Some(match letter {
        'W' => (&[(1, 0)], false),
        'F' => (&[(1, 1)], false),
        'D' => (&[(2, 0)], false),
        'N' => (&[(2, 1)], false),
        'A' => (&[(2, 2)], false),
        'H' => (&[(3, 0)], false),
        'L' | 'C' => (&[(3, 1)], false),
        'J' | 'Z' => (&[(3, 2)], false),
        'G' => (&[(3, 3)], false),
        'K' => (&[(1, 0), (1, 1)], false),
        'R' => (&[(1, 0)], true),
        'B' => (&[(1, 1)], true),
        'Q' => (&[(1, 0), (1, 1)], true),
        _ => return None,
    })
}

/// One of the eight images of a leap (squares along, squares across): ranks and files, and the pairs of direction letters that choose it.
type Image = (fn(i8, i8) -> (i8, i8), &'static [&'static str]);
const IMAGES: [Image; 8] = [
    (|a, b| (a, b), &["ff", "vv", "rf", "rv", "fh", "rh", "hr"]),
    (|a, b| (-a, -b), &["bb", "vv", "lb", "lv", "bh", "lh", "hr"]),
    (|a, b| (-b, a), &["rr", "ss", "br", "bs", "bh", "rh", "hr"]),
    (|a, b| (b, -a), &["ll", "ss", "fl", "fs", "fh", "lh", "hr"]),
    (|a, b| (b, a), &["rr", "ss", "fr", "fs", "fh", "rh", "hl"]),
    (|a, b| (-b, -a), &["ll", "ss", "bl", "bs", "bh", "lh", "hl"]),
    (|a, b| (-a, b), &["bb", "vv", "rb", "rv", "bh", "rh", "hl"]),
    (|a, b| (a, -b), &["ff", "vv", "lf", "lv", "fh", "lh", "hl"]),
];

/// The modifiers before an atom.
#[derive(Default)]
struct Modifiers {
    quiet: bool,
    capture: bool,
    hop: Option<Gait>,
    lame: bool,
    initial: bool,
    directions: Vec<[char; 2]>,
}

/// Reads a Betza string into its steps. An empty string gives none. Of two steps in one direction that both leap, both ride or both hop,
/// the later one holds.
///
/// # Errors
/// Names the letter or the part that is wrong.
pub fn parse(betza: &str) -> Result<Vec<Step>, BetzaError> {
    let letters: Vec<char> = betza.chars().collect();
    let mut steps: Vec<Step> = Vec::new();
    let mut modifiers = Modifiers::default();
    let (mut i, mut start) = (0, 0);
    while i < letters.len() {
        let letter = letters[i];
        i += 1;
        match letter {
            'm' => modifiers.quiet = true,
            'c' => modifiers.capture = true,
            'p' => modifiers.hop = Some(Gait::Hop(0)),
            'g' => modifiers.hop = Some(Gait::HopBehind),
            'n' => modifiers.lame = true,
            'i' => modifiers.initial = true,
            // En passant is a rule of the variant; the letter only says that the piece takes part in it.
            'e' => {}
            'f' | 'b' | 'v' | 'r' | 'l' | 's' | 'h' => {
                let (vertical, horizontal) = (|c| "fbvh".contains(c), |c| "rlsh".contains(c));
                let pair = letters.get(i).copied().filter(|next| {
                    *next == letter
                        || (vertical(letter) && horizontal(*next))
                        || (horizontal(letter) && vertical(*next))
                });
                modifiers.directions.push([letter, pair.unwrap_or(letter)]);
                i += usize::from(pair.is_some());
            }
            _ => {
                let Some((leaps, rides)) = atom(letter) else {
                    return Err(BetzaError::Unknown { letter, position: i, betza: excerpt(betza, MAX_SHOWN) });
                };
                let ride = match letters.get(i) {
                    Some(next) if *next == letter => Some(0),
                    Some(next) => next.to_digit(10).map(|n| n as u8),
                    None => None,
                };
                i += usize::from(ride.is_some());
                let part: String = letters[start..i].iter().collect();
                let gait = gait(&modifiers, leaps[0], rides, ride).map_err(|reason| BetzaError::Meaningless {
                    part: excerpt(&part, MAX_SHOWN),
                    betza: excerpt(betza, MAX_SHOWN),
                    reason,
                })?;
                add(&mut steps, &std::mem::take(&mut modifiers), leaps, gait);
                start = i;
            }
        }
    }
    if start < letters.len() && letters[start..].iter().any(|l| *l != 'e') {
        return Err(BetzaError::Dangling(excerpt(betza, MAX_SHOWN)));
    }
    Ok(steps)
}

/// How an atom with these modifiers moves. `rides` tells whether the atom rides by itself, `ride` the limit that follows it (0: none).
fn gait(modifiers: &Modifiers, leap: (i8, i8), rides: bool, ride: Option<u8>) -> Result<Gait, &'static str> {
    let straight = matches!(leap, (1, 0 | 1));
    if let Some(hop) = modifiers.hop {
        if !straight {
            return Err("only W, F, K, R, B and Q hop (`p`, `g`)");
        }
        return Ok(match ride {
            None | Some(0) => hop,
            Some(1) => Gait::HopBehind,
            Some(n) => Gait::Hop(n),
        });
    }
    if rides || ride.is_some() {
        if !straight && leap != (2, 1) {
            return Err("only W, F, K and N ride; write R, B, Q or NN, or a limit such as W3");
        }
        if modifiers.lame {
            return Err("a rider cannot be lame (`n`): its way must be free anyhow");
        }
        return Ok(Gait::Ride(ride.unwrap_or(0)));
    }
    if modifiers.lame {
        return match leap {
            (2, 0..=2) | (3, 2) => Ok(Gait::LameLeap),
            _ => Err("only D, N, A and Z can be lame (`n`)"),
        };
    }
    Ok(Gait::Leap)
}

/// Adds the steps of an atom with its modifiers.
fn add(steps: &mut Vec<Step>, modifiers: &Modifiers, leaps: &[(i8, i8)], gait: Gait) {
    let both = !modifiers.quiet && !modifiers.capture;
    for &(along, across) in leaps {
        // On an orthogonal atom a pair of different directions means either: `fsW` is a step forward or sideways.
        let orthogonal = leaps.len() == 1 && across == 0;
        let directions: Vec<String> = modifiers
            .directions
            .iter()
            .flat_map(|[a, b]| {
                if orthogonal && a != b { vec![format!("{a}{a}"), format!("{b}{b}")] } else { vec![format!("{a}{b}")] }
            })
            .collect();
        for capture in [false, true] {
            // The format has no captures that can be made only from the first square.
            if !both && !(if capture { modifiers.capture } else { modifiers.quiet }) || capture && modifiers.initial {
                continue;
            }
            for (image, names) in IMAGES {
                if !directions.is_empty() && !directions.iter().any(|d| names.contains(&d.as_str())) {
                    continue;
                }
                let (ranks, files) = image(along, across);
                let step = Step { ranks, files, gait, capture, initial: modifiers.initial };
                let same = |s: &Step| {
                    (s.ranks, s.files, s.capture, s.initial) == (ranks, files, capture, step.initial)
                        && family(s.gait) == family(gait)
                };
                match steps.iter_mut().find(|s| same(s)) {
                    Some(earlier) => *earlier = step,
                    None => steps.push(step),
                }
            }
        }
    }
}

/// The group of gaits of which a piece has at most one in each direction.
fn family(gait: Gait) -> u8 {
    match gait {
        Gait::Leap | Gait::LameLeap => 0,
        Gait::Ride(_) => 1,
        Gait::Hop(_) | Gait::HopBehind => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(betza: &str, capture: bool) -> Vec<(i8, i8)> {
        let mut all: Vec<_> =
            parse(betza).unwrap().into_iter().filter(|s| s.capture == capture).map(|s| (s.ranks, s.files)).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn directions_choose_images() {
        assert_eq!(targets("fsW", false), [(0, -1), (0, 1), (1, 0)]);
        assert_eq!(targets("fN", false), [(2, -1), (2, 1)]);
        assert_eq!(targets("FfW", true), [(-1, -1), (-1, 1), (1, -1), (1, 0), (1, 1)]);
        assert_eq!(targets("mflFcflW", false), [(1, -1)]);
        assert_eq!(targets("mflFcflW", true), [(0, -1), (1, 0)]);
        assert_eq!(targets("mRcpR", true).len(), 4);
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        for wrong in ["DD", "nR", "pN", "nW", "x", "fm"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
