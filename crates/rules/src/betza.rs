//! Betza's notation for how pieces move, in the subset that `variants.ini` uses.
//!
//! Source: <https://www.gnu.org/software/xboard/Betza.html> and the format's own documentation. Hoppers (`p`, `g`), lame
//! leapers (`n`), initial moves (`i`) and en passant (`e`) are refused by name for now.

use thiserror::Error;

/// One way of moving: a leap, or a ride that repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Ranks forward, seen by White.
    pub ranks: i8,
    /// Files to the right, seen by White.
    pub files: i8,
    /// How often the step may be repeated over empty squares: 1 for a leap, 0 for without limit.
    pub limit: u8,
    /// Whether it may go to an empty square.
    pub quiet: bool,
    /// Whether it may capture.
    pub capture: bool,
}

/// Why a Betza string was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BetzaError {
    /// A letter outside the notation.
    #[error("`{letter}` at position {position} of the Betza string `{betza}` is no atom or modifier of it")]
    Unknown {
        /// The letter.
        letter: char,
        /// Its place, from 1.
        position: usize,
        /// The whole string.
        betza: String,
    },
    /// A part of the notation that is not supported yet.
    #[error("`{letter}` ({meaning}) in the Betza string `{betza}` is not supported yet")]
    Unsupported {
        /// The letter.
        letter: char,
        /// What it stands for.
        meaning: &'static str,
        /// The whole string.
        betza: String,
    },
    /// Modifiers that no atom follows.
    #[error("the Betza string `{0}` ends in modifiers that no atom follows")]
    Dangling(String),
}

/// Leaps of an atom (ranks, files), and whether the atom rides by itself.
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

type Image = fn(i8, i8) -> (i8, i8);

/// The eight images of a leap (long, short), each with the direction pairs that select it.
///
/// A pair is two letters of `f b v` / `r l s` / `h`; a single letter counts twice (`f` is `ff`). The first letter of a mixed
/// pair names the axis of the leap's longer part.
const IMAGES: [(Image, &str); 8] = [
    (|long, short| (long, short), "ff vv rf rv fh rh hr"),
    (|long, short| (-long, -short), "bb vv lb lv bh lh hr"),
    (|long, short| (-short, long), "rr ss br bs bh rh hr"),
    (|long, short| (short, -long), "ll ss fl fs fh lh hr"),
    (|long, short| (short, long), "rr ss fr fs fh rh hl"),
    (|long, short| (-short, -long), "ll ss bl bs bh lh hl"),
    (|long, short| (-long, short), "bb vv rb rv bh rh hl"),
    (|long, short| (long, -short), "ff vv lf lv fh lh hl"),
];

/// Reads a Betza string into the steps it stands for, without repetitions.
///
/// # Errors
/// Names the first letter that is unknown or not supported.
pub fn parse(betza: &str) -> Result<Vec<Step>, BetzaError> {
    const VERTICAL: &str = "fbvh";
    const HORIZONTAL: &str = "rlsh";
    let letters: Vec<char> = betza.chars().collect();
    let mut steps = Vec::new();
    let (mut quiet, mut capture) = (false, false);
    let mut directions: Vec<String> = Vec::new();
    let mut pending = false;
    let mut i = 0;
    while i < letters.len() {
        let letter = letters[i];
        pending = true;
        if let Some((leaps, rides)) = atom(letter) {
            let mut limit = if rides { 0 } else { 1 };
            if let Some(&next) = letters.get(i + 1) {
                if let Some(digit) = next.to_digit(10) {
                    limit = digit as u8;
                    i += 1;
                } else if next == letter {
                    limit = 0;
                    i += 1;
                }
            }
            if !quiet && !capture {
                (quiet, capture) = (true, true);
            }
            for &(long, short) in leaps {
                add_images(
                    &mut steps,
                    (long, short),
                    leaps.len() == 1,
                    &directions,
                    Step { ranks: 0, files: 0, limit, quiet, capture },
                );
            }
            (quiet, capture, pending) = (false, false, false);
            directions.clear();
        } else {
            match letter {
                'm' => quiet = true,
                'c' => capture = true,
                'p' => return Err(unsupported(letter, "hopper", betza)),
                'g' => return Err(unsupported(letter, "grasshopper", betza)),
                'n' => return Err(unsupported(letter, "lame leaper", betza)),
                'i' => return Err(unsupported(letter, "initial move", betza)),
                'e' => return Err(unsupported(letter, "en passant", betza)),
                _ if VERTICAL.contains(letter) || HORIZONTAL.contains(letter) => {
                    let pair = letters.get(i + 1).copied().filter(|&next| {
                        next == letter
                            || (VERTICAL.contains(letter) && HORIZONTAL.contains(next))
                            || (HORIZONTAL.contains(letter) && VERTICAL.contains(next))
                    });
                    i += usize::from(pair.is_some());
                    directions.push([letter, pair.unwrap_or(letter)].iter().collect());
                }
                _ => {
                    return Err(BetzaError::Unknown { letter, position: i + 1, betza: betza.to_owned() });
                }
            }
        }
        i += 1;
    }
    if pending { Err(BetzaError::Dangling(betza.to_owned())) } else { Ok(steps) }
}

fn unsupported(letter: char, meaning: &'static str, betza: &str) -> BetzaError {
    BetzaError::Unsupported { letter, meaning, betza: betza.to_owned() }
}

fn add_images(steps: &mut Vec<Step>, (long, short): (i8, i8), alone: bool, directions: &[String], model: Step) {
    // `fsW` is forward or sideways: an orthogonal step cannot go both ways at once.
    let orthogonal = alone && short == 0;
    let selected = |codes: &str| {
        directions.is_empty()
            || directions.iter().any(|pair| {
                let mut letters = pair.chars();
                let (a, b) = (letters.next().unwrap_or(' '), letters.next().unwrap_or(' '));
                if orthogonal && a != b {
                    [a, b].iter().any(|&c| codes.split(' ').any(|code| code.chars().all(|x| x == c)))
                } else {
                    codes.split(' ').any(|code| code == pair)
                }
            })
    };
    for (image, codes) in IMAGES {
        if !selected(codes) {
            continue;
        }
        let (ranks, files) = image(long, short);
        let step = Step { ranks, files, ..model };
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(betza: &str) -> Vec<(i8, i8)> {
        let mut all: Vec<_> = parse(betza).unwrap().iter().map(|s| (s.ranks, s.files)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn leapers_and_directions() {
        assert_eq!(targets("N").len(), 8);
        assert_eq!(targets("CW").len(), 12);
        assert_eq!(targets("fW"), [(1, 0)]);
        assert_eq!(targets("fsW"), [(0, -1), (0, 1), (1, 0)]);
        assert_eq!(targets("fF"), [(1, -1), (1, 1)]);
        assert_eq!(targets("ffN"), [(2, -1), (2, 1)]);
        assert_eq!(targets("fsN"), [(1, -2), (1, 2)].to_vec());
        assert_eq!(targets("FfW").len(), 5);
    }

    #[test]
    fn riders_have_limits() {
        assert!(parse("R").unwrap().iter().all(|s| s.limit == 0));
        assert!(parse("R2").unwrap().iter().all(|s| s.limit == 2));
        assert!(parse("W3").unwrap().iter().all(|s| s.limit == 3));
        assert!(parse("NN").unwrap().iter().all(|s| s.limit == 0));
        assert!(parse("W").unwrap().iter().all(|s| s.limit == 1));
    }

    #[test]
    fn refusals_name_the_letter() {
        assert!(parse("pR").unwrap_err().to_string().contains("hopper"));
        assert!(parse("xW").unwrap_err().to_string().contains("`x`"));
        assert!(parse("f").unwrap_err().to_string().contains("no atom follows"));
    }
}
