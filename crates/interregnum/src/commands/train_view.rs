//! What a training run shows on the terminal while it goes on.

use std::io::Write as _;
use std::sync::Mutex;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use selection::{Generation, Progress, Times};

/// Shows a bar for the part of the generation that is going on, and a line for each generation that has ended; without a terminal
/// only the lines.
pub(crate) struct View {
    bar: ProgressBar,
    generations: u32,
    state: Mutex<State>,
}

struct State {
    phase: &'static str,
    phase_began: Instant,
    began: Instant,
    /// Generations that have ended since the program began.
    ended: u32,
    generation: u32,
    /// Sum of the gains of the champions in Elo, as the gates measured them.
    ladder: f64,
}

/// What a generation's champion gained over the one before, in Elo; 0 if there was no new one.
fn gain(generation: &Generation) -> f64 {
    if generation.accepted { generation.winner().gate.elo().unwrap_or(0.0) } else { 0.0 }
}

impl View {
    /// `before` are the generations that have ended already, of a run that goes on.
    pub(crate) fn new(generations: u32, before: &[Generation]) -> View {
        let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} {msg}").expect("a valid template");
        let now = Instant::now();
        let state = State {
            phase: "",
            phase_began: now,
            began: now,
            ended: 0,
            generation: 1 + before.len() as u32,
            ladder: before.iter().map(gain).sum(),
        };
        View { bar: ProgressBar::new(1).with_style(style), generations, state: Mutex::new(state) }
    }

    pub(crate) fn show(&self, progress: Progress) {
        let Ok(mut state) = self.state.lock() else { return };
        match progress {
            Progress::SelfPlay(tally, games) => {
                let seconds = self.phase(&mut state, "self-play", tally.games, games.into());
                let per_second = |n: u64| n as f64 / seconds.max(1e-3);
                self.bar.set_message(format!(
                    "games, {:.0} games/s, {:.0} positions/s, {:.0} k playouts/s{}",
                    per_second(tally.games),
                    per_second(tally.positions),
                    per_second(tally.playouts) / 1e3,
                    self.left(&state)
                ));
            }
            Progress::Training(step, steps, value, policy) => {
                self.phase(&mut state, "training", step, steps);
                self.bar.set_message(format!("steps, loss {value:.3} + {policy:.3}{}", self.left(&state)));
            }
            Progress::Gate(pairs, most) => {
                self.phase(&mut state, "gate", pairs.pairs(), most.into());
                self.bar.set_message(format!("pairs, {:.1}%{}", 100.0 * pairs.score(), self.left(&state)));
            }
            Progress::Generation(generation, times) => {
                state.ended += 1;
                state.generation = generation.generation + 1;
                state.ladder += gain(generation);
                let line = self.line(generation, times, &state);
                if self.bar.is_hidden() {
                    let _ = writeln!(std::io::stderr(), "{line}");
                } else {
                    self.bar.println(line);
                }
            }
        }
    }

    /// Moves the bar. Returns the seconds since this part of the generation began.
    fn phase(&self, state: &mut State, phase: &'static str, done: u64, of: u64) -> f64 {
        if state.phase != phase {
            state.phase = phase;
            state.phase_began = Instant::now();
            self.bar.set_prefix(format!("{:>3}/{} {phase:>9}", state.generation, self.generations));
        }
        self.bar.set_length(of);
        self.bar.set_position(done);
        state.phase_began.elapsed().as_secs_f64()
    }

    fn left(&self, state: &State) -> String {
        if state.ended == 0 {
            return String::new();
        }
        let each = state.began.elapsed().as_secs_f64() / f64::from(state.ended);
        let minutes = each * f64::from((self.generations + 1).saturating_sub(state.generation)) / 60.0;
        format!(", about {minutes:.0} min left")
    }

    fn line(&self, g: &Generation, times: &Times, state: &State) -> String {
        let (tally, winner) = (&g.self_play, g.winner());
        let resigned = if tally.would_resign > 0 {
            format!(", false resignations {}/{}", tally.false_resignations, tally.would_resign)
        } else {
            String::new()
        };
        let candidate = if g.trials.len() > 1 { format!(" by candidate {}", winner.member.id) } else { String::new() };
        let seconds = state.began.elapsed().as_secs_f64();
        let cores = times.cpu_seconds / times.seconds().max(1e-9);
        let verdict = if g.accepted { "new champion" } else { "rejected" };
        let positions_per_second = tally.positions as f64 / times.self_play_seconds.max(1e-9);
        format!(
            "generation {}/{}: {} positions ({positions_per_second:.0}/s){resigned}, loss {:.3} + {:.3}, gate {:.1}%{candidate} in {} \
             games, {verdict}, ladder {:+.0} Elo [{seconds:.0} s, {cores:.2} cores]",
            g.generation,
            self.generations,
            tally.positions,
            winner.value_loss,
            winner.policy_loss,
            100.0 * winner.gate.score(),
            2 * winner.gate.pairs(),
            state.ladder
        )
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
