// The page: what is played, who plays, and when the server is asked.

import { ask, follow, stop } from './api.js';
import { Board } from './board.js';
import { $, el, openDialog, renew, toast } from './dom.js';
import * as game from './game.js';
import { Live } from './live.js';
import { alongChart, arrowsOf, mindCards } from './minds.js';
import { STOPS, playerName, playerOf, playersCard, usualPlayer } from './opponents.js';
import { openChange, openNew, rulesNow } from './rules.js';

const state = {
  world: null, record: null, view: null, variant: '', at: null, players: { white: null, black: null, known: {} },
  minds: [], mindsOn: true, hints: false, playouts: 400, forced: false, seed: 0, epoch: 0, paused: false, result: null, walk: null, thinking: '',
};
const KEPT = 'interregnum-game';
/** How long two agents rest between moves, in milliseconds. */
const REST = 350;

const strips = [$('strip-top'), $('strip-bottom')];
for (const strip of strips) strip.append(el('span', { class: 'name' }), el('div', { class: 'hand', hidden: true }));
const board = new Board($('board'), strips, (uci) => move(uci));
const live = new Live($('live'), { open: (record) => openRecord(record) });

const shownRecord = () => (state.at === null ? state.record : game.until(state.record, state.at));
const toMove = () => state.players[state.view.turn];

/** Shows a game, and goes on with it. Fails, and changes nothing, if the server refuses it. */
async function update(record, at = null) {
  const epoch = ++state.epoch;
  const shown = at === null ? record : game.until(record, at);
  const view = await ask('game', { record: shown });
  if (epoch !== state.epoch) return;
  Object.assign(state, { record, at, view, forced: false, thinking: '', variant: game.rulesOf(record).variant, result: null });
  board.show(view, toMove() === null);
  render();
  keep();
  think(epoch);
  answer(epoch);
}

const refuse = (error) => {
  toast(error.message);
  if (state.view) {
    board.show(state.view, toMove() === null);
    render();
  }
};

/** The user's move, or that of an agent. A move from an earlier position gives up what came after it. */
function move(uci) {
  update(game.played(shownRecord(), uci)).catch(refuse);
}

/** Lets an agent move, if it is its turn. */
async function answer(epoch) {
  const player = toMove();
  if (!player || state.view.ending || state.at !== null || state.paused) return;
  const both = state.players.white && state.players.black;
  if (both && state.view.plies.length > 0) await new Promise((resolve) => { setTimeout(resolve, REST); });
  if (epoch !== state.epoch || state.paused) return;
  state.thinking = player.agent;
  render();
  try {
    const body = { record: state.record, seed: state.seed, player: { agent: player.agent, files: player.files, playouts: player.playouts } };
    const found = await follow('move', body, 'move', () => epoch === state.epoch);
    if (epoch !== state.epoch || !found) return;
    if (found.error) throw new Error(found.error);
    if (found.illegal) toast(`${player.agent} wanted a move that the rules do not allow; the legal move with the best prior stands in.`);
    await update(game.played(state.record, found.uci));
  } catch (error) {
    state.thinking = '';
    state.paused = true;
    refuse(error);
  }
}

/** Asks the minds about the position that is shown. */
async function think(epoch) {
  if (!state.mindsOn) return;
  const minds = state.minds.map(({ agent, files }) => ({ agent, files, playouts: 0 }));
  try {
    await follow('minds', { record: shownRecord(), asked: { minds, playouts: state.playouts } }, 'minds', () => epoch === state.epoch, (result) => {
      state.result = result;
      renderMinds();
    });
  } catch (error) {
    if (epoch === state.epoch) $('minds').replaceChildren(el('p', { class: 'error' }, error.message));
  }
}

/** Asks the minds anew, because who is asked, or how much, has changed. */
function rethink() {
  state.forced = true;
  state.result = null;
  renderMinds();
  if (!state.mindsOn) stop('minds');
  think(state.epoch);
}

function statusText() {
  const { view } = state;
  if (view.ending) return view.ending.words;
  const color = view.turn === 'white' ? 'White' : 'Black';
  const check = view.check.length > 0 ? ' Check.' : '';
  const counted = view.checksLeft ? ` Checks left: White ${view.checksLeft[0]}, Black ${view.checksLeft[1]}.` : '';
  const browsing = state.at === null ? '' : ` Looking back at move ${Math.ceil(state.at / 2)} of ${Math.ceil(game.plies(state.record) / 2)}.`;
  if (state.thinking) return `${color} to move: ${state.thinking} is thinking.${check}${counted}`;
  return `${color} to move.${check}${counted}${browsing}`;
}

function render() {
  const { view, players } = state;
  $('status').textContent = statusText();
  $('status').classList.toggle('over', view.ending !== null);
  const colors = board.flipped ? ['white', 'black'] : ['black', 'white'];
  colors.forEach((color, place) => {
    strips[place].querySelector('.name').replaceChildren(el('i', { class: `chip ${color}`, 'aria-hidden': 'true' }),
      el('span', { class: 'who-name' }, playerName(players[color])), view.turn === color && !view.ending ? el('i', { class: 'turn', title: 'to move' }) : '');
  });
  $('rules-now').replaceChildren(...rulesNow(view, shownRecord()));
  renew($('players'), ...playersCard(state.world, state.variant, players, () => { state.paused = false; again(); }));
  const passes = view.legal.filter((found) => found.z);
  $('pass').hidden = passes.length === 0 || toMove() !== null;
  $('pass').onclick = () => move(passes[0].u);
  const both = players.white && players.black;
  $('pause').hidden = !both && !state.paused;
  $('pause').textContent = state.paused ? 'Go on' : 'Pause';
  $('typed').hidden = toMove() !== null || view.ending !== null;
  $('undo').disabled = game.plies(state.record) === 0 && state.record.segments.length === 1;
  renderMoves();
  renderMinds();
  renderWalk();
}

function renderMoves() {
  const { view } = state;
  const whole = game.plies(state.record);
  // While an earlier position is shown, the list still has the whole game.
  if (state.at === null || !state.list) state.list = { plies: view.plies, segments: view.segments };
  const { plies, segments } = state.list;
  const rows = [];
  let row = null;
  plies.forEach((ply, i) => {
    const change = segments.find((segment, n) => n > 0 && segment.ply === i);
    if (change) {
      rows.push(el('li', { class: 'change' }, `Rules: ${change.name}`));
      row = null;
    }
    if (!row || ply.turn === 'white') {
      row = el('li', { class: 'turn-row' }, el('span', { class: 'no', 'aria-hidden': 'true' }, `${Math.floor(i / 2) + 1}.`));
      if (ply.turn === 'black') row.append(el('span', { class: 'gap' }, '…'));
      rows.push(row);
    }
    const current = (state.at ?? whole) === i + 1;
    row.append(el('button', { type: 'button', class: 'ply', id: `ply-${i + 1}`, 'aria-current': current ? 'step' : null, 'aria-label': `${ply.turn}: ${ply.san}`, onclick: () => look(i + 1) }, ply.san));
  });
  const last = segments[segments.length - 1];
  if (segments.length > 1 && last.ply === plies.length) rows.push(el('li', { class: 'change' }, `Rules: ${last.name}`));
  renew($('moves'), ...rows);
  $('moves-note').textContent = state.at === null ? '' : 'looking back';
  const current = $('moves').querySelector('[aria-current]');
  if (current) $('moves').scrollTop = current.offsetTop - $('moves').clientHeight / 2;
}

function renderMinds() {
  const actions = {
    redraw: renderMinds,
    changed: rethink,
    add: () => {
      const kind = state.minds.length === 1 ? state.world.reselected : null;
      const known = kind && state.players.known[kind.role] ? kind.agent : state.minds.length === 1 ? state.world.uninformed : state.world.inherited.agent;
      state.minds.push({ ...playerOf(state.world, state.variant, known, state.players.known), open: true });
      rethink();
    },
    remove: (number) => { state.minds.splice(number, 1); rethink(); },
  };
  $('minds').hidden = !state.mindsOn;
  $('minds-more').hidden = !state.mindsOn;
  if (!state.mindsOn) { board.arrows([]); return; }
  // A list that may be open is not replaced under the user's hands, unless it was just used.
  if (state.forced || !$('minds').contains(document.activeElement) || !document.activeElement.matches('select')) {
    renew($('minds'), ...mindCards(state, state.result, actions));
  }
  const shown = alongChart(state.view, state.result, null);
  $('along').replaceChildren(...(shown ? [shown, el('figcaption', { class: 'soft small' }, 'What each expects for White at a glance, along the game; vertical lines are changes of the rules.')] : []));
  board.arrows(state.hints ? arrowsOf(state.result) : []);
}

function again() {
  update(state.record, state.at).catch(refuse);
}

function look(ply) {
  const whole = game.plies(state.record);
  const to = Math.max(0, Math.min(whole, ply));
  update(state.record, to === whole ? null : to).catch(refuse);
}

/** The minds that a game begins with: the inherited one, and after a change the one selected anew. */
function usualMinds(change) {
  const { world, players } = state;
  const [first] = [usualPlayer(world, state.variant, players.known)];
  const minds = [first];
  const { reselected } = world;
  if (change && players.known[reselected.role]) minds.push(playerOf(world, state.variant, reselected.agent, players.known));
  return minds;
}

async function start(rules, before = null, fen = null, change = null) {
  const record = game.begin(rules, before, fen);
  await ask('check', { record });
  const fresh = rules.variant !== state.variant || state.looking;
  state.variant = rules.variant;
  state.players.known = change?.files ?? (fresh ? {} : state.players.known);
  if (fresh) {
    // Two users at one board stay among themselves; else the user meets the evaluator of the new game.
    const alone = state.view && !state.looking && state.players.white === null && state.players.black === null;
    state.players.white = null;
    state.players.black = alone ? null : usualPlayer(state.world, rules.variant, state.players.known);
  }
  if (fresh || change) state.minds = usualMinds(change);
  Object.assign(state, { seed: crypto.getRandomValues(new Uint32Array(1))[0], paused: false, walk: null, looking: false });
  await update(record);
}

async function applyChange(rules, when, change) {
  if (when === 'start') {
    const before = change?.before ?? game.rulesOf(state.record);
    await start(rules, before, null, change);
    return;
  }
  const next = game.changed(shownRecord(), rules);
  await ask('check', { record: next });
  if (change) {
    state.players.known = change.files;
    // The user's own choice of evaluator stays; one that was taken by default makes room for that of equal cost.
    const usual = state.world.defaults[rules.variant];
    const role = state.world.inherited.role;
    const kept = state.minds[0]?.files[role] && state.minds[0].files[role] !== usual ? state.minds[0] : null;
    state.minds = usualMinds(change);
    if (kept) state.minds[0] = kept;
    else if (state.minds[0].files[role] && change.files[role]) state.minds[0].files[role] = change.files[role];
  }
  await update(next);
}

async function openRecord(record) {
  Object.assign(state, { paused: false, looking: true });
  state.walk = null;
  const fresh = record.segments[0].rules.variant !== state.variant;
  state.variant = record.segments[0].rules.variant;
  state.players.white = null;
  state.players.black = null;
  if (fresh) state.minds = usualMinds(null);
  await update(record).catch(refuse);
  showTab('play');
}

// The walk through positions in which the evaluator was sure and wrong.

async function openWalk() {
  try {
    const { positions } = await ask('confident');
    if (positions.length === 0) throw new Error('the shipped run holds no such position');
    state.walk = { positions, at: 0 };
    await goTo(0);
  } catch (error) {
    toast(error.message);
  }
}

async function goTo(number) {
  const { walk } = state;
  state.looking = true;
  walk.at = (number + walk.positions.length) % walk.positions.length;
  const found = walk.positions[walk.at];
  state.players = { white: null, black: null, known: found.files };
  state.variant = found.rules.variant;
  state.minds = usualMinds(true);
  const role = state.world.inherited.role;
  if (found.files[role] && state.minds[0].files[role]) state.minds[0].files[role] = found.files[role];
  board.flip(found.color === 'black');
  await update({ fen: found.fen, before: found.before, segments: [{ rules: found.rules, moves: found.moves.slice(0, found.ply) }] }).catch(refuse);
}

function renderWalk() {
  const { walk } = state;
  $('walk').hidden = walk === null;
  if (!walk) return;
  const found = walk.positions[walk.at];
  const ply = game.plies(state.record);
  const asItWent = ply < found.moves.length && state.record.segments[0].moves.every((uci, i) => uci === found.moves[i]);
  $('walk').replaceChildren(
    el('p', {}, el('b', {}, `${walk.at + 1} of ${walk.positions.length} · ${found.shift}`), ` ${found.agent} (${found.color}) gave itself `,
      el('b', {}, `${Math.round(100 * found.estimate)}%`), ` here, at ${found.playouts} playouts against ${found.opponent}. ${found.plies} plies later: ${found.end}.`),
    el('div', { class: 'row' },
      el('button', { type: 'button', onclick: () => goTo(walk.at - 1) }, 'Previous'),
      el('button', { type: 'button', class: 'accent', id: 'walk-next', onclick: () => goTo(walk.at + 1) }, 'Next position'),
      el('button', { type: 'button', disabled: !asItWent, id: 'walk-step', onclick: () => move(found.moves[ply]) }, 'As it went on'),
      el('button', { type: 'button', class: 'plain', onclick: () => { state.walk = null; render(); } }, 'Close')));
}

// Texts in and out.

async function openNotation() {
  const record = shownRecord();
  const { pgn } = await ask('pgn', { record, white: playerName(state.players.white), black: playerName(state.players.black) });
  const fen = el('input', { id: 'fen', value: state.view.fen, readOnly: true, onfocus: (event) => event.target.select() });
  const out = el('textarea', { id: 'pgn', rows: 9, readOnly: true, spellcheck: false }, pgn);
  const input = el('textarea', { id: 'pgn-in', rows: 5, spellcheck: false, placeholder: 'a game in PGN, or a position as FEN' });
  const error = el('p', { class: 'error', role: 'alert' });
  const copy = (text) => navigator.clipboard?.writeText(text).then(() => toast('copied'), () => {});
  const read = async () => {
    try {
      const text = input.value.trim();
      const isFen = /^[^\s[]+(\[[^\]]*\])?\s+[wb]\b/.test(text) && text.includes('/') && !text.includes('\n');
      const next = isFen ? game.begin(game.rulesOf(state.record), null, text) : (await ask('read-pgn', { text })).record;
      await ask('check', { record: next });
      await openRecord(next);
      close();
    } catch (wrong) {
      error.textContent = wrong.message;
    }
  };
  const close = openDialog('FEN and PGN', el('div', { class: 'new' },
    el('label', {}, el('span', {}, 'Position'), fen), el('label', {}, el('span', {}, 'Game'), out),
    el('div', { class: 'row' }, el('button', { type: 'button', onclick: () => copy(fen.value) }, 'Copy FEN'), el('button', { type: 'button', onclick: () => copy(out.value) }, 'Copy PGN')),
    el('label', {}, el('span', {}, 'Read a game or a position'), input), error,
    el('div', { class: 'row' }, el('button', { type: 'button', class: 'primary', id: 'read', onclick: read }, 'Open'))));
}

// Controls.

function takeBack() {
  let record = game.takenBack(shownRecord());
  // Against an agent, one's own move is taken back with its answer.
  const opponent = (state.view.turn === 'white' ? state.players.black : state.players.white) !== null;
  const own = toMove() === null;
  if (own && opponent && game.plies(record) > 0) record = game.takenBack(record);
  update(record).catch(refuse);
}

function flip() {
  board.flip(!board.flipped);
  render();
}

function showTab(name) {
  for (const tab of ['play', 'live']) {
    $(tab).hidden = tab !== name;
    $(`tab-${tab}`).setAttribute('aria-selected', String(tab === name));
    $(`tab-${tab}`).tabIndex = tab === name ? 0 : -1;
  }
  live.visible(name === 'live');
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ record: state.record, players: state.players, minds: state.minds, seed: state.seed }));
  } catch { /* The browser keeps nothing: the game lives as long as the page. */ }
}

async function restore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (!kept?.record) return false;
    Object.assign(state, { players: kept.players, minds: kept.minds, seed: kept.seed, variant: game.rulesOf(kept.record).variant });
    await update(kept.record);
    return true;
  } catch {
    return false;
  }
}

function listen() {
  $('new').onclick = () => openNew(state.world, state.variant, (rules, fen) => start(rules, null, fen));
  $('undo').onclick = takeBack;
  $('flip').onclick = flip;
  $('pause').onclick = () => {
    state.paused = !state.paused;
    if (state.paused) stop('move');
    again();
  };
  $('notation').onclick = () => openNotation().catch(refuse);
  $('change').onclick = () => openChange(state.world, shownRecord(), game.rulesOf(shownRecord()), applyChange);
  $('confident').onclick = openWalk;
  $('minds-on').checked = state.mindsOn;
  $('minds-on').onchange = (event) => { state.mindsOn = event.target.checked; rethink(); };
  const budget = $('minds-playouts');
  budget.max = STOPS.length - 1;
  budget.value = STOPS.indexOf(state.playouts);
  const told = () => { $('minds-budget').textContent = STOPS[budget.value].toLocaleString('en'); };
  told();
  budget.oninput = told;
  budget.onchange = () => { state.playouts = STOPS[budget.value]; again(); };
  $('hints-on').checked = state.hints;
  $('hints-on').onchange = (event) => { state.hints = event.target.checked; renderMinds(); };
  $('typed').onsubmit = async (event) => {
    event.preventDefault();
    const text = $('typed-move').value;
    if (!text.trim()) return;
    try {
      const { uci } = await ask('find', { record: shownRecord(), text });
      $('typed-move').value = '';
      move(uci);
    } catch (error) {
      toast(error.message);
    }
  };
  board.root.addEventListener('selected', ({ detail }) => {
    if (detail === 'wall') $('status').textContent = 'Now choose the square of the wall.';
  });
  document.addEventListener('keydown', (event) => {
    if (event.target.closest('input, textarea, select, dialog') || event.ctrlKey || event.metaKey || event.altKey || $('play').hidden) return;
    const at = state.at ?? game.plies(state.record);
    const act = { f: flip, u: takeBack, '[': () => look(at - 1), ']': () => look(at + 1), n: () => $('new').click(), c: () => $('change').click() }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
  const tabs = ['play', 'live'];
  for (const [i, name] of tabs.entries()) {
    $(`tab-${name}`).onclick = () => showTab(name);
    $(`tab-${name}`).onkeydown = (event) => {
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
        const next = tabs[(i + 1) % tabs.length];
        showTab(next);
        $(`tab-${next}`).focus();
      }
    };
  }
}

async function begin() {
  try {
    state.world = await ask('world');
    listen();
    live.begin(state.world.runs);
    const { rules, before } = state.world.start;
    const change = before ? state.world.changes.find((found) => found.name === rules.name && found.before.variant === before.variant) : null;
    if (!await restore()) await start(rules, before, null, change);
    if (state.world.runs.length > 0 && state.record && game.plies(state.record) === 0) showTab('live');
    document.body.dataset.ready = 'true';
  } catch (error) {
    $('status').textContent = error.message;
  }
}

begin();
