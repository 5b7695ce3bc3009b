// Who plays White and Black: the user, or an agent with evaluators for its roles and so many playouts.

import { el, select } from './dom.js';

/** What sliders of playouts offer. */
export const STOPS = [1, 2, 4, 8, 16, 32, 64, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000];

/** The evaluators that fit a variant by their names come first. */
export function evaluatorOptions(world, variant) {
  const fits = (name) => name === variant || name.startsWith(`${variant}-`) || name.startsWith('own: ');
  const fitting = world.evaluators.filter(fits);
  const others = world.evaluators.filter((name) => !fits(name));
  return [
    ...fitting.map((name) => [name, name, `For ${variant}`]),
    ...others.map((name) => [name, name, 'Others']),
  ];
}

/** An agent with the evaluators that a page begins with. */
export function playerOf(world, variant, name, known = {}) {
  const agent = world.agents.find((found) => found.name === name);
  const usual = world.defaults[variant] ?? evaluatorOptions(world, variant)[0]?.[0] ?? '';
  const files = Object.fromEntries((agent?.roles ?? []).map((role) => [role, known[role] ?? usual]));
  return { agent: name, files, playouts: 400 };
}

/** Who plays if nobody was chosen: the inherited evaluator, or random playouts where there is none. */
export function usualPlayer(world, variant, known = {}) {
  const selected = world.defaults[variant] || known[world.inherited.role];
  return playerOf(world, variant, selected ? world.inherited.agent : world.uninformed, known);
}

/** A player in words. */
export function playerName(player) {
  if (!player) return 'You';
  const files = [...new Set(Object.values(player.files))].join(', ');
  return files ? `${player.agent} (${files})` : player.agent;
}

/** Controls for an agent's evaluators and playouts. `changed` is called after every choice. */
export function playerControls(world, variant, player, changed, id) {
  const agent = world.agents.find((found) => found.name === player.agent);
  const parts = [];
  for (const role of agent?.roles ?? []) {
    parts.push(el('label', {}, el('span', {}, `${role} evaluator`),
      select(evaluatorOptions(world, variant), player.files[role], (value) => { player.files[role] = value; changed(); },
        { id: `${id}-${role}` })));
  }
  if (agent && agent.search !== 'none') {
    const shown = el('output', {}, player.playouts.toLocaleString('en'));
    const at = STOPS.findIndex((stop) => stop >= player.playouts);
    parts.push(el('label', {}, el('span', {}, agent.search === 'playouts' ? 'Playouts a move' : 'Positions a move'),
      el('span', { class: 'slider' }, el('input', {
        type: 'range', min: 0, max: STOPS.length - 1, value: at < 0 ? STOPS.length - 1 : at, id: `${id}-playouts`,
        oninput: (event) => { player.playouts = STOPS[event.target.value]; shown.textContent = player.playouts.toLocaleString('en'); },
        onchange: () => changed(),
      }), shown)));
  }
  return parts;
}

/** The agents to choose from. */
export function agentOptions(world) {
  const group = (agent) => {
    if (agent.search === 'none') return 'Without search';
    return agent.roles.length > 0 ? 'With evaluators' : 'Knowing only the rules';
  };
  const order = ['With evaluators', 'Knowing only the rules', 'Without search'];
  const all = world.agents.map((agent) => [agent.name, agent.name, group(agent)]);
  return all.sort((a, b) => order.indexOf(a[2]) - order.indexOf(b[2]));
}

/** The card of both players. */
export function playersCard(world, variant, players, changed) {
  return ['white', 'black'].map((color) => {
    const player = players[color];
    const about = player && world.agents.find((agent) => agent.name === player.agent)?.about;
    const choose = (value) => {
      players[color] = value === '' ? null : playerOf(world, variant, value, players.known);
      changed();
    };
    const word = color === 'white' ? 'White' : 'Black';
    return el('div', { class: 'player' },
      el('label', { class: 'who' }, el('span', {}, el('i', { class: `chip ${color}`, 'aria-hidden': 'true' }), word),
        select([['', 'You'], ...agentOptions(world)], player?.agent ?? '', choose, { id: `player-${color}`, title: about ?? '' })),
      player ? el('div', { class: 'more' }, playerControls(world, variant, player, changed, `player-${color}`)) : null,
);
  });
}
