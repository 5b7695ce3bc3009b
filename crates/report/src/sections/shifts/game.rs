//! A replayable game: board, controls, both sides' estimates, move list. The script beside it reads the positions from
//! the page's embedded summary; without script the final position, the estimates and the moves remain.

use maud::{Markup, html};
use regime::rows::ReplayGame;

use crate::figures::board::{Marks, Placement, draw, squares_of};
use crate::figures::{self, Side};
use crate::style::{Style, nth};

/// How White and Black are drawn, whoever plays them.
fn styles() -> [Style; 2] {
    [nth(0), nth(2)]
}

/// `index` is the game's place in the summary; `discs` as in [`Marks`].
pub fn markup(game: &ReplayGame, index: usize, discs: &str) -> Markup {
    let plies = game.moves.len();
    let opening = (game.opening_plies as usize).min(plies);
    let name = format!("{} (White) against {} (Black) on {}", game.white, game.black, game.shift);
    let title = format!("{name}, position after {plies} moves");
    let last = game.moves.last().map(|m| squares_of(m)).unwrap_or_default();
    let marks = Marks { discs, last, title: &title, ..Marks::default() };
    let boards = placements(game);
    html! {
        h4 { "One game: " (game.white) " (White) against " (game.black) " (Black), " (game.result) }
        p.soft {
            "Chosen to illustrate, not as typical. " (game.playouts) " playouts per move, " (plies) " moves by both \
                sides together; the first " (opening)
            " are the opening, which neither side chose. " (ending(game))
        }
        div.replay data-game=(index) tabindex="0" role="group"
            aria-label=(format!("Replay of {name}. Left and right arrow step, Home and End jump.")) {
            @if let Some(final_board) = boards.as_ref().and_then(|b| b.last()) {
                div.viewer {
                    (draw(final_board, &marks))
                    div.controls hidden {
                        button type="button" data-to="start" aria-label="First position" { "«" }
                        button type="button" data-to="previous" aria-label="Previous move" { "‹" }
                        input type="range" min="0" max=(plies) value=(plies) aria-label="Moves played";
                        button type="button" data-to="next" aria-label="Next move" { "›" }
                        button type="button" data-to="end" aria-label="Last position" { "»" }
                    }
                    p.status aria-live="polite" { "Final position." }
                }
            } @else {
                p.soft { "The positions of this game cannot be drawn; its moves and estimates are shown." }
            }
            div.beside {
                (chart(game, opening))
                (moves(game))
            }
        }
    }
}

/// One board per position, or none if any cannot be drawn or the count does not fit the moves.
fn placements(game: &ReplayGame) -> Option<Vec<Placement>> {
    let boards: Vec<Placement> = game.fens.iter().map(|fen| Placement::parse(fen)).collect::<Option<_>>()?;
    let same = boards.windows(2).all(|pair| pair[0].same_board(&pair[1]));
    (same && boards.len() == game.moves.len() + 1).then_some(boards)
}

/// White's and Black's score.
fn outcome(game: &ReplayGame) -> [Option<f64>; 2] {
    match game.result.as_str() {
        "1-0" => [Some(1.0), Some(0.0)],
        "0-1" => [Some(0.0), Some(1.0)],
        "1/2-1/2" => [Some(0.5), Some(0.5)],
        _ => [None, None],
    }
}

fn ending(game: &ReplayGame) -> String {
    match game.result.as_str() {
        "1-0" => format!("By the variant's own rules {} won.", game.white),
        "0-1" => format!("By the variant's own rules {} won.", game.black),
        "1/2-1/2" => "By the variant's own rules the game was drawn.".into(),
        _ => String::new(),
    }
}

/// Whether White made the move at `ply`, by the FEN before it.
fn by_white(game: &ReplayGame, ply: usize) -> bool {
    match game.fens.get(ply) {
        Some(fen) => fen.split_ascii_whitespace().nth(1) != Some("b"),
        None => ply.is_multiple_of(2),
    }
}

fn chart(game: &ReplayGame, opening: usize) -> Markup {
    let of = |white: bool| -> Vec<(usize, f64)> {
        let all = game.estimates.iter().take(game.moves.len()).enumerate();
        all.filter(|(ply, _)| by_white(game, *ply) == white)
            .filter_map(|(ply, e)| Some((ply, e.filter(|e| e.is_finite())?)))
            .collect()
    };
    let [white, black] = outcome(game);
    let sides = [
        Side { style: styles()[0], estimates: of(true), outcome: white },
        Side { style: styles()[1], estimates: of(false), outcome: black },
    ];
    let title = format!("Own expected score of {} and of {} along the game", game.white, game.black);
    html! {
        figure {
            (figures::estimates(&title, game.moves.len(), opening, &sides))
            figcaption {
                (figures::key(styles()[0], &format!("{} (White)", game.white))) " "
                (figures::key(styles()[1], &format!("{} (Black)", game.black))) " "
                "Each side's own estimate of its expected score; the markers at the right are what each really \
                    scored. Where both lie above 50%, at least one of them is wrong."
            }
        }
    }
}

fn moves(game: &ReplayGame) -> Markup {
    let mut number = 1;
    let mut items = Vec::new();
    for (ply, mv) in game.moves.iter().enumerate() {
        let white = by_white(game, ply);
        let label = if white {
            Some(format!("{number}."))
        } else if ply == 0 {
            Some(format!("{number}…"))
        } else {
            None
        };
        if !white {
            number += 1;
        }
        items.push((ply + 1, label, mv.as_str(), ply < game.opening_plies as usize));
    }
    html! {
        p.moves {
            @for (position, label, mv, opening) in items {
                @if let Some(label) = label { span.soft { (label) "\u{a0}" } }
                span.move.opening[opening] data-position=(position) { (mv) }
                " "
            }
            b { (game.result) }
        }
    }
}
