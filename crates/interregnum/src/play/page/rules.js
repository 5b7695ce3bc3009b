// The rules: what holds, what has changed, and the dialog that changes them.

import { ask } from './api.js';
import { title } from './game.js';
import { el, openDialog, toast } from './dom.js';

/** Changed keys as a list. */
export function changeList(changes) {
  if (changes.length === 0) return el('p', { class: 'soft small' }, 'No key differs.');
  return el('ul', { class: 'keys' }, changes.map(([key, value]) => el('li', {},
    el('code', {}, value === null ? key : `${key} = ${value}`), value === null ? ' as the variant has it' : null)));
}

/** What the card of the rules shows. */
export function rulesNow(view, record) {
  const parts = [];
  const last = view.segments[view.segments.length - 1];
  parts.push(el('p', { class: 'rules-name' }, el('b', {}, last.name),
    last.name === last.rules.variant ? null : el('span', { class: 'soft' }, ` · ${last.rules.variant}`),
    el('span', { class: 'soft' }, ` · ${view.files}×${view.ranks}`)));
  const count = view.segments.length;
  if (count > 1 || record.before) {
    const when = count > 1 ? `changed after move ${Math.ceil(last.ply / 2)}` : 'changed before the first move';
    const from = count > 1 ? view.segments[count - 2].name : title(record.before);
    parts.push(el('div', { class: 'changed', id: 'what-changed' },
      el('p', {}, `The rules ${when}: `, el('b', {}, from), ' → ', el('b', {}, last.name)), changeList(last.changes)));
  } else if (Object.keys(last.rules.edit ?? {}).length > 0) {
    parts.push(changeList(Object.entries(last.rules.edit)));
  }
  return parts;
}

/** Opens the dialog. `apply(rules, when, change)` is called with `when` either `next` or `start`. */
export function openChange(world, record, rules, apply) {
  let close = () => {};
  const act = async (next, when, change) => {
    try {
      await apply(next, when, change);
      close();
    } catch (error) {
      toast(error.message);
      return error.message;
    }
    return '';
  };
  const list = el('div', { class: 'shifts' });
  const search = el('input', { type: 'search', placeholder: 'Find a change', 'aria-label': 'Find a change', id: 'find-change' });
  const fitting = world.changes.filter((change) => change.before.variant === rules.variant);
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const groups = new Map();
    for (const change of fitting) {
      const text = [change.name, change.family, change.hypothesis, ...change.changes.flat()].join(' ').toLowerCase();
      if (!text.includes(wanted)) continue;
      const base = change.before.name === rules.variant ? '' : ` · of ${change.before.name}`;
      const group = change.family + base;
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(change);
    }
    list.replaceChildren(...[...groups].map(([group, changes]) => el('section', {}, el('h3', {}, group), changes.map(entry))));
    if (groups.size === 0) list.append(el('p', { class: 'soft' }, fitting.length ? 'No change has these words.' : 'No suite changes these rules; edit the keys instead.'));
  };
  const entry = (change) => el('details', { class: 'shift', name: 'shift', 'data-shift': change.name },
    el('summary', {}, el('b', {}, change.name), el('span', { class: 'soft' }, ` ${change.hypothesis}`)),
    el('div', { class: 'shift-body' },
      el('p', {}, change.hypothesis), changeList(change.changes),
      el('p', { class: 'soft small' }, `expected: ${change.expect} · suite ${change.suite}`,
        [world.inherited.role, world.reselected.role].filter((role) => change.files[role]).map((role) => ` · ${role}: ${change.files[role]}`)),
      el('div', { class: 'row' },
        el('button', { type: 'button', class: 'accent now', onclick: () => act(change.after, 'next', change) }, 'From the next move'),
        el('button', { type: 'button', class: 'start', onclick: () => act(change.after, 'start', change) }, 'From the start'))));
  search.addEventListener('input', draw);
  draw();

  const box = el('textarea', { id: 'edit', rows: 6, spellcheck: false, 'aria-describedby': 'edit-error',
    placeholder: 'flagPiece = k\nflagRegion = c3' });
  const error = el('p', { id: 'edit-error', class: 'error', role: 'alert' });
  const preview = el('div', { id: 'edit-preview' });
  let read = null;
  let number = 0;
  const check = async () => {
    const mine = ++number;
    error.textContent = '';
    read = null;
    if (!box.value.trim()) { preview.replaceChildren(); return; }
    try {
      const found = await ask('edit', { rules, text: box.value });
      if (mine !== number) return;
      read = found.rules;
      preview.replaceChildren(found.same ? el('p', { class: 'soft small' }, 'These are the rules that hold already.') : changeList(found.changes));
    } catch (wrong) {
      if (mine !== number) return;
      error.textContent = wrong.message;
      preview.replaceChildren();
    }
  };
  let waiting = 0;
  box.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(check, 200); });
  const applyEdit = async (when) => {
    clearTimeout(waiting);
    await check();
    if (read) error.textContent = await act({ ...read, name: `${rules.variant}, edited` }, when, null);
  };
  const edit = el('section', { class: 'edit' }, el('h3', {}, 'Edit the keys'),
    el('p', { class: 'soft small' }, `One key of variants.ini a line, on top of ${title(rules)}.`),
    el('label', { class: 'hidden', for: 'edit' }, 'Keys of the rules'), box, error, preview,
    el('div', { class: 'row' },
      el('button', { type: 'button', class: 'accent', id: 'edit-next', onclick: () => applyEdit('next') }, 'From the next move'),
      el('button', { type: 'button', id: 'edit-start', onclick: () => applyEdit('start') }, 'From the start')));
  const back = record.segments.length > 1 || record.before
    ? el('button', { type: 'button', id: 'as-before', onclick: () => act(record.before ?? record.segments[0].rules, 'next', null) }, 'Back to the rules before') : null;
  close = openDialog('Change the rules', el('div', { class: 'columns' },
    el('div', {}, el('div', { class: 'row' }, search, back), list), edit));
}

/** Opens the dialog of a new game. `apply(rules, fen)` begins one. */
export function openNew(world, variant, apply) {
  let chosen = variant;
  const info = el('p', { class: 'soft small' });
  const fen = el('input', { id: 'new-fen', placeholder: 'start position', spellcheck: false });
  const search = el('input', { type: 'search', placeholder: 'Find a variant', 'aria-label': 'Find a variant', id: 'find-variant' });
  const list = el('div', { class: 'variants', role: 'radiogroup', 'aria-label': 'Variants' });
  const describe = () => {
    const own = world.defaults[chosen];
    info.textContent = own ? `The evaluator ${own} was selected under these rules.`
      : 'No evaluator that ships was selected under these rules: random playouts play, or any agent that you choose.';
  };
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    list.replaceChildren(...world.families.map(({ about, names }) => {
      const found = names.filter((name) => `${name} ${about}`.toLowerCase().includes(wanted));
      if (found.length === 0) return '';
      return el('fieldset', {}, el('legend', {}, about), found.map((name) => el('label', { class: 'variant' },
        el('input', { type: 'radio', name: 'variant', value: name, checked: name === chosen, onchange: () => { chosen = name; describe(); } }),
        el('span', {}, name, world.defaults[name] ? el('i', { class: 'has', title: 'an evaluator ships with the program' }) : null))));
    }));
  };
  search.addEventListener('input', draw);
  draw();
  describe();
  const error = el('p', { class: 'error', role: 'alert' });
  const start = async () => {
    try {
      await apply({ variant: chosen }, fen.value.trim() || null);
      close();
    } catch (wrong) {
      error.textContent = wrong.message;
    }
  };
  const form = el('form', { class: 'new', onsubmit: (event) => { event.preventDefault(); start(); } }, search, list, info,
    el('label', {}, el('span', {}, 'Position (FEN)'), fen), error,
    el('div', { class: 'row' }, el('button', { class: 'primary', id: 'begin' }, 'Begin')));
  const close = openDialog('New game', form);
  list.querySelector(':checked')?.scrollIntoView({ block: 'center' });
}
