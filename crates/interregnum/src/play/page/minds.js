// What evaluators believe: at a glance, by search, under rules that no longer hold, and along the game.

import { squaresOf } from './board.js';
import { chart } from './chart.js';
import { el, percent, score, select } from './dom.js';
import { agentOptions, playerControls, playerOf } from './opponents.js';

export const KINDS = ['a', 'b', 'c'];

/** White's share of a bar, and the number beside it. */
function bar(label, value, note) {
  const share = (value + 1) / 2;
  const fillNode = el('i', { class: 'fill' });
  fillNode.style.width = percent(share);
  return el('div', { class: 'bar-row' }, el('span', { class: 'bar-label' }, label),
    el('span', { class: 'bar', role: 'meter', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.round(100 * share), 'aria-label': `${label}: White's expected score` }, fillNode),
    el('b', { class: 'number' }, score(value)), note ? el('span', { class: 'soft small note' }, note) : null);
}

function winDrawLoss([win, draw, loss]) {
  const part = (share, kind, word) => {
    const node = el('i', { class: kind });
    node.style.width = percent(share);
    node.title = `${word} ${percent(share)}`;
    return node;
  };
  return el('div', { class: 'bar-row' }, el('span', { class: 'bar-label' }, 'Win · draw · loss'),
    el('span', { class: 'bar wdl', role: 'img', 'aria-label': `White wins ${percent(win)}, draw ${percent(draw)}, Black wins ${percent(loss)}` },
      part(win, 'win', 'White wins'), part(draw, 'draw', 'draw'), part(loss, 'loss', 'Black wins')),
    el('span', { class: 'number triple' }, [win, draw, loss].map((share) => Math.round(100 * share)).join(' · ')));
}

function bestMoves(search) {
  const total = search.moves.reduce((sum, move) => sum + move.visits, 0) || 1;
  const proven = (move) => (move.proven === null ? score(move.value ?? search.value)
    : move.proven === 0 ? 'draw' : `${move.proven > 0 ? 'White' : 'Black'} wins${move.plies ? ` in ${move.plies}` : ''}`);
  return el('table', { class: 'best' },
    el('thead', {}, el('tr', {}, ['move', 'prior', 'visits', 'White'].map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, search.moves.slice(0, 4).map((move) => el('tr', {},
      el('th', { scope: 'row' }, move.san), el('td', {}, percent(move.prior)), el('td', {}, percent(move.visits / total)), el('td', {}, proven(move))))));
}

const VERDICTS = { illegal: 'Illegal now', lost: 'Loses now', worse: 'Worse now', fair: 'Another move', same: 'The same move', open: 'Not looked at' };

function staleBox(stale) {
  if (stale.unavailable) return el('p', { class: 'stale soft small' }, `Under the old rules: ${stale.unavailable}.`);
  return el('div', { class: `stale ${stale.verdict}` },
    el('p', {}, el('b', { class: 'verdict' }, VERDICTS[stale.verdict]), ' Believing the old rules it would play ', el('b', {}, stale.san), '.'),
    el('p', { class: 'soft small' }, `${stale.why[0].toUpperCase()}${stale.why.slice(1)}. It expects ${score(stale.believes)} for White.`));
}

/** One mind's card. */
function mindCard(state, number, mind, result, actions) {
  const kind = KINDS[number];
  const files = [...new Set(Object.values(mind.files))].join(', ');
  const origin = result?.origins?.[0];
  const where = origin ? `selected under ${origin.variant}${origin.now ? ', the rules that hold' : origin.before ? ', the rules before the change' : ''}` : '';
  const body = [];
  if (result?.error) body.push(el('p', { class: 'error small' }, result.error));
  if (result?.glance) {
    const { glance, search } = result;
    if (glance.over) body.push(bar('The end', glance.value));
    else {
      body.push(bar('At a glance', glance.value));
      if (search) {
        const known = search.proven !== null;
        body.push(bar(known ? 'Proven' : 'By search', search.value, `${search.playouts.toLocaleString('en')} ${search.playouts === 1 ? 'playout' : 'playouts'}`));
      }
      if (glance.wdl) body.push(winDrawLoss(glance.wdl));
      if (search && files && Math.abs(search.value - glance.value) > 0.4) {
        body.push(el('p', { class: 'off small' }, `The glance is off by ${Math.round(50 * Math.abs(search.value - glance.value))} points: search under the true rules finds otherwise.`));
      }
    }
    if (result.stale) body.push(staleBox(result.stale));
    if (search && state.hints) {
      body.push(bestMoves(search), el('p', { class: 'soft small pv' }, search.line.join(' ')));
    }
  }
  return el('article', { class: `mind ${kind}`, 'aria-label': `${mind.agent}, ${files}` },
    el('header', {}, el('i', { class: `chip ${kind}`, 'aria-hidden': 'true' }), el('b', {}, mind.agent), el('span', { class: 'soft' }, ` ${files}`),
      el('button', { type: 'button', class: 'plain', id: `choose-${kind}`, 'aria-expanded': String(mind.open ?? false), onclick: () => { mind.open = !mind.open; actions.redraw(); } }, 'Choose'),
      number > 0 ? el('button', { type: 'button', class: 'plain', 'aria-label': `Remove ${mind.agent}`, onclick: () => actions.remove(number) }, '×') : null),
    mind.open ? el('div', { class: 'more' },
      el('label', {}, el('span', {}, 'Agent'), select(agentOptions(state.world).filter(([, , group]) => group !== 'Without search'), mind.agent, (name) => {
        Object.assign(mind, playerOf(state.world, state.variant, name, state.players.known));
        actions.changed();
      }, { id: `mind-agent-${kind}` })),
      playerControls(state.world, state.variant, mind, actions.changed, `mind-${kind}`).filter((_, i, all) => i < all.length - 1 || mind.agent === '')) : null,
    where && !result?.error ? el('p', { class: 'soft small' }, where) : null, ...body);
}

/** All minds. */
export function mindCards(state, result, actions) {
  const cards = state.minds.map((mind, number) => mindCard(state, number, mind, result?.minds?.[number], actions));
  if (state.minds.length < KINDS.length) {
    cards.push(el('p', { class: 'foot' }, el('button', { type: 'button', class: 'plain', id: 'add-mind', onclick: actions.add },
      state.minds.length === 1 ? 'Compare with another mind' : 'Add a third mind')));
  }
  return cards;
}

/** The best moves of all minds as arrows. */
export function arrowsOf(result) {
  const arrows = [];
  (result?.minds ?? []).forEach((mind, number) => {
    const total = mind.search?.moves.reduce((sum, move) => sum + move.visits, 0) || 1;
    for (const move of (mind.search?.moves ?? []).slice(0, 2)) {
      const share = move.visits / total;
      const squares = squaresOf(move.uci);
      if (!squares || share < 0.08) continue;
      arrows.push({ from: squares[0], to: squares[1], kind: KINDS[number], width: 0.05 + 0.11 * share,
        title: `${move.san}: prior ${percent(move.prior)}, visits ${percent(share)}` });
    }
    const stale = mind.stale?.uci && ['illegal', 'lost', 'worse'].includes(mind.stale.verdict) ? squaresOf(mind.stale.uci) : null;
    if (stale) arrows.push({ from: stale[0], to: stale[1], kind: 'wrong', width: 0.07, title: `${mind.stale.san}: ${mind.stale.why}` });
  });
  // The first mind's arrows lie on top.
  return arrows.reverse();
}

/** The estimates along the game, marked where the rules changed. */
export function alongChart(view, result, shownPly) {
  const positions = [];
  view.segments.forEach((segment, i) => {
    const end = view.segments[i + 1]?.ply ?? view.plies.length;
    for (let ply = segment.ply; ply <= end; ply += 1) positions.push(ply);
  });
  const lines = (result?.minds ?? []).map((mind, number) => ({
    name: KINDS[number], kind: KINDS[number],
    points: (mind.along ?? []).map((value, i) => ({ x: positions[i] ?? i, y: value === null ? null : 50 * (value + 1) })),
  })).filter((line) => line.points.length > 0);
  const marks = view.segments.slice(1).map((segment) => ({ x: segment.ply, text: segment.name }));
  const last = Math.max(view.plies.length, 8);
  return chart({
    title: 'White\'s expected score at a glance, in per cent, along the game', lines, marks, y: [0, 100], x: [0, last], middle: 50,
    format: (n) => `${n}%`, xLabel: 'ply', now: shownPly, height: 130, width: 370,
  });
}
