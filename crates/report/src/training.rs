//! The page of a training run: strength over processor time, losses, self-play, openings, sample games, the lineage.

use maud::{Markup, PreEscaped, html};
use regime::rows::ReplayGame;
use selection::{Generation, Times};
use serde::Serialize;

use crate::figures::{self, Axis, Chart, Line, Point, Scale, Size};
use crate::page;
use crate::sections::{reproduce, shifts::game};
use crate::style::nth;
use crate::text::{percent, seen};

/// What is known of a training run, finished or not.
pub struct Training {
    /// Variant that is selected under.
    pub variant: String,
    /// The configuration, as JSON.
    pub config: String,
    /// Number of generations that the run is to have.
    pub wanted: u32,
    /// The generations that are over.
    pub generations: Vec<Generation>,
    /// Their times, as far as they are known.
    pub times: Vec<Times>,
    /// First moves of the games in the replay window, the most frequent first.
    pub openings: Vec<FirstMove>,
    /// Games of the last generation, to look at.
    pub games: Vec<ReplayGame>,
}

/// How often games began with a move.
pub struct FirstMove {
    /// In UCI notation.
    pub mv: String,
    /// Number of games.
    pub games: u64,
    /// Mean score of White, 0 to 1.
    pub score: f64,
}

/// Sum of the Elo differences of accepted candidates against the champions before them, with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rung {
    /// The sum, in Elo; 0 for the weights that the run began with.
    pub elo: f64,
    /// Half the width of the interval.
    pub error: f64,
}

/// The page: one self-contained HTML document.
#[must_use]
pub fn training_html(run: &Training) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        games: &'a [ReplayGame],
    }
    let title = format!("Selection under {}", run.variant);
    let body = html! {
        header.top {
            p.kicker { "Interregnum · training run" }
            h1 { (title) }
            (lede(run))
        }
        main {
            (strength(run))
            (losses(run))
            (generations(run))
            (openings(run))
            (games(run))
            section #config { h2 { "Configuration" } pre { (run.config) } }
        }
    };
    let json = reproduce::json(&Data { games: &run.games });
    let data = html! { script type="application/json" id="summary-json" { (PreEscaped(json)) } };
    seen(page::document(&title, &body, &data).into_string())
}

fn cpu_seconds(run: &Training, generation: u32) -> f64 {
    run.times.iter().filter(|t| t.generation <= generation).map(|t| t.cpu_seconds).sum()
}

fn lede(run: &Training) -> Markup {
    let sum = |of: &dyn Fn(&Generation) -> u64| run.generations.iter().map(of).sum::<u64>();
    let done = run.generations.len();
    let trials = sum(&|g| g.trials.len() as u64);
    let accepted = run.generations.iter().filter(|g| g.accepted).count();
    html! {
        p.lede {
            "Generation " (done) " of " (run.wanted) ". " (trials) " candidates were tried in matches, " (accepted) " became champion."
        }
        p.facts-line {
            span { b { (sum(&|g| g.self_play.games)) } " games" }
            span { b { (sum(&|g| g.self_play.positions)) } " positions to learn from" }
            span { b { (sum(&|g| g.self_play.playouts)) } " playouts" }
            span { b { (sum(&|g| g.steps())) } " gradient steps" }
            span { b { (format!("{:.0}", cpu_seconds(run, u32::MAX))) } " CPU-seconds" }
        }
    }
}

/// A rung per generation. A candidate that wins every pair has no finite Elo: it counts as winning half a pair less than all.
#[must_use]
pub fn elo_ladder(generations: &[Generation]) -> Vec<Rung> {
    let (mut elo, mut variance) = (0.0, 0.0);
    generations
        .iter()
        .map(|g| {
            let gate = &g.winner().gate;
            if g.accepted {
                let most = 1.0 - 0.25 / gate.pairs().max(1) as f64;
                let gain = arena_elo(gate.score().min(most));
                let half = match gate.elo_interval() {
                    (Some(low), Some(high)) => (high - low) / 2.0,
                    (Some(low), None) => (gain - low).abs(),
                    _ => gain.abs(),
                };
                elo += gain;
                variance += half * half;
            }
            Rung { elo, error: variance.sqrt() }
        })
        .collect()
}

fn arena_elo(score: f64) -> f64 {
    400.0 * (score / (1.0 - score)).log10()
}

/// A wide figure over a linear axis that begins at 0.
fn figure(title: &str, label: &str, y: &str, lines: &[Line]) -> Option<Markup> {
    let chart = Chart {
        title,
        x: Axis { label, scale: Scale::Linear, include: &[0.0] },
        y: Axis { label: y, scale: Scale::Linear, include: &[] },
        even: None,
        guides: &[],
        shaded: false,
        size: Size::Wide,
    };
    figures::chart(&chart, lines)
}

fn strength(run: &Training) -> Markup {
    let points = run.generations.iter().zip(elo_ladder(&run.generations)).map(|(g, rung)| Point {
        x: cpu_seconds(run, g.generation),
        y: rung.elo,
        ends: Some((rung.elo - rung.error, rung.elo + rung.error)),
    });
    let line = Line { name: "Elo".into(), style: nth(0), points: points.collect(), dashed: false };
    html! {
        section #strength {
            h2 { "Strength over processor time" }
            @match figure("Elo over processor time", "CPU-seconds", "Elo", &[line]) {
                Some(figure) => figure { (figure) figcaption {
                    "Sum of the differences that the gates measured between each champion and the one before, with 95% intervals. \
                        Such a ladder tells progress from standstill; steps between neighbours add up to more than a match \
                        between the ends would show."
                } },
                None => p.soft { "No generation is over yet." },
            }
        }
    }
}

fn losses(run: &Training) -> Markup {
    let line = |name: &str, number: usize, of: &dyn Fn(&Generation) -> f64| Line {
        name: name.into(),
        style: nth(number),
        points: run.generations.iter().map(|g| Point { x: f64::from(g.generation), y: of(g), ends: None }).collect(),
        dashed: false,
    };
    let all = [
        line("policy loss: cross entropy of the visits", 2, &|g| g.winner().policy_loss),
        line("entropy of the visits", 1, &|g| g.winner().visit_entropy),
        line("value loss", 0, &|g| g.winner().value_loss),
        line("calibration error", 3, &|g| g.winner().calibration_error),
    ];
    html! {
        section #losses {
            h2 { "Losses" }
            @match figure("Losses over generations", "generation", "nats", &all) {
                Some(figure) => {
                    p.legend { @for line in &all { (figures::key(line.style, &line.name)) " " } }
                    figure { (figure) figcaption {
                        "In nats, of the candidate that did best. No network can bring the cross entropy of the visits below their own \
                            entropy; the calibration error is that of the value head against results, from 0 to 2."
                    } }
                },
                None => p.soft { "No generation is over yet." },
            }
        }
    }
}

fn generations(run: &Training) -> Markup {
    html! {
        section #generations {
            h2 { "Generations" }
            div.scroll tabindex="0" role="region" aria-label="Generations" {
                table {
                    thead { tr {
                        @for head in ["generation", "games", "plies", "White", "draws", "resigned", "wrongly", "candidate", "learning rate ×",
                            "search value", "cpuct", "gate", "games", "verdict", "weights", "games/s", "cores"] {
                            th scope="col" { (head) }
                        }
                    } }
                    tbody {
                        @for g in &run.generations { @for (place, trial) in g.trials.iter().enumerate() {
                            @let play = &g.self_play;
                            @let share = |n: u64| percent(n as f64 / play.games.max(1) as f64);
                            @let times = run.times.iter().find(|t| t.generation == g.generation);
                            @let (low, high) = trial.gate.score_interval();
                            tr {
                                td { (g.generation) } td { (play.games) }
                                td { (format!("{:.0}", play.plies as f64 / play.games.max(1) as f64)) }
                                td { (share(play.white_wins)) "%" } td { (share(play.draws)) "%" } td { (share(play.resigned)) "%" }
                                td { (play.false_resignations) " of " (play.would_resign) }
                                td { (trial.member.id) @if let Some(parent) = trial.member.parent { " from " (parent) } }
                                td { (format!("{:.2}", trial.member.genome.learning_rate)) }
                                td { (format!("{:.2}", trial.member.genome.search_value_share)) }
                                td { (format!("{:.2}", trial.member.genome.cpuct)) }
                                td { (percent(trial.gate.score())) "% (" (percent(low)) " to " (percent(high)) ")" }
                                td { (2 * trial.gate.pairs()) }
                                td { (if place != g.best { "not the best" } else if g.accepted { "champion" } else { "rejected" }) }
                                td { code { (trial.weights) } }
                                @match times {
                                    Some(t) => {
                                        td { (format!("{:.0}", play.games as f64 / t.self_play_seconds.max(1e-3))) }
                                        td { (format!("{:.2}", t.cpu_seconds / t.seconds().max(1e-3))) }
                                    }
                                    None => { td {} td {} }
                                }
                            }
                        } }
                    }
                }
            }
        }
    }
}

fn openings(run: &Training) -> Markup {
    let total: u64 = run.openings.iter().map(|first| first.games).sum();
    html! {
        section #openings {
            h2 { "First moves" }
            @if run.openings.is_empty() { p.soft { "There are no shards to count in." } } @else {
                p.soft { "In the " (total) " games of the replay window; a share of them begins with random moves." }
                table {
                    thead { tr { th scope="col" { "move" } th scope="col" { "games" } th scope="col" { "share" } th scope="col" { "score of White" } } }
                    tbody { @for first in run.openings.iter().take(12) { tr {
                        td { (first.mv) } td { (first.games) } td { (percent(first.games as f64 / total.max(1) as f64)) "%" }
                        td { (percent(first.score)) "%" }
                    } } }
                }
            }
        }
    }
}

fn games(run: &Training) -> Markup {
    html! {
        section #games {
            h2 { "Games of the last generation" }
            @if run.games.is_empty() { p.soft { "There is no shard to take games from." } }
            @for (i, record) in run.games.iter().enumerate() { (game::markup(record, i, "")) }
        }
    }
}
