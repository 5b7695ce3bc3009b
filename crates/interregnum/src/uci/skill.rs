//! Play below full strength, by the option `Skill Level`.
//!
//! At level L, from 0 to 19, a search makes at most `10 * 2^(L/2)` playouts, with L/2 rounded down (10 at level 0, 320 at 10, 5120
//! at 19), in a tree that is begun anew. Then a move is drawn with a weight of `visits^k`, where k is 20 / (20 - L) rounded down.
//! At the lowest levels moves are drawn by their visits; at the highest the best move is nearly always drawn. The draw depends only
//! on the position and the level, so that equal commands give equal games wherever the search itself repeats. At level 20, and at
//! every level with `UCI_AnalyseMode`, the best move of an unlimited search is played. `benches/README.md` has the Elo of some
//! levels.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::Move;
use search::RootReport;

use super::options::FULL_SKILL;

/// Playouts of the lowest level.
const LEAST_PLAYOUTS: u64 = 10;

/// The most playouts of a search at a level; `None` at full strength.
pub(super) fn playouts(level: u64) -> Option<u64> {
    (level < FULL_SKILL).then(|| LEAST_PLAYOUTS << (level / 2))
}

/// The move to play at a level, in a position with this key.
pub(super) fn choose(report: &RootReport, level: u64, key: u64) -> Option<Move> {
    let most = report.moves.iter().map(|m| m.visits).max().filter(|most| *most > 0);
    let Some(most) = most.filter(|_| level < FULL_SKILL) else { return report.best() };
    let exponent = FULL_SKILL / (FULL_SKILL - level);
    // Powers are computed by multiplication, since those of the platform's library may differ between machines.
    let weight = |visits: u32| (0..exponent).fold(1.0, |product, _| product * f64::from(visits) / f64::from(most));
    let weights: Vec<f64> = report.moves.iter().map(|m| weight(m.visits)).collect();
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&key.to_le_bytes());
    seed[8..16].copy_from_slice(&level.to_le_bytes());
    let mut left = ChaCha8Rng::from_seed(seed).random::<f64>() * weights.iter().sum::<f64>();
    let drawn = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    drawn.map_or_else(|| report.best(), |place| Some(report.moves[place].mv))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rules::{Catalog, Game};
    use search::RootMove;

    fn report(visits: &[u32]) -> RootReport {
        let game = Game::new(Catalog::builtin().rules("chess").unwrap());
        let moves = game.legal().iter().zip(visits).map(|(mv, visits)| RootMove {
            mv: *mv,
            visits: *visits,
            value: 0.0,
            prior: 0.1,
            proven: None,
            plies_to_end: None,
        });
        RootReport { moves: moves.collect(), ..RootReport::default() }
    }

    /// In how many of a thousand positions the best move is chosen.
    fn best_of_thousand(level: u64) -> usize {
        let report = report(&[60, 30, 10, 0]);
        let chosen = |key: u64| choose(&report, level, key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        assert!(
            (0..1000).all(|key| chosen(key) != Some(report.moves[3].mv)),
            "a move that nobody looked at is not played"
        );
        assert_eq!(chosen(7), chosen(7));
        (0..1000).filter(|key| chosen(*key) == report.best()).count()
    }

    #[test]
    fn higher_levels_choose_the_best_move_more_often() {
        let best: Vec<usize> = [0, 10, 15, 19, 20].map(best_of_thousand).to_vec();
        assert!((550..650).contains(&best[0]), "{best:?}");
        assert!(best.is_sorted(), "{best:?}");
        assert_eq!(best[3..], [1000, 1000]);
    }

    #[test]
    fn higher_levels_search_longer() {
        let playouts: Vec<_> = [0, 1, 10, 19, 20].map(playouts).to_vec();
        assert_eq!(playouts, [Some(10), Some(10), Some(320), Some(5120), None]);
    }

    #[test]
    fn there_is_a_move_even_without_playouts() {
        let none = report(&[0, 0]);
        assert_eq!(choose(&none, 0, 1), none.best());
        assert_eq!(choose(&report(&[]), 0, 1), None);
    }
}
