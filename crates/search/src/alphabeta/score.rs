//! Scores: whole numbers on a logistic scale, on which equal steps are equal steps in the odds of winning.

/// The score of a game that the side to move has won already.
pub(super) const WIN: i32 = 30_000;
/// The most plies that a search looks ahead.
pub(super) const MAX_PLY: i32 = 128;
/// The highest score of a game that is not decided.
const MOST: f32 = 20_000.0;
/// Scores for each unit of the natural logarithm of the odds. An expected score of 64% is 1000, as an advantage of a pawn in chess is.
const SCALE: f32 = 4000.0 / std::f32::consts::LN_10;

/// The score of an expected result in [-1, 1].
#[inline]
pub(super) fn from_value(value: f32) -> i32 {
    let odds = (1.0 + value) / (1.0 - value);
    // Where the odds are 0 or without bound, so is their logarithm. A value that is not a number counts as 0.
    (SCALE * libm::logf(odds)).clamp(-MOST, MOST) as i32
}

/// The expected result of a score, in [-1, 1].
pub(super) fn to_value(score: i32) -> f32 {
    if is_decided(score) {
        return score.signum() as f32;
    }
    libm::tanhf(score as f32 / (2.0 * SCALE))
}

/// The score of an end of the game after `ply` plies that is worth so much to the side to move.
#[inline]
pub(super) fn of_end(worth: f32, ply: i32) -> i32 {
    match worth {
        1.0 => WIN - ply,
        -1.0 => ply - WIN,
        worth => from_value(worth),
    }
}

/// Whether a score tells of a forced win or loss.
#[inline]
pub(super) fn is_decided(score: i32) -> bool {
    score.abs() > WIN - 2 * MAX_PLY
}

/// Plies from the root to the end of the game, by a score of the root.
pub(super) fn plies_to_end(score: i32) -> Option<u32> {
    is_decided(score).then(|| (WIN - score.abs()) as u32)
}

/// A score at `ply` as the table keeps it: ends are counted from the position itself, not from the root.
#[inline]
pub(super) fn to_table(score: i32, ply: i32) -> i16 {
    (if is_decided(score) { score + score.signum() * ply } else { score }) as i16
}

/// A score of the table as it counts at `ply`.
#[inline]
pub(super) fn from_table(score: i16, ply: i32) -> i32 {
    let score = i32::from(score);
    if is_decided(score) { score - score.signum() * ply } else { score }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_and_values_are_the_same_thing() {
        assert_eq!((from_value(0.0), from_value(0.28)), (0, 999));
        assert_eq!((from_value(1.0), from_value(-1.0), from_value(f32::NAN)), (20_000, -20_000, 0));
        for value in [-0.99f32, -0.5, -0.01, 0.0, 0.3, 0.7, 0.999] {
            assert!((to_value(from_value(value)) - value).abs() < 1e-3, "{value}");
        }
        assert!(!is_decided(from_value(1.0)) && is_decided(of_end(1.0, MAX_PLY)) && !is_decided(of_end(0.5, 3)));
    }

    #[test]
    fn ends_are_counted_from_where_they_are_looked_at() {
        let mated_in_4 = of_end(-1.0, 7);
        assert_eq!(from_table(to_table(mated_in_4, 3), 5), of_end(-1.0, 9));
        assert_eq!(plies_to_end(of_end(1.0, 5)), Some(5));
        assert_eq!(from_table(to_table(-300, 9), 2), -300);
    }
}
