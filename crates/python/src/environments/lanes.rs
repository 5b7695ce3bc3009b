//! Many games at once, each with a random stream of its own. Nothing here knows Python.

use std::sync::Arc;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Color, History, MoveList, Position, Rules, Word};

use super::codec::{Cells, Codec};
use super::encoding::{Pending, Step, View};

/// How a step ended.
pub const RUNNING: u8 = 0;
pub const TERMINATED: u8 = 1;
pub const TRUNCATED: u8 = 2;

/// What all games have in common.
pub struct Setting<W: Word> {
    pub rules: Arc<Rules<W>>,
    pub codec: Codec,
    /// The rules that come amid the game, and between which plies, both included.
    pub change: Option<(Arc<Rules<W>>, u32, u32)>,
    /// Length in plies at which a game is cut off.
    pub max_plies: u32,
    /// Whether observations show earlier positions.
    pub keeps_past: bool,
}

/// One game.
struct Lane<W: Word> {
    rng: ChaCha8Rng,
    position: Position<W>,
    history: History<W>,
    /// The positions before, where observations show them.
    past: Vec<Position<W>>,
    moves: MoveList,
    pending: Pending,
    plies: u32,
    /// Whether the rules have changed, and at which ply they shall.
    changed: bool,
    change_at: u32,
}

/// What a step gave.
pub struct Outcome {
    /// What the game is worth to White and to Black.
    pub reward: [f32; 2],
    pub done: u8,
}

/// Games of one setting.
pub struct Lanes<W: Word> {
    pub setting: Setting<W>,
    lanes: Vec<Lane<W>>,
}

impl<W: Word> Setting<W> {
    fn rules(&self, changed: bool) -> &Rules<W> {
        match &self.change {
            Some((rules, ..)) if changed => rules,
            _ => &self.rules,
        }
    }
}

impl<W: Word> Lane<W> {
    fn new(setting: &Setting<W>, rng: ChaCha8Rng) -> Lane<W> {
        let mut lane = Lane {
            rng,
            position: setting.rules.start(),
            history: History::new(),
            past: Vec::new(),
            moves: MoveList::new(),
            pending: Pending::default(),
            plies: 0,
            changed: false,
            change_at: 0,
        };
        lane.begin(setting);
        lane
    }

    /// Begins a game.
    fn begin(&mut self, setting: &Setting<W>) {
        self.position = setting.rules.start();
        self.history.clear();
        self.past.clear();
        (self.pending, self.plies, self.changed) = (Pending::default(), 0, false);
        if let Some((_, first, last)) = &setting.change {
            self.change_at = self.rng.random_range(*first..=*last);
            self.change_rules(setting);
        }
        setting.rules(self.changed).legal_moves(&self.position, &mut self.moves);
    }

    /// Changes the rules if it is time. A position that the new rules do not have is played on under the old ones for another ply.
    fn change_rules(&mut self, setting: &Setting<W>) {
        let Some((rules, ..)) = &setting.change else { return };
        if !self.changed
            && self.plies >= self.change_at
            && let Some(position) = rules.reinterpret(&setting.rules, &self.position)
        {
            self.position = position;
            self.changed = true;
            self.history.clear();
            self.past.clear();
        }
    }

    fn step(&mut self, setting: &Setting<W>, action: i64) -> Outcome {
        let rules = setting.rules(self.changed);
        let running = Outcome { reward: [0.0; 2], done: RUNNING };
        let mv = match setting.codec.step(rules, &self.moves, self.position.turn(), self.pending, action) {
            Step::Move(mv) => mv,
            Step::Partial(pending) => {
                self.pending = pending;
                return running;
            }
            // All actions were checked before.
            Step::Illegal => return running,
        };
        self.pending = Pending::default();
        self.history.push(rules, &self.position);
        if setting.keeps_past {
            self.past.push(self.position);
        }
        rules.play(&mut self.position, mv);
        self.plies += 1;
        self.change_rules(setting);
        let rules = setting.rules(self.changed);
        rules.legal_moves(&self.position, &mut self.moves);
        let outcome = match rules.ending(&self.position, &self.moves, &self.history) {
            Some(ending) => Outcome { reward: Color::ALL.map(|color| rules.worth(ending, color)), done: TERMINATED },
            None if self.plies >= setting.max_plies => Outcome { done: TRUNCATED, ..running },
            None => return running,
        };
        self.begin(setting);
        outcome
    }
}

impl<W: Word> Lanes<W> {
    pub fn new(setting: Setting<W>, count: usize, seed: u64) -> Lanes<W> {
        let mut lanes = Lanes { setting, lanes: Vec::new() };
        lanes.reset(count, seed);
        lanes
    }

    /// Begins all games anew, with streams that depend on the seed and the number of the game.
    pub fn reset(&mut self, count: usize, seed: u64) {
        let stream = |number: usize| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(number as u64);
            rng
        };
        self.lanes = (0..count).map(|number| Lane::new(&self.setting, stream(number))).collect();
    }

    pub fn len(&self) -> usize {
        self.lanes.len()
    }

    /// The first game in which an action is not legal.
    pub fn illegal(&self, actions: &[i32]) -> Option<usize> {
        let is_legal = |(lane, action): (&Lane<W>, &i32)| {
            let rules = self.setting.rules(lane.changed);
            let turn = lane.position.turn();
            let step = self.setting.codec.step(rules, &lane.moves, turn, lane.pending, i64::from(*action));
            !matches!(step, Step::Illegal)
        };
        self.lanes.iter().zip(actions).position(|pair| !is_legal(pair))
    }

    /// Takes an action in each game, all of which are legal. Games that end begin anew.
    pub fn step(&mut self, actions: &[i32], mut outcome: impl FnMut(usize, Outcome)) {
        for (number, (lane, action)) in self.lanes.iter_mut().zip(actions).enumerate() {
            outcome(number, lane.step(&self.setting, i64::from(*action)));
        }
    }

    /// Draws a legal move in each game, each as likely as any other, and the next action that makes it.
    pub fn sample(&mut self, actions: &mut [i32]) {
        for (lane, action) in self.lanes.iter_mut().zip(actions) {
            let rules = self.setting.rules(lane.changed);
            let turn = lane.position.turn();
            let next = |mv| self.setting.codec.next_action(rules, &lane.moves, turn, lane.pending, mv);
            // Moves that do not fit what has been chosen have no next action: another one is drawn.
            let most = lane.moves.len();
            *action = loop {
                let mv = lane.moves[lane.rng.random_range(0..most)];
                if let Some(action) = next(mv) {
                    break action as i32;
                }
            };
        }
    }

    /// Writes the masks of legal actions, row by row.
    pub fn masks<T: Copy>(&self, masks: &mut [T], zero: T, one: T) {
        masks.fill(zero);
        let width = self.setting.codec.actions();
        for (lane, mask) in self.lanes.iter().zip(masks.chunks_exact_mut(width)) {
            let rules = self.setting.rules(lane.changed);
            let turn = lane.position.turn();
            self.setting.codec.each_legal(rules, &lane.moves, turn, lane.pending, |action| mask[action] = one);
        }
    }

    /// Writes the observations, row by row.
    pub fn observe(&self, mut cells: Cells<'_>) {
        let width: usize = self.setting.codec.observation_shape().iter().product();
        for (number, lane) in self.lanes.iter().enumerate() {
            let rules = self.setting.rules(lane.changed);
            let repetitions = lane.history.repetitions(rules, &lane.position);
            let view = View { position: &lane.position, repetitions, pending: lane.pending };
            let at = number * width;
            let row = match &mut cells {
                Cells::Bytes(all) => Cells::Bytes(&mut all[at..at + width]),
                Cells::Floats(all) => Cells::Floats(&mut all[at..at + width]),
            };
            self.setting.codec.observe(rules, &view, &lane.past, row);
        }
    }

    /// For each game whether Black is to move, and whether the rules have changed.
    pub fn state(&self) -> impl Iterator<Item = (bool, bool)> {
        self.lanes.iter().map(|lane| (lane.position.turn() == Color::Black, lane.changed))
    }

    pub fn fens(&self) -> Vec<String> {
        self.lanes.iter().map(|lane| self.setting.rules(lane.changed).fen(&lane.position)).collect()
    }
}
