//! `interregnum report` for a training run.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use regime::rows::ReplayGame;
use report::{FirstMove, Training};
use rules::{AnyRules, Catalog, Rules, Word, with_rules};
use selection::{Config, PlayedMove, read_events, read_moves, read_times};

use super::stdout;

/// The largest configuration that is read, in bytes.
const MAX_CONFIG_BYTES: u64 = 1 << 20;
/// The number of games that are shown.
const GAMES: usize = 3;

pub(crate) fn report(folder: &Path, catalog: &Catalog) -> anyhow::Result<()> {
    let path = folder.join("config.json");
    let text = super::read_text(&path, MAX_CONFIG_BYTES)?;
    let config: Config = serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
    let (events, clock) = (folder.join("events.jsonl"), folder.join("clock.jsonl"));
    let generations = if events.exists() { read_events(&events)? } else { Vec::new() };
    let times = if clock.exists() { read_times(&clock)? } else { Vec::new() };

    let mut catalog = catalog.clone();
    let rules = if config.edit.is_empty() {
        catalog.any(&config.variant)?
    } else {
        catalog.edit_any("config.json", &config.variant, &format!("{}-edited", config.variant), &config.edit)?
    };
    let shards = shards(&folder.join("shards"))?;
    let (mut first_moves, mut games) = (BTreeMap::<String, (u64, f64)>::new(), Vec::new());
    for (i, shard) in shards.iter().enumerate() {
        let moves = read_moves(shard)?;
        for mv in moves.iter().filter(|m| m.ply == 0) {
            let (count, sum) = first_moves.entry(mv.played.clone()).or_default();
            *count += 1;
            *sum += f64::from(mv.worth);
        }
        if i + 1 == shards.len() {
            games = first_games(&moves, &config, &rules);
        }
    }
    let mut openings: Vec<FirstMove> = first_moves
        .into_iter()
        .map(|(mv, (games, sum))| FirstMove { mv, games, score: (sum / games as f64 + 1.0) / 2.0 })
        .collect();
    openings.sort_by_key(|first| std::cmp::Reverse(first.games));
    let training = Training {
        variant: with_rules!(&rules, rules => rules.name().to_owned()),
        config: text,
        wanted: config.generations,
        generations,
        times,
        openings,
        games,
    };
    let page = folder.join("report.html");
    super::write_own_file(&page, report::training_html(&training).as_bytes())?;
    writeln!(stdout(), "report: {}", page.display())?;
    Ok(())
}

/// The first games of a shard, in the form that pages replay.
///
/// # Errors
/// If the shard cannot be read or is damaged.
pub(crate) fn games(shard: &Path, config: &Config, rules: &AnyRules) -> anyhow::Result<Vec<ReplayGame>> {
    Ok(first_games(&read_moves(shard)?, config, rules))
}

fn first_games(moves: &[PlayedMove], config: &Config, rules: &AnyRules) -> Vec<ReplayGame> {
    let by_game = moves.chunk_by(|a, b| a.game == b.game);
    // In a run with several regimes, only the games of the variant itself can be replayed under its rules.
    let own = by_game.step_by(config.regimes.len() + 1);
    let playouts = config.self_play.playouts;
    own.filter_map(|game| with_rules!(rules, rules => record(&config.variant, rules, playouts, game)))
        .take(GAMES)
        .collect()
}

/// The shards of a run, in the order of their generations.
fn shards(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{}: cannot be read", folder.display()))? {
        let path = entry.with_context(|| format!("{}: cannot be read", folder.display()))?.path();
        if path.extension().is_some_and(|e| e == "parquet") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A game in the form that the page replays; `None` if its last move is not legal in its last position.
fn record<W: Word>(variant: &str, rules: &Rules<W>, playouts: u32, game: &[PlayedMove]) -> Option<ReplayGame> {
    let last = game.last()?;
    let mut position = rules.parse_fen(&last.fen).ok()?;
    let white_moves_last = position.turn() == rules::Color::White;
    let mv = rules.parse_uci(&position, &last.played).ok()?;
    rules.play(&mut position, mv);
    let mut fens: Vec<String> = game.iter().map(|m| m.fen.clone()).collect();
    fens.push(rules.fen(&position));
    let result = match if white_moves_last { last.worth } else { -last.worth } {
        worth if worth > 0.0 => "1-0",
        worth if worth < 0.0 => "0-1",
        _ => "1/2-1/2",
    };
    Some(ReplayGame {
        shift: variant.to_owned(),
        white: "champion".into(),
        black: "champion".into(),
        playouts,
        fens,
        moves: game.iter().map(|m| m.played.clone()).collect(),
        opening_plies: game.iter().take_while(|m| m.playouts == 0).count() as u32,
        estimates: game.iter().map(|m| m.value.map(|v| f64::from(v + 1.0) / 2.0)).collect(),
        result: result.into(),
    })
}
