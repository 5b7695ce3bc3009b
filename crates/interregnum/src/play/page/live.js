// Training and stress runs as they go on.

import { ask } from './api.js';
import { picture } from './board.js';
import { chart } from './chart.js';
import { duration, el, percent, select } from './dom.js';

const EVERY = 1000; // milliseconds
const SLOWER = 4000;

export class Live {
  /** `root` shows the runs; `actions.open` opens a game on the board. */
  constructor(root, actions) {
    Object.assign(this, { root, actions, runs: [], run: 0, on: false, timer: 0, pictures: new Map() });
  }

  begin(runs) {
    this.runs = runs;
    if (runs.length === 0) {
      this.root.replaceChildren(el('section', { class: 'card empty' }, el('h2', {}, 'No run is watched'),
        el('p', {}, 'Start the program with the directory of a training or stress run, and it is followed here while it goes on:'),
        el('pre', {}, 'interregnum play --watch runs/mine')));
      return;
    }
    this.head = el('header', { class: 'live-head' });
    this.body = el('div', { class: 'live-body' });
    this.note = el('p', { class: 'connection', role: 'status', 'aria-live': 'polite' });
    const choose = runs.length > 1 ? el('label', {}, el('span', {}, 'Run '), select(runs.map((name, i) => [String(i), name]), '0', (value) => {
      this.run = Number(value);
      this.shown = '';
      this.look();
    })) : el('h1', {}, runs[0]);
    this.head.append(choose, this.note);
    this.root.replaceChildren(this.head, this.body);
  }

  visible(on) {
    this.on = on;
    clearTimeout(this.timer);
    if (on && this.runs.length > 0) this.look();
  }

  async look() {
    clearTimeout(this.timer);
    const { run } = this;
    let wait = EVERY;
    try {
      const found = await ask('run', { run });
      if (run !== this.run) return;
      this.note.textContent = '';
      this.note.classList.remove('lost');
      const text = JSON.stringify(found);
      // What did not change is not drawn again, so that folded parts stay as they are.
      if (text !== this.shown) {
        this.shown = text;
        this.show(found);
      }
      if (found.finished) wait = SLOWER;
      if (found.reading) wait = 50;
    } catch (error) {
      this.note.textContent = `Connection lost: ${error.message}. Trying again…`;
      this.note.classList.add('lost');
    }
    if (this.on) this.timer = setTimeout(() => this.look(), wait);
  }

  show(found) {
    const open = new Set([...this.body.querySelectorAll('details[open]')].map((node) => node.dataset.key));
    const parts = { training: () => this.training(found), stress: () => this.stress(found), damaged: () => [el('p', { class: 'error' }, found.error)] }[found.kind]
      ?? (() => [el('section', { class: 'card empty' }, el('h2', {}, 'No run here yet'), el('p', { class: 'soft' }, 'It is shown as soon as it has begun.'))]);
    this.body.replaceChildren(...parts());
    for (const node of this.body.querySelectorAll('details')) if (open.has(node.dataset.key)) node.open = true;
  }

  progress(done, wanted, words, stateWord) {
    const share = wanted > 0 ? Math.min(1, done / wanted) : 0;
    const fill = el('i', { class: 'fill' });
    fill.style.width = `${(100 * share).toFixed(1)}%`;
    return el('section', { class: 'card progress' },
      el('div', { class: 'row spread' }, el('b', { class: 'big' }, words), el('span', { class: `badge ${stateWord.replace(' ', '-')}` }, stateWord)),
      el('span', { class: 'bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': wanted, 'aria-valuenow': done, 'aria-label': words }, fill));
  }

  facts(list) {
    return el('dl', { class: 'facts' }, list.filter(([, value]) => value !== null).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
  }

  training(run) {
    const rows = run.generations;
    const last = rows[rows.length - 1];
    const word = run.finished ? 'finished' : run.still ? 'standing still' : 'running';
    const games = rows.reduce((sum, row) => sum + row.games, 0);
    // Charts are drawn for their width, so that their words have the size of all others.
    const width = this.root.clientWidth < 700 ? 330 : 560;
    const elo = chart({
      width,
      title: 'Elo ladder with 95% intervals over generations', xLabel: 'generation', dots: true, middle: 0, height: 220,
      lines: [{ name: 'Elo', kind: 'a', points: [{ x: 0, y: 0, low: 0, high: 0 }, ...rows.map((row) => ({ x: row.generation, y: row.elo, low: row.elo - row.error, high: row.elo + row.error }))] }],
    });
    const line = (name, kind, key) => ({ name, kind, points: rows.map((row) => ({ x: row.generation, y: row[key] })) });
    const kinds = [line('policy loss', 'b', 'policyLoss'), line('entropy of the visits', 'c', 'visitEntropy'), line('value loss', 'a', 'valueLoss')];
    const losses = chart({ width, title: 'Losses in nats over generations', xLabel: 'generation', height: 220, lines: kinds });
    return [
      this.progress(run.done, run.wanted, `Generation ${run.done} of ${run.wanted}`, word),
      this.facts([
        ['variant', run.variant], ['time left', run.left === null ? null : duration(run.left)],
        ['games', games.toLocaleString('en')], ['games a second', last?.gamesPerSecond ? last.gamesPerSecond.toFixed(1) : null],
        ['candidates accepted', `${rows.filter((row) => row.accepted).length} of ${rows.length}`],
        ['last gate', last ? `${percent(last.gate[0])} (${percent(last.gate[1])} to ${percent(last.gate[2])})` : null],
      ]),
      el('section', { class: 'card' }, el('h2', {}, 'Strength'), elo && rows.length ? elo : el('p', { class: 'soft' }, 'No generation is over yet.'),
        el('p', { class: 'soft small' }, 'Sum of what the gates measured between each champion and the one before.')),
      el('section', { class: 'card' }, el('h2', {}, 'Losses'), losses ?? el('p', { class: 'soft' }, 'No generation is over yet.'),
        el('p', { class: 'legend' }, kinds.map((kind) => el('span', {}, el('i', { class: `chip ${kind.kind}`, 'aria-hidden': 'true' }), kind.name)))),
      this.games('Games of the newest generation', run.games.map((game) => ({ record: game.record, words: `${game.result} in ${game.plies} plies` }))),
    ];
  }

  stress(run) {
    const word = run.finished ? 'finished' : 'running';
    return [
      this.progress(run.pairs, run.wanted, `${run.pairs.toLocaleString('en')} of ${run.wanted.toLocaleString('en')} pairs of games`, run.reading ? 'reading' : word),
      this.facts([['suite', run.name], ['time left', run.left === null ? null : duration(run.left)], ['run', run.identity],
        ['damaged rows', run.damaged ? String(run.damaged) : null]]),
      ...run.experiments.map((experiment, i) => this.cells(experiment, i === 0)),
      this.games('Newest pairs', run.recent.map((pair) => ({
        record: pair.record,
        words: `${pair.shift}: ${pair.agent} v ${pair.opponent} @${pair.playouts}, ${pair.results.join(' and ')} (${[...new Set(pair.endings)].join(', ')})`,
      }))),
    ];
  }

  cells(experiment, first) {
    const columns = [...new Set(experiment.cells.map((cell) => cell.column))];
    const rows = [...new Set(experiment.cells.map((cell) => cell.shift))];
    const at = new Map(experiment.cells.map((cell) => [`${cell.shift}|${cell.column}`, cell]));
    const [done, wanted] = ['pairs', 'wanted'].map((key) => experiment.cells.reduce((sum, cell) => sum + cell[key], 0));
    const entry = (cell) => {
      if (!cell) return el('td', { class: 'none' }, '');
      const fill = el('i', { class: 'fill' });
      fill.style.width = `${(100 * Math.min(1, cell.wanted ? cell.pairs / cell.wanted : 0)).toFixed(0)}%`;
      const text = cell.score === null ? '' : `${Math.round(100 * cell.score)}${cell.half === null ? '' : ` ± ${Math.round(100 * cell.half)}`}`;
      return el('td', { class: cell.pairs ? '' : 'none', title: `${cell.pairs} of ${cell.wanted} pairs` }, el('span', {}, text), el('span', { class: 'cell-bar' }, fill));
    };
    return el('details', { class: 'card cells', 'data-key': experiment.name, open: first },
      el('summary', {}, el('h2', {}, experiment.heading), el('span', { class: 'soft' }, ` ${experiment.heading === experiment.name ? '' : `${experiment.name}: `}${done.toLocaleString('en')} of ${wanted.toLocaleString('en')} pairs`)),
      el('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': experiment.heading }, el('table', {},
        el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'shift'), columns.map((name) => el('th', { scope: 'col' }, name)))),
        el('tbody', {}, rows.map((shift) => el('tr', {}, el('th', { scope: 'row' }, shift), columns.map((column) => entry(at.get(`${shift}|${column}`)))))))));
  }

  games(heading, list) {
    return el('section', { class: 'card games' }, el('h2', {}, heading),
      list.length === 0 ? el('p', { class: 'soft' }, 'None yet.') : el('ul', {}, list.slice(0, 6).map(({ record, words }) => {
        const place = el('div', { class: 'picture-place' });
        if (record) this.draw(place, record);
        return el('li', {}, place, el('p', { class: 'small' }, words),
          record ? el('button', { type: 'button', onclick: () => this.actions.open(record) }, 'Open on the board') : null);
      })));
  }

  /** Draws the last position of a game, which the server is asked for once. */
  async draw(place, record) {
    const key = JSON.stringify(record);
    try {
      if (!this.pictures.has(key)) {
        if (this.pictures.size > 60) this.pictures.clear();
        this.pictures.set(key, ask('game', { record }));
      }
      place.replaceChildren(picture(await this.pictures.get(key)));
    } catch {
      this.pictures.delete(key);
    }
  }
}
