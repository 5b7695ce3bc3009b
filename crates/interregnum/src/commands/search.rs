//! `interregnum search`

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use arena::PlayerSpec;
use rules::{Catalog, Game, Position, Rules, Word, with_rules};
use search::{RootReport, Searcher, ViewNode};
use serde_json::{Value, json};

use super::{PayoffArgs, decimal, print_json, stdout};
use crate::shipped::ByName;

/// What a search finds in one position, and why.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum search model:gardner-1@playouts=1000 --variant gardner
  interregnum search alphabeta:gardner-1@nodes=100000 --variant gardner
  interregnum search zero@playouts=100000 --variant chess --fen '7k/8/5K2/6Q1/8/8/8/8 w - - 0 1' --json
  interregnum search rollout@playouts=400 --variant gardner --dot tree.dot e2e3
  interregnum search zero@playouts=20000 --variant chess --fen 'k7/8/2K5/8/8/8/8/1R6 w - - 0 1' --payoff stalemate=0.9,checkmate=0.5

Each move has its visits, mean value for the mover from -1 to 1, prior, and the result if it is proven: 1 is a win, 0 a draw, -1 a loss,
and under --payoff any worth that an ending has. The evaluator's own view is what it says of the position without any search.
`dot -Tsvg tree.dot > tree.svg` draws the tree.")]
pub(crate) struct Args {
    /// A player that searches, such as model:FILE@playouts=N
    player: PlayerSpec,
    /// Name of the variant
    #[arg(long)]
    variant: String,
    /// Position to start from [default: the variant's start position]
    #[arg(long)]
    fen: Option<String>,
    /// Threads that judge positions, if the player has a batch of more than one: the result does not depend on them
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Write the most visited part of the tree as a graph in the DOT language
    #[arg(long, value_name = "FILE.dot")]
    dot: Option<PathBuf>,
    /// Positions of that graph
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    dot_nodes: u32,
    #[command(flatten)]
    payoff: PayoffArgs,
    /// Moves to play first, in UCI notation
    moves: Vec<String>,
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    with_rules!(catalog.any(&args.variant)?, rules => run_under(args, catalog, args.payoff.apply(rules)))
}

fn run_under<W: Word>(args: &Args, catalog: &Catalog, rules: Arc<Rules<W>>) -> anyhow::Result<()> {
    let factory = args.player.prepare_with(catalog, &rules, &ByName)?;
    let (mut search, mut evaluator) = factory.search().with_context(|| {
        format!("player `{}` does not search; `model:FILE`, `alphabeta:FILE`, `zero` and `rollout` do", factory.name())
    })?;
    anyhow::ensure!(
        factory.search_rules_hash() == rules.hash(),
        "search_rules has no meaning here: name the rules to search under as --variant"
    );
    let game = super::game(rules, args.fen.as_deref(), &args.moves)?;
    anyhow::ensure!(game.outcome().is_none(), "the game is over in this position");
    let (view, priors) = evaluator::look(evaluator.as_mut(), &game);
    let wdl = evaluator.win_draw_loss(game.rules(), game.position());
    let twins = (1..args.threads).map_while(|_| evaluator.twin()).collect::<Vec<_>>();
    let mut evaluators: Vec<_> = std::iter::once(evaluator).chain(twins).collect();
    let report = search.run_on(&game, &mut evaluators);
    if let Some(path) = &args.dot {
        let Searcher::Mcts { search, .. } = &mut search else {
            anyhow::bail!("--dot draws a tree of playouts, and an alpha-beta search keeps no tree")
        };
        let graph = dot(&game, &search.view(args.dot_nodes as usize));
        super::write_file(path, graph.as_bytes())?;
    }
    if args.json {
        let mut answer = describe(&game, &search, &report);
        let own =
            game.legal().iter().zip(priors).map(|(mv, prior)| (game.rules().uci(game.position(), *mv), prior.into()));
        answer["player"] = factory.name().into();
        answer["weights"] = factory.weights_hash().into();
        answer["evaluator"] = json!({ "value": view, "wdl": wdl, "priors": own.collect::<serde_json::Map<_, _>>() });
        return print_json(&answer);
    }
    let counted = if matches!(search, Searcher::Mcts { .. }) { "playouts" } else { "nodes" };
    show(&game, &report, view, counted)
}

/// A proven worth in words.
fn proven(worth: Option<f32>, plies: Option<u32>) -> String {
    let plies = plies.map_or_else(String::new, |plies| format!(" in {plies} plies"));
    match worth {
        None => String::new(),
        Some(1.0) => format!("win{plies}"),
        Some(0.0) => "draw".to_owned(),
        Some(-1.0) => format!("loss{plies}"),
        Some(worth) => format!("worth {worth:+}"),
    }
}

fn show<W: Word>(game: &Game<W>, report: &RootReport, view: f32, counted: &str) -> anyhow::Result<()> {
    let (rules, position) = (game.rules(), game.position());
    let mut out = stdout();
    writeln!(out, "{}", rules.fen(position))?;
    writeln!(
        out,
        "value {:+.3} after {} {counted}; the evaluator alone says {view:+.3}",
        report.value, report.playouts
    )?;
    if report.proven.is_some() {
        writeln!(out, "proven: {}", proven(report.proven, report.plies_to_end))?;
    }
    writeln!(out, "{:>8} {:>9} {:>7} {:>6}  proven", "move", "visits", "value", "prior")?;
    for m in &report.moves {
        let line = format!(
            "{:>8} {:>9} {:>+7.3} {:>6.3}  {}",
            rules.san(position, m.mv),
            m.visits,
            m.value,
            m.prior,
            proven(m.proven, m.plies_to_end)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "line: {}", rules.uci_line(position, &report.pv).join(" "))?;
    Ok(())
}

fn describe<W: Word>(game: &Game<W>, search: &Searcher<W>, report: &RootReport) -> Value {
    let (rules, position) = (game.rules(), game.position());
    let moves = report.moves.iter().map(|m| {
        json!({
            "uci": rules.uci(position, m.mv),
            "san": rules.san(position, m.mv),
            "visits": m.visits,
            // The value of a move without visits is unknown.
            "value": (m.visits > 0).then_some(m.value),
            "prior": m.prior,
            "proven": m.proven.map(decimal),
            "plies_to_end": m.plies_to_end,
            "line": rules.uci_line(position, &search.line(m.mv)),
        })
    });
    json!({
        "variant": rules.name(),
        "rules": rules.hash(),
        "fen": rules.fen(position),
        "playouts": report.playouts,
        "nodes": report.nodes,
        "value": report.value,
        "proven": report.proven.map(decimal),
        "plies_to_end": report.plies_to_end,
        "moves": moves.collect::<Vec<_>>(),
        "line": rules.uci_line(position, &report.pv),
    })
}

/// The tree in the DOT language. The warmer the colour of a position, the better it is for the side that moved there; proven ones
/// have a double edge.
fn dot<W: Word>(game: &Game<W>, view: &[ViewNode]) -> String {
    let rules = game.rules();
    let mut positions: Vec<Position<W>> = Vec::new();
    let mut text = String::from("digraph tree {\n  rankdir=LR;\n  node [shape=box, style=filled, fontname=sans];\n");
    for (i, node) in view.iter().enumerate() {
        let mut position = node.parent.map_or(*game.position(), |parent| positions[parent]);
        let name = node.mv.map_or_else(|| "root".to_owned(), |mv| rules.san(&position, mv));
        if let Some(mv) = node.mv {
            rules.play(&mut position, mv);
        }
        positions.push(position);
        // The hues run from blue (a loss) over white to orange (a win), which colour-blind readers can tell apart.
        let (hue, saturation) = (if node.value < 0.0 { 0.6 } else { 0.08 }, node.value.abs().min(1.0) * 0.7);
        let _ = writeln!(
            text,
            "  n{i} [label=\"{name}\\n{} visits\\n{:+.3}\", fillcolor=\"{hue} {saturation:.3} 1.0\", peripheries={}];",
            node.visits,
            node.value,
            1 + u8::from(node.proven.is_some())
        );
        if let Some(parent) = node.parent {
            let _ = writeln!(text, "  n{parent} -> n{i} [label=\"{:.2}\"];", node.prior);
        }
    }
    text.push_str("}\n");
    text
}
