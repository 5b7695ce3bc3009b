//! `interregnum legal`

use std::io::{BufRead as _, Read as _, Write as _};

use anyhow::Context as _;
use rules::{Catalog, Color, Game, Move, Word, with_rules};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{PayoffArgs, decimal, print_json, stdout};

/// The longest line that `--stdin` reads, in bytes.
const MAX_LINE: u64 = 1 << 20;

/// Legal moves and outcome of one position, or of many as a stream.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum legal --variant gardner
  interregnum legal --variant chess --fen '7k/5Q2/6K1/8/8/8/8/8 b - - 0 1' --payoff stalemate=0.5 --json
  echo '{\"variant\":\"chess\",\"moves\":[\"e2e4\"]}' | interregnum legal --stdin

With --stdin each line is {\"variant\", \"fen\" (optional), \"moves\": [UCI…] (optional)}; the answer to each is one line,
{\"fen\", \"legal\": [UCI…, sorted], \"check\", \"outcome\": null | \"1-0\" | \"0-1\" | \"1/2-1/2\"} or {\"error\"}. With \"san\": true the
answer has \"san\", too: the same moves in standard algebraic notation.

With --payoff an answer has \"ending\", too: null, or {\"kind\", \"favours\": \"white\" | \"black\" | null, \"worth\": {\"white\", \"black\"}},
what the end is worth to either side. The outcome stays the result by the variant's own rules, the legal moves are the same.")]
pub(crate) struct Args {
    /// Name of the variant
    #[arg(long, required_unless_present = "stdin")]
    variant: Option<String>,
    /// Position to start from [default: the variant's start position]
    #[arg(long)]
    fen: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Answer questions from standard input, one JSON object per line
    #[arg(long, conflicts_with_all = ["variant", "fen"])]
    stdin: bool,
    #[command(flatten)]
    payoff: PayoffArgs,
    /// Moves to play first, in UCI notation
    moves: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    variant: String,
    fen: Option<String>,
    #[serde(default)]
    moves: Vec<String>,
    #[serde(default)]
    san: bool,
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    if args.stdin {
        return answer_stdin(catalog, &args.payoff);
    }
    let variant = args.variant.as_deref().unwrap_or_default();
    with_rules!(catalog.any(variant)?, rules => {
        show(args, &super::game(args.payoff.apply(rules), args.fen.as_deref(), &args.moves)?)
    })
}

fn show<W: Word>(args: &Args, game: &Game<W>) -> anyhow::Result<()> {
    if args.json {
        return print_json(&describe(game, &args.payoff));
    }
    let mut out = stdout();
    writeln!(out, "{}", game.rules().fen(game.position()))?;
    writeln!(out, "moves: {}", legal(game).join(" "))?;
    if game.rules().in_check(game.position()) {
        writeln!(out, "check")?;
    }
    if let Some(outcome) = game.outcome() {
        writeln!(out, "outcome: {outcome}")?;
    }
    if let Some(ending) = game.ending().filter(|_| args.payoff.is_given()) {
        let worth = game.rules().worth(ending, Color::White);
        writeln!(out, "ending: {}, worth {worth} to White and {} to Black", ending.kind.name(), 0.0 - worth)?;
    }
    Ok(())
}

/// The legal moves in UCI notation, sorted.
fn sorted<W: Word>(game: &Game<W>) -> Vec<(String, Move)> {
    let mut legal: Vec<_> = game.legal().iter().map(|m| (game.rules().uci(game.position(), *m), *m)).collect();
    legal.sort();
    legal
}

fn legal<W: Word>(game: &Game<W>) -> Vec<String> {
    sorted(game).into_iter().map(|(uci, _)| uci).collect()
}

fn describe<W: Word>(game: &Game<W>, payoff: &PayoffArgs) -> Value {
    let mut answer = json!({
        "fen": game.rules().fen(game.position()),
        "legal": legal(game),
        "check": game.rules().in_check(game.position()),
        "outcome": game.outcome().map(|o| o.to_string()),
    });
    if payoff.is_given() {
        answer["ending"] = game.ending().map_or(Value::Null, |ending| {
            let [white, black] = [Color::White, Color::Black].map(|side| game.rules().worth(ending, side));
            json!({
                "kind": ending.kind.name(),
                "favours": ending.favours.map(|side| if side == Color::White { "white" } else { "black" }),
                "worth": { "white": decimal(white), "black": decimal(black) },
            })
        });
    }
    answer
}

fn answer_stdin(catalog: &Catalog, payoff: &PayoffArgs) -> anyhow::Result<()> {
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line).context("standard input")?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 > MAX_LINE {
            anyhow::bail!("standard input: a line is longer than {MAX_LINE} bytes");
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = match answer(catalog, payoff, &line) {
            Ok(answer) => answer,
            Err(error) => json!({"error": files::excerpt(&crate::with_causes(&error), crate::MAX_LINE)}),
        };
        print_json(&answer)?;
        stdout().flush()?;
    }
}

fn answer(catalog: &Catalog, payoff: &PayoffArgs, line: &[u8]) -> anyhow::Result<Value> {
    let question: Question = serde_json::from_slice(line)?;
    with_rules!(catalog.any(&question.variant)?, rules => {
        let game = super::game(payoff.apply(rules), question.fen.as_deref(), &question.moves)?;
        let mut answer = describe(&game, payoff);
        if question.san {
            let san = sorted(&game).into_iter().map(|(_, mv)| game.rules().san(game.position(), mv));
            answer["san"] = san.collect();
        }
        Ok(answer)
    })
}
