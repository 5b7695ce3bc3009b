//! A small task that is no game: landing a rocket, with the gains selected in simulation and the physics changed in flight.
//!
//! A rocket at height h falls at speed v and burns with the acceleration a that its controller asks for, its engine giving `thrust * a`,
//! against gravity g. Burning at `a = k + v^2 / (2h)` brings it to rest at the ground exactly if k = g and the thrust is 1. Otherwise it reaches the ground
//! too fast, or would stop above it: the squared speed is off by `2h |g - thrust * k - (thrust - 1) v^2 / (2h)|`. This is the cost, and a closed
//! form to hold the simulation against. The gain k is what the base optimizer selects, knowing nothing but costs of trials.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::rows::{Physics, RocketResult, RocketRow};
use crate::suite::RocketChange;

/// Independent selections.
const SEEDS: u64 = 12;
/// Candidates of a generation.
const POPULATION: usize = 16;
/// Generations of a selection.
const GENERATIONS: usize = 40;
/// Trials of each candidate, and flights of each evaluation.
const FLIGHTS: usize = 32;
/// Steps of a flight in which a controller may look again.
const STEPS: usize = 64;

/// The physics under which gains are selected.
const OLD: Physics = Physics { gravity: 9.81, thrust: 1.0 };

/// Height in m and falling speed in m/s at the beginning of a burn.
type Start = (f64, f64);

/// How the burn is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pilot {
    /// The burn is chosen once, by the gain: a controller without feedback.
    Control,
    /// The burn is chosen anew at every step, by the gain, from height and speed at that moment: a controller with feedback.
    Adaptive,
    /// The burn is chosen once, as the one that is cheapest when played forward under this idea of the physics.
    Direct(Physics),
}

/// Flies one burn and returns its cost in m²/s²: the squared speed at the ground, or the one that was braked too much above it.
fn fly(pilot: Pilot, gain: f64, physics: Physics, (height, speed): Start) -> f64 {
    // Energy per mass: v²/2 falls by (thrust * a - g) per metre, so each step of a constant burn is exact.
    let step = height / STEPS as f64;
    let ask = |square: f64, left: f64| gain + square / (2.0 * left);
    let burn = match pilot {
        Pilot::Control => Some(ask(speed * speed, height)),
        Pilot::Adaptive => None,
        Pilot::Direct(idea) => Some(plan(idea, (height, speed))),
    };
    let mut square = speed * speed;
    for i in 0..STEPS {
        let left = height - step * i as f64;
        let asked = burn.unwrap_or_else(|| ask(square, left));
        square -= 2.0 * (physics.thrust * asked - physics.gravity) * step;
    }
    square.abs()
}

/// The burn that is cheapest when played forward under `idea`: golden-section search over accelerations.
fn plan(idea: Physics, start: Start) -> f64 {
    let cost = |asked: f64| {
        let square = start.1 * start.1 - 2.0 * (idea.thrust * asked - idea.gravity) * start.0;
        square.abs()
    };
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.0, 200.0);
    for _ in 0..80 {
        let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
        if cost(a) < cost(b) { high = b } else { low = a }
    }
    f64::midpoint(low, high)
}

fn starts(rng: &mut ChaCha8Rng) -> Vec<Start> {
    (0..FLIGHTS).map(|_| (rng.random_range(80.0..120.0), rng.random_range(15.0..30.0))).collect()
}

fn mean_cost(pilot: Pilot, gain: f64, physics: Physics, starts: &[Start]) -> f64 {
    starts.iter().map(|s| fly(pilot, gain, physics, *s)).sum::<f64>() / starts.len() as f64
}

/// The base optimizer: mutation and truncation by the mean cost of free trials. Returns the gain and the number of trials.
fn select(pilot: Pilot, physics: Physics, seed: u64) -> (f64, u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut all: Vec<f64> = (0..POPULATION).map(|_| rng.random_range(0.0..40.0)).collect();
    let mut trials = 0;
    for generation in 0..GENERATIONS {
        let starts = starts(&mut rng);
        let mut judged: Vec<(f64, f64)> =
            all.iter().map(|gain| (mean_cost(pilot, *gain, physics, &starts), *gain)).collect();
        trials += (all.len() * FLIGHTS) as u64;
        judged.sort_by(|a, b| a.0.total_cmp(&b.0));
        let parents: Vec<f64> = judged.iter().take(POPULATION / 4).map(|j| j.1).collect();
        let spread = 4.0 * libm::pow(0.8, generation as f64);
        all = (0..POPULATION)
            .map(|i| {
                let parent = parents[i % parents.len()];
                if i < parents.len() { parent } else { parent + rng.random_range(-spread..spread) }
            })
            .collect();
    }
    (all[0], trials)
}

/// Selects all gains and flies all pilots under all changes. Equal seeds give equal bytes.
#[must_use]
pub(crate) fn run(seed: u64, changes: &[RocketChange]) -> RocketResult {
    let key = |i: u64, purpose: u64| seed.wrapping_mul(1000).wrapping_add(10 * i + purpose);
    let mut trials = 0;
    let mut rows = Vec::new();
    for change in changes {
        let physics =
            Physics { gravity: change.gravity.unwrap_or(OLD.gravity), thrust: change.thrust.unwrap_or(OLD.thrust) };
        let mut costs: Vec<(&str, Vec<f64>, Option<f64>)> = Vec::new();
        let mut fly_all = |name, pilot: Pilot, under: Option<Physics>| {
            let mut analytic = 0.0;
            let mut own = Vec::new();
            for i in 0..SEEDS {
                let gain = under.map_or(0.0, |under| {
                    let (gain, cost) = select(pilot, under, key(i, u64::from(under != OLD)));
                    trials = cost;
                    gain
                });
                let starts = starts(&mut ChaCha8Rng::seed_from_u64(key(i, 5)));
                own.push(mean_cost(pilot, gain, physics, &starts));
                let miss = |(h, v): &Start| {
                    2.0 * h
                        * (physics.gravity - physics.thrust * gain - (physics.thrust - 1.0) * v * v / (2.0 * h)).abs()
                };
                analytic += starts.iter().map(miss).sum::<f64>() / (starts.len() as f64 * SEEDS as f64);
            }
            costs.push((name, own, (pilot == Pilot::Control).then_some(analytic)));
        };
        fly_all("control-reselected", Pilot::Control, Some(physics));
        fly_all("control", Pilot::Control, Some(OLD));
        fly_all("adaptive", Pilot::Adaptive, Some(OLD));
        fly_all("direct", Pilot::Direct(physics), None);
        fly_all("direct-stale", Pilot::Direct(OLD), None);
        let rival = costs[0].1.clone();
        rows.extend(costs.into_iter().map(|(pilot, own, analytic)| RocketRow {
            shift: change.name.clone(),
            physics,
            pilot: pilot.to_owned(),
            cost: own.iter().sum::<f64>() / own.len() as f64,
            regret: own.iter().zip(&rival).map(|(a, b)| a - b).collect(),
            analytic,
        }));
    }
    RocketResult { selections: SEEDS as u32, trials, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Vec<RocketChange> {
        let change = |name: &str, gravity: Option<f64>, thrust: Option<f64>| RocketChange {
            name: name.to_owned(),
            gravity,
            thrust,
        };
        vec![change("as selected", None, None), change("heavier", Some(11.8), None), change("weaker", None, Some(0.85))]
    }

    #[test]
    fn the_simulation_is_the_closed_form() {
        let result = run(1, &changes());
        for row in result.rows.iter().filter(|r| r.analytic.is_some()) {
            let analytic = row.analytic.unwrap();
            assert!((row.cost - analytic).abs() < 1e-9 * (1.0 + analytic), "{row:?}");
        }
        assert_eq!(result, run(1, &changes()));
    }

    #[test]
    fn selection_finds_gravity() {
        for seed in 0..4 {
            let (gain, trials) = select(Pilot::Control, OLD, seed);
            assert!((gain - OLD.gravity).abs() < 0.05, "{gain}");
            assert_eq!(trials, (POPULATION * GENERATIONS * FLIGHTS) as u64);
        }
    }

    #[test]
    fn a_planner_with_true_physics_lands() {
        let result = run(2, &changes());
        for row in result.rows.iter().filter(|row| row.pilot == "direct") {
            assert!(row.cost < 1e-3, "{row:?}");
        }
    }
}
