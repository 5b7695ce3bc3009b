//! A suite made ready to play: rules compiled, weights loaded and checked, engines started.

use std::collections::BTreeMap;
use std::sync::Arc;

use arena::{PlayerFactory, PlayerSpec};
use evaluator::{Relabel, WeightSource};
use rules::{Catalog, Rules, with_rules};

use super::models::{Bound, Loader, Wanted, selected_under};
use crate::agents::Setting;
use crate::error::RegimeError;
use crate::rows::{EngineCard, RulesCard, RunCard, payoff_words};
use crate::suite::{
    Agent, Base, Binding, Claim, PayoffTable, Population, Problem, Shift, Suite, Tier, check_rows, payoff,
    shipped_agents,
};

/// A base: the rules before a change, with the weight files that are named for them.
pub(crate) struct PreparedBase {
    pub(crate) rules: Arc<Rules>,
    bound: BTreeMap<String, Bound>,
}

/// A shift, compiled, with the weights that are named for it.
pub(crate) struct PreparedShift {
    /// Number of the variant before the change.
    pub(crate) base: usize,
    pub(crate) rules: Arc<Rules>,
    bound: BTreeMap<String, Bound>,
    pub(crate) relabel: Option<Relabel>,
    pub(crate) mirror: Option<Relabel>,
    /// External engines, by name of the agent.
    engines: BTreeMap<String, PlayerFactory>,
}

/// A suite made ready to play.
pub struct Stress {
    pub(crate) suite: Suite,
    pub(crate) bases: Vec<PreparedBase>,
    pub(crate) shifts: Vec<PreparedShift>,
    shift_rules: BTreeMap<String, Arc<Rules>>,
    card: RunCard,
}

/// Where a suite comes from, and the program that plays it.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// A path, or the name of a built-in suite. Not part of the identity of a run.
    pub source: &'a str,
    /// The suite's text.
    pub text: &'a str,
    /// Behaviour signature of the program.
    pub signature: &'a str,
    /// Version of the program.
    pub version: &'a str,
    /// The command that was given. Not part of the identity of a run.
    pub command: &'a str,
}

impl Stress {
    /// Reads the suite, compiles all rules, loads all weights and starts all engines, so that nothing can be missing once the games begin.
    ///
    /// # Errors
    /// If the suite is wrong, the variant is unknown, an edit makes no game, or a weight file is missing, damaged, made for another board or
    /// selected under other rules than its role asks for.
    pub fn prepare(origin: Origin<'_>, catalog: &Catalog, weights: &dyn WeightSource) -> Result<Stress, RegimeError> {
        let suite = Suite::from_toml(origin.source, origin.text)?;
        let all_bases = suite.all_bases();
        let base_rules =
            all_bases.iter().map(|base| base_rules(&suite, base, catalog)).collect::<Result<Vec<_>, _>>()?;
        let mut shift_rules = BTreeMap::new();
        let mut compiled = Vec::new();
        for shift in &suite.shifts {
            let edited = edited_rules(&suite, shift, catalog)?;
            let base = suite.base_number(shift);
            same_board(&suite, shift, &base_rules[base], &edited.rules)?;
            shift_rules.insert(shift.name.clone(), Arc::clone(&edited.rules));
            compiled.push((base, edited));
        }
        check_beliefs(&suite, &shift_rules)?;
        check_distinct(&suite, &shift_rules)?;
        let mut loader = Loader::new(weights);
        let mut bases = Vec::new();
        for (base, rules) in all_bases.iter().zip(&base_rules) {
            let place =
                if base.variant == suite.variant { "[files]".to_owned() } else { format!("base `{}`", base.variant) };
            let bound = bind(&mut loader, &suite, &base.files, &place, rules, rules, &shift_rules)?;
            bases.push(PreparedBase { rules: Arc::clone(rules), bound });
        }
        let mut shifts = Vec::new();
        for (shift, (base, edited)) in suite.shifts.iter().zip(compiled) {
            let (rules, old) = (&edited.rules, &bases[base].rules);
            let place = format!("shift `{}`", shift.name);
            let bound = bind(&mut loader, &suite, &shift.files, &place, old, rules, &shift_rules)?;
            let mirror = shift.mirrored.then(|| Relabel::mirror_files(rules.files(), rules.ranks()));
            let engines = engines(&suite, shift, &edited)?;
            let relabel = mirror.clone().filter(|_| shift.relabelled);
            shifts.push(PreparedShift { base, bound, relabel, mirror, engines, rules: edited.rules });
        }
        loader.check_pilot(&suite, &primary_files(&suite))?;
        let weights = loader.cards(&suite.files());
        let mut card = RunCard {
            identity: String::new(),
            source: origin.source.to_owned(),
            suite: origin.text.to_owned(),
            agents: shipped_agents().to_owned(),
            signature: origin.signature.to_owned(),
            version: origin.version.to_owned(),
            rules: rules_cards(&suite, &all_bases, &bases, &shifts),
            weights,
            engines: engine_cards(&suite, &shifts),
            command: origin.command.to_owned(),
            finished: None,
        };
        card.identity = card.computed_identity();
        let stress = Stress { suite, bases, shifts, shift_rules, card };
        stress.check_size()?;
        Ok(stress)
    }

    /// Refuses a suite with more pairs of games than could be read back.
    fn check_size(&self) -> Result<(), RegimeError> {
        let pairs = self.cells().iter().map(|cell| cell.experiment.pairs as usize).fold(0, usize::saturating_add);
        check_rows(pairs).map_err(|message| RegimeError::Suite {
            suite: self.suite.name.clone(),
            message: format!("the experiments come to {message} of pairs of games"),
        })
    }

    /// What is run: `run.json`.
    #[must_use]
    pub fn card(&self) -> &RunCard {
        &self.card
    }

    /// The suite.
    #[must_use]
    pub fn suite(&self) -> &Suite {
        &self.suite
    }

    pub(crate) fn base(&self, shift: usize) -> &PreparedBase {
        &self.bases[self.shifts[shift].base]
    }

    /// Weight files of a role under a shift, named by the shift or by its base; `None` if neither names any.
    fn bound(&self, shift: usize, role: &str) -> Option<&Bound> {
        self.shifts[shift].bound.get(role).or_else(|| self.base(shift).bound.get(role))
    }

    /// Number of inherited evaluators of a shift's base.
    pub(crate) fn evaluators(&self, shift: usize) -> u32 {
        let models = self.bound(shift, &self.suite.evaluators).and_then(|bound| bound.get(&0));
        models.map_or(0, |models| models.len() as u32)
    }

    /// The points of an agent's curve under a shift. An agent that is no curve has the single point 0.
    pub(crate) fn points(&self, shift: usize, agent: &Agent) -> Vec<u32> {
        let curve = self.suite.curve_role(agent).and_then(|role| self.bound(shift, role));
        curve.map_or_else(|| vec![0], |bound| bound.keys().copied().collect())
    }

    /// Number of independent selections of an agent that is a curve: the least number of files at a point. `None` if it is no curve.
    pub(crate) fn selections(&self, shift: usize, agent: &Agent) -> Option<u32> {
        let curve = self.suite.curve_role(agent).and_then(|role| self.bound(shift, role))?;
        curve.values().map(|models| models.len() as u32).min()
    }

    /// Number of independent selections of an agent as an opponent; 0 if it needs no file.
    pub(crate) fn rivals(&self, shift: usize, agent: &Agent) -> u32 {
        let count = |role: &str| {
            let bound = self.bound(shift, role).or_else(|| self.stand_in(shift, role));
            bound.and_then(|bound| bound.values().next()).map_or(0, |models| models.len() as u32)
        };
        agent.roles().map(count).max().unwrap_or(0)
    }

    /// Files that stand in for those of a role where the new rules are the old ones.
    fn stand_in(&self, shift: usize, role: &str) -> Option<&Bound> {
        let other = self.suite.role(role)?.where_unchanged.as_deref()?;
        let changed = &self.suite.shifts[shift];
        (changed.is_unchanged() || changed.is_null()).then(|| self.bound(shift, other)).flatten()
    }

    /// What a player of an agent is made from: under a shift, with the selection of that number, at a point of its curve.
    pub(crate) fn setting(&self, shift: usize, agent: &Agent, selection: u32, point: u32) -> Setting<'_> {
        let prepared = &self.shifts[shift];
        let mut networks = BTreeMap::new();
        for role in agent.roles() {
            let role = self.suite.role(role).expect("checked with the suite");
            let (bound, next) = match self.bound(shift, &role.name) {
                Some(bound) => (Some(bound), 0),
                // The next selection stands in: that of the same number is the inherited evaluator itself.
                None => (self.stand_in(shift, &role.name), 1),
            };
            let models = bound.and_then(|bound| bound.get(&point).or_else(|| bound.get(&0)));
            let Some(models) = models.filter(|models| !models.is_empty()) else { continue };
            let model = &models[(selection as usize + next) % models.len()];
            networks.insert(role.name.as_str(), &model.network);
        }
        Setting {
            old_rules: &self.base(shift).rules,
            true_rules: &prepared.rules,
            shift_rules: &self.shift_rules,
            networks,
            relabel: prepared.relabel.as_ref(),
            engines: &prepared.engines,
            wrap: None,
        }
    }

    /// Whether an agent can play under a shift: its weight files are there, or its engine plays these rules.
    pub(crate) fn can_play(&self, shift: usize, agent: &Agent) -> bool {
        let engine = agent.engine.is_none() || self.shifts[shift].engines.contains_key(&agent.name);
        engine && self.suite.missing_role(&self.suite.shifts[shift], &agent.name).is_none()
    }

    pub(crate) fn wrong_shift(&self, shift: usize, message: impl std::fmt::Display) -> RegimeError {
        wrong_shift(&self.suite, &self.suite.shifts[shift], message)
    }
}

fn bind(
    loader: &mut Loader<'_>,
    suite: &Suite,
    files: &BTreeMap<String, Binding>,
    place: &str,
    base: &Arc<Rules>,
    rules: &Arc<Rules>,
    shifts: &BTreeMap<String, Arc<Rules>>,
) -> Result<BTreeMap<String, Bound>, RegimeError> {
    let mut all = BTreeMap::new();
    for (name, binding) in files {
        let role = suite.role(name).expect("checked with the suite");
        let selected_under = selected_under(role, binding, base, rules, shifts);
        let wanted = Wanted { suite, role, place: format!("{place}, key `{name}`"), rules, selected_under };
        all.insert(name.clone(), loader.bind(binding, &wanted)?);
    }
    Ok(all)
}

/// The weight files that primary claims rest on: those of the agents of their cells, under the shifts of their cells.
fn primary_files(suite: &Suite) -> Vec<&str> {
    let mut files = Vec::new();
    for cell in suite.claims.iter().filter(|claim| claim.tier == Tier::Primary).flat_map(|claim| &claim.cells) {
        for shift in suite.shifts_of(cell) {
            let names = [cell.agent.as_deref(), cell.opponent.as_deref()].into_iter().flatten();
            for role in names.filter_map(|name| suite.agent(name)).flat_map(Agent::roles) {
                files.extend(suite.bound_files(shift, role).into_iter().flat_map(Binding::files));
            }
        }
    }
    files.sort_unstable();
    files.dedup();
    files
}

/// Compiled rules, and the catalog that they were added to, which engines are told them from.
struct Edited {
    rules: Arc<Rules>,
    catalog: Catalog,
}

/// The compiled rules of a shift, with its payoff.
///
/// # Errors
/// If the suite's variant is unknown or the edit makes no game.
pub fn shift_rules(suite: &Suite, shift: &Shift, catalog: &Catalog) -> Result<Arc<Rules>, RegimeError> {
    Ok(edited_rules(suite, shift, catalog)?.rules)
}

fn edited_rules(suite: &Suite, shift: &Shift, catalog: &Catalog) -> Result<Edited, RegimeError> {
    let (base, edit) = suite.origin(shift);
    let name = shift.shifted(suite.base(shift));
    edited(suite, &format!("shift {}", shift.name), base, &name, &edit, &suite.payoff_under(shift), catalog)
}

fn base_rules(suite: &Suite, base: &Base, catalog: &Catalog) -> Result<Arc<Rules>, RegimeError> {
    let edit: Vec<(String, String)> = base.edit.clone().into_iter().collect();
    let of = base.of.as_deref().unwrap_or(&base.variant);
    Ok(edited(suite, &format!("base {}", base.variant), of, &base.variant, &edit, &base.payoff, catalog)?.rules)
}

fn edited(
    suite: &Suite,
    place: &str,
    base: &str,
    name: &str,
    edit: &[(String, String)],
    table: &PayoffTable,
    catalog: &Catalog,
) -> Result<Edited, RegimeError> {
    let mut catalog = catalog.clone();
    let source = format!("suite {}, {place}", suite.name);
    let any = if edit.is_empty() { catalog.any(base)? } else { catalog.edit_any(&source, base, name, edit)? };
    let (squares, kinds) = with_rules!(&any, rules => (rules.squares(), rules.pieces().len()));
    let rules = any.on().ok_or_else(|| RegimeError::Suite {
        suite: suite.name.clone(),
        message: format!(
            "{place}: a board of {squares} squares and {kinds} kinds of men was found; suites take at most 64 squares and 16 kinds of men"
        ),
    })?;
    let payoff = payoff(table).expect("checked with the suite");
    let rules = if payoff.is_default() { rules } else { Arc::new(rules.with_payoff(payoff)) };
    Ok(Edited { rules, catalog })
}

/// The engines of all agents that play under a shift, set up for its rules. An engine that cannot play these rules is left out where every experiment
/// allows that.
fn engines(suite: &Suite, shift: &Shift, edited: &Edited) -> Result<BTreeMap<String, PlayerFactory>, RegimeError> {
    let mut engines = BTreeMap::new();
    for agent in suite.agents.iter().filter(|agent| agent.engine.is_some()) {
        let plays = |(a, b): &(String, String)| [a, b].contains(&&agent.name);
        let with = || suite.experiments.iter().filter(|e| e.covers(shift) && e.matches.iter().any(plays));
        let Some(spec) = agent.engine.as_ref().filter(|_| with().next().is_some()) else { continue };
        let wrong = |e: arena::SpecError| wrong_shift(suite, shift, e);
        let spec: PlayerSpec = spec.parse().map_err(wrong)?;
        match spec.prepare(&edited.catalog, &edited.rules) {
            Ok(factory) => {
                engines.insert(agent.name.clone(), factory);
            }
            Err(_) if with().all(|e| e.where_possible) && !shift.is_unchanged() => {}
            Err(e) => return Err(wrong(e)),
        }
    }
    Ok(engines)
}

fn engine_cards(suite: &Suite, shifts: &[PreparedShift]) -> Vec<EngineCard> {
    let of = |agent: &Agent| {
        let engine = shifts.iter().find_map(|shift| shift.engines.get(&agent.name))?;
        let id = engine.engine_id().unwrap_or_default().to_owned();
        Some(EngineCard { agent: agent.name.clone(), spec: agent.engine.clone().unwrap_or_default(), id })
    };
    suite.agents.iter().filter_map(of).collect()
}

fn rules_cards(suite: &Suite, all_bases: &[Base], bases: &[PreparedBase], shifts: &[PreparedShift]) -> Vec<RulesCard> {
    let card = |name: &str, is_base: bool, rules: &Rules| RulesCard {
        name: name.to_owned(),
        is_base,
        hash: rules.hash().to_owned(),
        text: rules.to_ini(),
        start_fen: rules.start_fen().to_owned(),
        board: (rules.files() as u32, rules.ranks() as u32),
        payoff: payoff_words(rules.payoff()),
    };
    let of_bases = all_bases.iter().zip(bases).map(|(base, prepared)| card(&base.variant, true, &prepared.rules));
    let of_shifts = suite.shifts.iter().zip(shifts).map(|(shift, prepared)| card(&shift.name, false, &prepared.rules));
    of_bases.chain(of_shifts).collect()
}

fn wrong_shift(suite: &Suite, shift: &Shift, message: impl std::fmt::Display) -> RegimeError {
    RegimeError::Suite { suite: suite.name.clone(), message: format!("shift `{}`: {message}", shift.name) }
}

/// Refuses a shift that changes the size of the board, for which evaluators are made.
fn same_board(suite: &Suite, shift: &Shift, old: &Rules, new: &Rules) -> Result<(), RegimeError> {
    let board = |rules: &Rules| (rules.files(), rules.ranks());
    if board(old) == board(new) {
        return Ok(());
    }
    let (files, ranks) = board(old);
    Err(wrong_shift(
        suite,
        shift,
        format!("the board has another size; {files}x{ranks} was expected, as before the change"),
    ))
}

/// Refuses claims over shifts that count one change twice under two names.
fn check_distinct(suite: &Suite, shifts: &BTreeMap<String, Arc<Rules>>) -> Result<(), RegimeError> {
    let over_shifts = |claim: &&Claim| claim.over.contains(&Population::Shifts);
    for claim in suite.claims.iter().filter(over_shifts) {
        let mut seen: BTreeMap<_, &str> = BTreeMap::new();
        for shift in claim.cells.iter().flat_map(|cell| suite.shifts_of(cell)) {
            let rules = &shifts[&shift.name];
            let amid = (shift.after_ply, &shift.played_by, shift.playouts_before);
            let openings = (shift.mirrored, shift.relabelled, shift.own_openings);
            let key = (rules.hash(), amid, openings);
            let first = *seen.entry(key).or_insert(&shift.name);
            if first != shift.name {
                let found = format!(
                    "the shifts `{first}` and `{}`, which make the same game (rules hash {})",
                    shift.name,
                    rules.hash()
                );
                let problem =
                    Problem::new("claim", &claim.name, "over", found, "each change counts once: leave one out");
                return Err(RegimeError::Suite { suite: suite.name.clone(), message: problem.to_string() });
            }
        }
    }
    Ok(())
}

/// Refuses agents that would believe in rules of another board than that of their games.
fn check_beliefs(suite: &Suite, shifts: &BTreeMap<String, Arc<Rules>>) -> Result<(), RegimeError> {
    let board = |rules: &Rules| (rules.files(), rules.ranks());
    for agent in &suite.agents {
        let named = agent.parts().filter_map(|part| part.sees.as_deref()).chain(agent.believes.as_deref());
        for believed in named.filter_map(|name| shifts.get(name)) {
            let covered = |shift: &&Shift| suite.plays_under(&agent.name, shift);
            for shift in suite.shifts.iter().filter(covered) {
                if board(believed) != board(&shifts[&shift.name]) {
                    let message = format!(
                        "agent `{}`, key `believes`: found rules of another board than that of shift `{}`, under which it plays",
                        agent.name, shift.name
                    );
                    return Err(RegimeError::Suite { suite: suite.name.clone(), message });
                }
            }
        }
    }
    Ok(())
}
