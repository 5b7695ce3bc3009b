//! Playing a suite into a run directory.
//!
//! `results.jsonl` grows by whole cells, in a fixed order; `summary.json` is computed from it. A run that was killed goes on after
//! its last whole cell and ends with the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arena::{MatchConfig, Opening, Player as _, PlayerFactory, PlayerSpec, RandomOpenings, Round, run_match};
use evaluator::{Relabel, WeightSource};
use rayon::prelude::*;
use rules::{Catalog, Color, Rules};
use sha2::{Digest as _, Sha256};

use crate::arms::{Arm, Cast};
use crate::error::RegimeError;
use crate::graft::material;
use crate::log;
use crate::models::{Curve, Loader, Model};
use crate::results::{PairRow, Summary};
use crate::suite::{Base, Experiment, Others, Shift, Suite};

/// Games are called drawn at this length, in plies.
pub(crate) const MAX_PLIES: usize = 300;

/// What a run tells while it goes on.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Work done, in playouts per move times pairs.
    pub done: u64,
    /// Work in all.
    pub total: u64,
    /// What is being played.
    pub label: String,
}

/// A variant before the change, with what was inherited under it.
pub(crate) struct Ground {
    pub(crate) rules: Arc<Rules>,
    pub(crate) frozen: Vec<Model>,
    conditioned: Vec<Model>,
    trans: Vec<Model>,
    snapshot: Curve,
    width: Curve,
}

/// A shift made ready to play.
pub(crate) struct Stage {
    /// Number of the variant before the change.
    pub(crate) ground: usize,
    pub(crate) rules: Arc<Rules>,
    pub(crate) reselected: Vec<Model>,
    finetuned: Curve,
    afresh: Curve,
    federated: Curve,
    mixed: Curve,
    pub(crate) relabel: Option<Relabel>,
    mirror: Option<Relabel>,
    pub(crate) engine: Option<PlayerFactory>,
}

/// A suite made ready to play: rules compiled, weights loaded and checked.
pub struct Stress {
    pub(crate) suite: Suite,
    pub(crate) grounds: Vec<Ground>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) config: String,
}

/// One cell of one evaluator seed.
pub(crate) struct Cell<'a> {
    pub(crate) experiment: &'a Experiment,
    pub(crate) shift: usize,
    pub(crate) arm: Arm,
    pub(crate) opponent: Arm,
    pub(crate) playouts: u32,
    pub(crate) opponent_playouts: u32,
    /// Point of the curve, if the arm is one.
    pub(crate) games: u32,
    pub(crate) seed: u32,
}

impl Stress {
    /// Compiles all rules and loads all weights, so that nothing can be missing once the games begin.
    ///
    /// # Errors
    /// If the variant is unknown, an edit makes no game, or a weight file is missing, damaged or made for another board.
    pub fn prepare(suite: Suite, catalog: &Catalog, weights: &dyn WeightSource) -> Result<Stress, RegimeError> {
        let mut loader = Loader::new(weights);
        let mut grounds = Vec::new();
        let own =
            Base { variant: suite.variant.clone(), of: None, edit: BTreeMap::new(), frozen: suite.frozen.clone() };
        for (i, base) in std::iter::once(&own).chain(&suite.bases).enumerate() {
            let rules = base_rules(&suite, base, catalog)?;
            let others = if i == 0 { suite.others.clone() } else { Others::default() };
            grounds.push(Ground {
                frozen: loader.list(&base.frozen, &rules)?,
                conditioned: loader.list(&others.conditioned, &rules)?,
                trans: loader.list(&others.trans, &rules)?,
                snapshot: loader.curve(&others.snapshot, &rules)?,
                width: loader.curve(&others.width, &rules)?,
                rules,
            });
        }
        let mut stages = Vec::new();
        for shift in &suite.shifts {
            let (rules, known) = shift_catalog(&suite, shift, catalog)?;
            let ground = suite.base_number(shift);
            same_board(&suite, shift, &grounds[ground].rules, &rules)?;
            let mirror = shift.mirrored.then(|| Relabel::mirror_files(rules.files(), rules.ranks()));
            stages.push(Stage {
                ground,
                relabel: mirror.clone().filter(|_| shift.relabelled),
                reselected: loader.list(&shift.reselected, &rules)?,
                finetuned: loader.curve(&shift.finetuned, &rules)?,
                afresh: loader.curve(&shift.afresh, &rules)?,
                federated: loader.curve(&shift.federated, &rules)?,
                mixed: loader.curve(&shift.mixed, &rules)?,
                engine: engine_for(&suite, shift, &rules, &known)?,
                rules,
                mirror,
            });
        }
        let mut digest = Sha256::new();
        digest.update(serde_json::to_vec(&suite).expect("plain data"));
        let mut stress = Stress { suite, grounds, stages, config: String::new() };
        for model in stress.models() {
            digest.update(model.card.weights.as_bytes());
        }
        for stage in &stress.stages {
            digest.update(stage.rules.hash().as_bytes());
            if let Some(engine) = &stage.engine {
                digest.update(engine.engine_id().unwrap_or_default().as_bytes());
            }
        }
        stress.config = digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
        Ok(stress)
    }

    /// All weights that the suite names.
    pub(crate) fn models(&self) -> impl Iterator<Item = &Model> {
        let of_ground = self.grounds.iter().flat_map(|g| {
            let curves = [&g.snapshot, &g.width].into_iter().flatten();
            g.frozen.iter().chain(&g.conditioned).chain(&g.trans).chain(curves.flat_map(|(_, models)| models))
        });
        let of_stage = self.stages.iter().flat_map(|s| {
            let curves = [&s.finetuned, &s.afresh, &s.federated, &s.mixed].into_iter().flatten();
            s.reselected.iter().chain(curves.flat_map(|(_, models)| models))
        });
        of_ground.chain(of_stage)
    }

    pub(crate) fn ground(&self, shift: usize) -> &Ground {
        &self.grounds[self.stages[shift].ground]
    }

    /// The curve of an arm under a shift; empty if it is none.
    fn curve(&self, shift: usize, arm: Arm) -> &[(u32, Vec<Model>)] {
        match arm {
            Arm::Finetuned => &self.stages[shift].finetuned,
            Arm::Afresh => &self.stages[shift].afresh,
            Arm::Federated => &self.stages[shift].federated,
            Arm::Mixed => &self.stages[shift].mixed,
            Arm::Snapshot => &self.ground(shift).snapshot,
            Arm::Width => &self.ground(shift).width,
            _ => &[],
        }
    }

    /// The points of an arm's curve under a shift; one that is none has a single point, 0.
    pub(crate) fn points(&self, shift: usize, arm: Arm) -> Vec<u32> {
        let curve = self.curve(shift, arm);
        if curve.is_empty() { vec![0] } else { curve.iter().map(|(point, _)| *point).collect() }
    }

    /// Independent selections along an arm's curve: it is played with no more inherited evaluators.
    pub(crate) fn selections(&self, shift: usize, arm: Arm) -> u32 {
        self.curve(shift, arm).iter().map(|(_, models)| models.len() as u32).min().unwrap_or(u32::MAX)
    }

    /// Whether the suite has what the arm is made from.
    pub(crate) fn can_play(&self, shift: usize, arm: Arm) -> bool {
        let cast = self.cast(shift, 0, None);
        match arm {
            Arm::Conditioned | Arm::ConditionedMasked | Arm::Trans => cast.network(arm).is_some(),
            Arm::Engine => cast.engine.is_some(),
            _ if arm.is_curve() => !self.curve(shift, arm).is_empty(),
            _ => !arm.needs_reselected() || cast.reselected.is_some(),
        }
    }

    /// Hash of the suite with the rules and weights that it names.
    #[must_use]
    pub fn config(&self) -> &str {
        &self.config
    }

    fn cells(&self) -> Vec<Cell<'_>> {
        let mut cells = Vec::new();
        for experiment in &self.suite.experiments {
            for (shift, _) in self.suite.shifts.iter().enumerate().filter(|(_, s)| experiment.covers(s)) {
                let possible = |(a, b): &&(Arm, Arm)| {
                    !experiment.where_possible || (self.can_play(shift, *a) && self.can_play(shift, *b))
                };
                for (arm, opponent) in experiment.matches.iter().filter(possible) {
                    for playouts in &experiment.playouts {
                        for games in self.points(shift, *arm) {
                            for seed in 0..self.seeds(experiment.seeds, shift).min(self.selections(shift, *arm)) {
                                let (arm, opponent, playouts) = (*arm, *opponent, *playouts);
                                let opponent_playouts = experiment.opponent_playouts.unwrap_or(playouts);
                                cells.push(Cell {
                                    experiment,
                                    shift,
                                    arm,
                                    opponent,
                                    playouts,
                                    opponent_playouts,
                                    games,
                                    seed,
                                });
                            }
                        }
                    }
                }
            }
        }
        cells
    }

    /// Number of inherited evaluators that an experiment or probe is made with.
    pub(crate) fn seeds(&self, wanted: Option<u32>, shift: usize) -> u32 {
        let all = self.ground(shift).frozen.len() as u32;
        wanted.map_or(all, |seeds| seeds.clamp(1, all))
    }

    /// Plays everything that `folder` does not hold yet, on the current rayon thread pool, and writes the summary.
    ///
    /// # Errors
    /// If the directory holds another run, or cannot be written. What was finished stays.
    pub fn run(
        &self,
        folder: &Path,
        resume: bool,
        command: &str,
        progress: &(dyn Fn(&Progress) + Sync),
    ) -> Result<Summary, RegimeError> {
        files::check_folder(folder).map_err(|e| RegimeError::file(folder, "use", e))?;
        let path = folder.join("results.jsonl");
        let cells = self.cells();
        if path.exists() && !resume {
            return Err(RegimeError::damaged(
                folder,
                "a run exists here; continue it with --resume, or choose another directory",
            ));
        }
        let mut rows: Vec<PairRow> = log::read(&path, &self.config, |r: &PairRow| &r.config)?;
        rows.truncate(whole_cells(&cells, rows.len()));
        self.check_rows(&path, &cells, &rows)?;
        self.check_openings(&cells, rows.len(), progress)?;
        self.check_probes(folder)?;
        files::create_folder(folder).map_err(|e| RegimeError::file(folder, "create", e))?;
        let mut log = log::Writer::create(&path, &rows)?;
        let step = |cell: &Cell| u64::from(cell.playouts) + u64::from(cell.opponent_playouts);
        let work = |cell: &Cell| u64::from(cell.experiment.pairs) * step(cell);
        let total = cells.iter().map(work).sum();
        let mut found = rows.len() as u64;
        let mut done = 0;
        for cell in &cells {
            let pairs = u64::from(cell.experiment.pairs);
            if found >= pairs {
                found -= pairs;
                done += work(cell);
                continue;
            }
            let shift = &self.suite.shifts[cell.shift].name;
            let label = format!("{shift}: {} vs {} @{}", cell.arm.name(), cell.opponent.name(), cell.playouts);
            let step = step(cell);
            let played = self.play(cell, cell.experiment.pairs, &|finished| {
                progress(&Progress { done: done + finished * step, total, label: label.clone() });
            })?;
            done += work(cell);
            let played: Vec<PairRow> = played.iter().map(|round| self.row(cell, round)).collect();
            log.append(&played)?;
            rows.extend(played);
        }
        let probes = self.run_probes(folder, progress)?;
        progress(&Progress { done: total, total, label: "games for replay".to_owned() });
        let summary = self.summary(&rows, &probes, command)?;
        let text = serde_json::to_vec_pretty(&summary).expect("plain data");
        log::write_file(&folder.join("summary.json"), &text)?;
        Ok(summary)
    }

    pub(crate) fn cast(&self, shift: usize, seed: u32, curve: Option<(Arm, u32)>) -> Cast<'_> {
        let (stage, ground) = (&self.stages[shift], self.ground(shift));
        let seed = seed as usize;
        let of = |models: &'_ [Model]| -> Option<usize> { (!models.is_empty()).then(|| seed % models.len()) };
        let reselected = if !stage.reselected.is_empty() {
            of(&stage.reselected).map(|i| &stage.reselected[i].network)
        } else if stage.rules.hash() == ground.rules.hash() || stage.relabel.is_some() || self.suite.shifts[shift].inert
        {
            // The old rules again: the next independent selection stands for selection under the "new" ones.
            (ground.frozen.len() > 1).then(|| &ground.frozen[(seed + 1) % ground.frozen.len()].network)
        } else {
            None
        };
        let point = curve.and_then(|(arm, games)| self.curve(shift, arm).iter().find(|(g, _)| *g == games));
        Cast {
            old_rules: &ground.rules,
            true_rules: &stage.rules,
            frozen: &ground.frozen[seed].network,
            reselected,
            conditioned: of(&ground.conditioned).map(|i| &ground.conditioned[i].network),
            trans: of(&ground.trans).map(|i| &ground.trans[i].network),
            curve: point.and_then(|(_, models)| of(models).map(|i| &models[i].network)),
            relabel: stage.relabel.as_ref(),
            engine: stage.engine.as_ref(),
        }
    }

    fn cast_of(&self, cell: &Cell) -> Cast<'_> {
        self.cast(cell.shift, cell.seed, Some((cell.arm, cell.games)))
    }

    /// Openings depend on the suite and the evaluator seed, not on arm or shift, so that cells can be compared pair by pair.
    /// They must be legal before and after the change, unless the shift says otherwise.
    pub(crate) fn openings(&self, shift: usize, seed: u32, count: u32) -> Result<Vec<Opening>, RegimeError> {
        let stage = &self.stages[shift];
        let both = [Arc::clone(&self.ground(shift).rules)];
        let same_start = stage.mirror.is_none() && !self.suite.shifts[shift].own_openings;
        let plies = self.suite.opening_plies;
        let openings = RandomOpenings {
            seed: self.suite.seed.wrapping_add(u64::from(seed) << 32),
            plies: plies..=plies,
            also_legal_in: if same_start { &both } else { &[] },
            relabel: stage.mirror.as_ref(),
        };
        match self.suite.shifts[shift].after_ply {
            Some(ply) => self.interrupted(shift, seed, count, ply),
            None => openings.generate(&stage.rules, count).map_err(|e| self.wrong_shift(shift, e)),
        }
    }

    /// Positions of games that the inherited evaluator has played against itself under the old rules until the given ply, as they
    /// stand under the new ones.
    fn interrupted(&self, shift: usize, seed: u32, count: u32, ply: u32) -> Result<Vec<Opening>, RegimeError> {
        let (cast, plies) = (self.cast(shift, seed, None), self.suite.opening_plies);
        let openings = RandomOpenings::new(self.suite.seed.wrapping_add(u64::from(seed) << 32), plies..=plies)
            .generate(cast.old_rules, 4 * count)
            .map_err(|e| self.wrong_shift(shift, e))?;
        let playouts = self.suite.experiments.first().map_or(1, |e| e.playouts[0]);
        let changed = |opening: &Opening| -> Option<Opening> {
            let mut game = opening.game(cast.old_rules).ok()?;
            let mut player = cast.player_under(Arm::Frozen, playouts, cast.old_rules);
            while game.outcome().is_none() && game.ply() < ply as usize {
                let choice = player.choose(&game).expect("only external engines fail");
                game.play(choice.mv);
            }
            let fen = cast.old_rules.fen(game.position());
            let opening = Opening { start: Some(fen), moves: Vec::new() };
            (game.outcome().is_none() && opening.legal_in(cast.true_rules)).then_some(opening)
        };
        let mut seen = BTreeSet::new();
        let changed: Vec<Option<Opening>> = openings.par_iter().map(changed).collect();
        let mut found: Vec<Opening> = changed.into_iter().flatten().filter(|o| seen.insert(o.start.clone())).collect();
        if found.len() < count as usize {
            let found = found.len();
            let message = format!("only {found} of {count} games last until ply {ply}; make `after_ply` smaller");
            return Err(self.wrong_shift(shift, message));
        }
        found.truncate(count as usize);
        Ok(found)
    }

    fn wrong_shift(&self, shift: usize, message: impl std::fmt::Display) -> RegimeError {
        wrong_shift(&self.suite, &self.suite.shifts[shift], message)
    }

    pub(crate) fn play(
        &self,
        cell: &Cell,
        rounds: u32,
        finished: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<Round>, RegimeError> {
        let cast = self.cast_of(cell);
        let mut config =
            MatchConfig::new(Arc::clone(cast.true_rules), self.openings(cell.shift, cell.seed, cell.experiment.pairs)?);
        config.rounds = rounds;
        config.seed = self.suite.seed;
        config.max_plies = MAX_PLIES;
        let mut played = Vec::new();
        run_match(
            &config,
            &|| cast.player(cell.arm, cell.playouts),
            &|| cast.player(cell.opponent, cell.opponent_playouts),
            &mut |round, _| {
                played.push(round.clone());
                finished(played.len() as u64);
            },
        )?;
        // A point that was won because an engine failed says nothing about the rules.
        match played.iter().flat_map(|round| &round.games).find_map(|game| game.forfeit()) {
            None => Ok(played),
            Some(forfeit) => Err(RegimeError::Engine {
                shift: self.suite.shifts[cell.shift].name.clone(),
                failure: forfeit.failure.to_string(),
            }),
        }
    }

    fn row(&self, cell: &Cell, round: &Round) -> PairRow {
        let cast = self.cast_of(cell);
        let hash = |arm: Arm| cast.network(arm).map_or(String::new(), |n| n.hash().to_owned());
        let [as_white, as_black] = &round.games;
        let score = |game: &arena::GameRecord, color| f64::from(game.outcome.for_color(color) + 1) / 2.0;
        let sides = [(as_white, Color::White), (as_black, Color::Black)];
        let own = sides.map(|(game, color)| -> Vec<f64> {
            game.choices_of(color).filter_map(|c| c.estimate).map(|v| f64::from(v + 1.0) / 2.0).collect()
        });
        let estimates: Vec<f64> = own.iter().flatten().copied().collect();
        let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        let errors = [0, 1].map(|i| {
            let result = score(sides[i].0, sides[i].1);
            mean(&own[i].iter().map(|e| (e - result).powi(2)).collect::<Vec<_>>())
        });
        let drift = own.each_ref().map(|e| mean(&e.windows(2).map(|w| (w[1] - w[0]).powi(2)).collect::<Vec<_>>()));
        let sure = own.each_ref().map(|e| e.iter().filter(|e| **e > 0.9).count() as u32);
        let lost = [0, 1].map(|i| if score(sides[i].0, sides[i].1) == 0.0 { sure[i] } else { 0 });
        let opening = match self.suite.shifts[cell.shift].after_ply {
            Some(_) => vec![cast.true_rules.fen(&as_white.start)],
            None => cast.true_rules.uci_line(&as_white.start, &as_white.moves[..as_white.opening_plies]),
        };
        PairRow {
            experiment: cell.experiment.name.clone(),
            shift: self.suite.shifts[cell.shift].name.clone(),
            arm: cell.arm.name().to_owned(),
            opponent: cell.opponent.name().to_owned(),
            playouts: cell.playouts,
            opponent_playouts: cell.opponent_playouts,
            games: cell.games,
            seed: cell.seed,
            pair: round.index,
            opening,
            score: (score(as_white, Color::White) + score(as_black, Color::Black)) / 2.0,
            results: [as_white.outcome.to_string(), as_black.outcome.to_string()],
            plies: [as_white.plies() as u32, as_black.plies() as u32],
            illegal: as_white.illegal(Color::White) + as_black.illegal(Color::Black),
            confidence: mean(&estimates),
            errors,
            drift,
            confident: [sure[0] + sure[1], lost[0] + lost[1]],
            material: sides.iter().map(|(game, color)| material_share(game, *color)).sum::<f64>() / 2.0,
            rules: cast.true_rules.hash().to_owned(),
            search_rules: cast.search_rules(cell.arm).hash().to_owned(),
            weights: hash(cell.arm),
            opponent_weights: hash(cell.opponent),
            config: self.config.clone(),
        }
    }
}

/// A side's share of the material on the board at ply 20, or at the end of a shorter game.
fn material_share(game: &arena::GameRecord, color: Color) -> f64 {
    let mut position = game.start;
    for mv in game.moves.iter().take(20) {
        game.rules.play(&mut position, *mv);
    }
    let [white, black] = material(&game.rules, &position).map(f64::from);
    let own = if color == Color::White { white } else { black };
    if white + black == 0.0 { 0.5 } else { own / (white + black) }
}

/// The compiled rules of a shift.
///
/// # Errors
/// If the suite's variant is unknown or the edit makes no game.
pub fn shift_rules(suite: &Suite, shift: &Shift, catalog: &Catalog) -> Result<Arc<Rules>, RegimeError> {
    Ok(shift_catalog(suite, shift, catalog)?.0)
}

/// The same with the catalog that knows them.
fn shift_catalog(suite: &Suite, shift: &Shift, catalog: &Catalog) -> Result<(Arc<Rules>, Catalog), RegimeError> {
    let (base, edit) = suite.origin(shift);
    let name = shift.shifted(suite.base(shift));
    edited(&format!("suite {}, shift {}", suite.name, shift.name), base, &name, &edit, catalog)
}

/// The suite's engine, set up for the rules of a shift; `None` if there is none, or it cannot play them and need not.
fn engine_for(
    suite: &Suite,
    shift: &Shift,
    rules: &Arc<Rules>,
    catalog: &Catalog,
) -> Result<Option<PlayerFactory>, RegimeError> {
    let with_engine =
        |e: &&Experiment| e.covers(shift) && e.matches.iter().any(|(a, b)| [a, b].contains(&&Arm::Engine));
    let mut experiments = suite.experiments.iter().filter(with_engine).peekable();
    let (Some(spec), true) = (&suite.engine, experiments.peek().is_some()) else { return Ok(None) };
    let wrong = |e: arena::SpecError| wrong_shift(suite, shift, e);
    let spec: PlayerSpec = spec.parse().map_err(wrong)?;
    match spec.prepare(catalog, rules) {
        Ok(factory) => Ok(Some(factory)),
        Err(_) if experiments.all(|e| e.where_possible) && shift.name != "none" => Ok(None),
        Err(e) => Err(wrong(e)),
    }
}

fn base_rules(suite: &Suite, base: &Base, catalog: &Catalog) -> Result<Arc<Rules>, RegimeError> {
    let source = format!("suite {}, base {}", suite.name, base.variant);
    let edit: Vec<(String, String)> = base.edit.clone().into_iter().collect();
    Ok(edited(&source, base.of.as_deref().unwrap_or(&base.variant), &base.variant, &edit, catalog)?.0)
}

fn edited(
    source: &str,
    base: &str,
    name: &str,
    edit: &[(String, String)],
    catalog: &Catalog,
) -> Result<(Arc<Rules>, Catalog), RegimeError> {
    let mut catalog = catalog.clone();
    let rules = if edit.is_empty() { catalog.rules(base)? } else { catalog.edit(source, base, name, edit)? };
    Ok((rules, catalog))
}

fn wrong_shift(suite: &Suite, shift: &Shift, message: impl std::fmt::Display) -> RegimeError {
    RegimeError::Suite { suite: suite.name.clone(), message: format!("shift `{}`: {message}", shift.name) }
}

/// Evaluators are for one board: a shift can change what stands on it, not its size.
fn same_board(suite: &Suite, shift: &Shift, old: &Rules, new: &Rules) -> Result<(), RegimeError> {
    if (old.files(), old.ranks()) == (new.files(), new.ranks()) {
        return Ok(());
    }
    let (files, ranks) = (old.files(), old.ranks());
    Err(wrong_shift(
        suite,
        shift,
        format!("the board has another size; {files}x{ranks} was expected, as before the change"),
    ))
}

/// How many rows are those of whole cells.
fn whole_cells(cells: &[Cell], rows: usize) -> usize {
    let mut whole = 0;
    for cell in cells {
        let end = whole + cell.experiment.pairs as usize;
        if end > rows {
            break;
        }
        whole = end;
    }
    whole
}
