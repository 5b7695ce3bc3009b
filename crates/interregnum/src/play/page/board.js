// The board: squares that are buttons, men that are dragged or clicked, marks and arrows. It knows no rules: the server says which
// moves are legal, and the board asks for what tells them apart.

import { $, el, man, svg } from './dom.js';

const SLIDE = 160; // milliseconds

export class Board {
  /** `root` becomes the board, `strips` are the places of the hands at the top and at the bottom. */
  constructor(root, strips, onmove) {
    Object.assign(this, { root, strips, onmove, flipped: false, view: null, playable: false });
    this.selected = null;
    this.walls = null;
    this.cells = new Map();
    root.addEventListener('keydown', (event) => this.key(event));
    root.addEventListener('pointerdown', (event) => this.press(event));
    root.addEventListener('click', (event) => {
      const square = event.target.closest?.('[data-square]')?.dataset.square;
      if (square && !this.dragged) this.click(square);
      this.dragged = false;
    });
  }

  /** Shows a position; `playable` says whether the user is to move. */
  show(view, playable) {
    const before = this.view;
    this.view = view;
    this.playable = playable && !view.ending;
    this.selected = null;
    this.walls = null;
    this.choices = new Map();
    for (const move of view.legal) {
      const from = move.d ? `${move.d}@` : move.f;
      if (!this.choices.has(from)) this.choices.set(from, []);
      this.choices.get(from).push(move);
    }
    const size = `${view.files}x${view.ranks}${this.flipped}`;
    if (this.size !== size) this.build(size);
    this.draw(before);
    this.mark();
  }

  name(file, rank) {
    return String.fromCharCode(97 + file) + (rank + 1);
  }

  build(size) {
    const { files, ranks } = this.view;
    const focused = document.activeElement?.dataset?.square;
    this.size = size;
    this.cells.clear();
    this.root.style.setProperty('--files', files);
    this.root.style.setProperty('--ranks', ranks);
    this.root.closest('.table').style.setProperty('--ratio', files / ranks);
    const squares = [];
    for (let row = 0; row < ranks; row += 1) {
      for (let column = 0; column < files; column += 1) {
        const file = this.flipped ? files - 1 - column : column;
        const rank = this.flipped ? row : ranks - 1 - row;
        const name = this.name(file, rank);
        const cell = el('button', {
          type: 'button', class: `square ${(file + rank) % 2 ? 'light' : 'dark'}`, tabIndex: -1, 'data-square': name,
        });
        if (column === 0) cell.append(el('span', { class: 'rank', 'aria-hidden': 'true' }, String(rank + 1)));
        if (row === ranks - 1) cell.append(el('span', { class: 'file', 'aria-hidden': 'true' }, String.fromCharCode(97 + file)));
        this.cells.set(name, cell);
        squares.push(cell);
      }
    }
    this.order = [...this.cells.keys()];
    this.over = svg('svg', { class: 'arrows', viewBox: `0 0 ${files} ${ranks}`, 'aria-hidden': 'true' });
    this.root.replaceChildren(...squares, this.over);
    this.focus(this.cells.has(focused) ? focused : this.order[this.order.length - files], focused !== undefined);
  }

  draw(before) {
    const { view } = this;
    const old = new Map((before?.men ?? []).map(([square, label, color]) => [square, `${label}${color}`]));
    this.men = new Map(view.men.map((entry) => [entry[0], entry]));
    for (const [square, cell] of this.cells) {
      cell.querySelector('.man, .wall')?.remove();
      const found = this.men.get(square);
      if (found) cell.append(man(found[2], found[3], found[1]));
      else if (view.walls.includes(square)) cell.append(svg('svg', { class: 'wall', viewBox: '0 0 100 100', 'aria-hidden': 'true' },
        svg('rect', { x: 12, y: 12, width: 76, height: 76, rx: 14 }), svg('path', { d: 'M28 28l44 44M72 28L28 72' })));
      cell.classList.toggle('last', view.last?.includes(square) ?? false);
      cell.classList.toggle('check', view.check.includes(square));
      cell.classList.toggle('goal', view.goals.includes(square));
    }
    this.label();
    this.hands();
    const [from, to] = view.last ?? [];
    const moved = to && before && view.plies.length > before.plies.length && before.files === view.files;
    if (moved && from !== to && this.men.has(to) && old.get(from) && !this.droppedByHand) this.slide(from, to);
    this.droppedByHand = false;
  }

  slide(from, to) {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const [a, b] = [from, to].map((square) => this.cells.get(square)?.getBoundingClientRect());
    const piece = this.cells.get(to)?.querySelector('.man');
    if (!a || !b || !piece) return;
    piece.animate([{ transform: `translate(${a.left - b.left}px, ${a.top - b.top}px)` }, { transform: 'none' }],
      { duration: SLIDE, easing: 'ease-out' });
  }

  label() {
    for (const [square, cell] of this.cells) {
      const found = this.men.get(square);
      const what = found ? `${found[2]} ${found[4] === 'fairy piece' ? found[1].toUpperCase() : found[4]}`
        : this.view.walls.includes(square) ? 'wall' : 'empty';
      const notes = ['last', 'check', 'goal', 'target'].filter((name) => cell.classList.contains(name))
        .map((name) => ({ last: 'last move', check: 'in check', goal: 'goal', target: 'can be moved to' })[name]);
      cell.setAttribute('aria-label', [square, what, ...notes].join(', '));
    }
  }

  /** The men in hand, each side's beside its edge of the board. */
  hands() {
    const { view } = this;
    const colors = this.flipped ? ['white', 'black'] : ['black', 'white'];
    colors.forEach((color, place) => {
      const hand = this.strips[place].querySelector('.hand');
      if (!hand) return;
      const men = view.hands?.[color === 'white' ? 0 : 1] ?? [];
      hand.replaceChildren(...men.map(([letter, count, shape, name]) => {
        const usable = this.playable && view.turn === color && this.choices.has(`${letter}@`);
        return el('button', {
          type: 'button', class: 'held', disabled: !usable, 'data-drop': letter,
          'aria-pressed': String(this.selected === `${letter}@`),
          'aria-label': `${count} ${name} in hand`,
          onclick: () => this.choose(`${letter}@`),
        }, man(color, shape, letter), el('span', { class: 'count' }, String(count)));
      }));
      hand.hidden = men.length === 0;
    });
  }

  /** Marks what is selected, and where it can go. */
  mark() {
    const targets = new Set(this.walls ? this.walls.keys() : (this.choices.get(this.selected) ?? []).map((move) => move.t));
    for (const [square, cell] of this.cells) {
      cell.classList.toggle('selected', square === this.selected && !this.walls);
      cell.classList.toggle('target', targets.has(square));
      cell.classList.toggle('movable', this.playable && this.choices.has(square));
    }
    this.label();
    for (const strip of this.strips) {
      for (const held of strip.querySelectorAll('.held')) {
        held.setAttribute('aria-pressed', String(this.selected === `${held.dataset.drop}@`));
      }
    }
  }

  choose(from) {
    this.walls = null;
    this.selected = this.selected === from ? null : from;
    this.mark();
    this.root.dispatchEvent(new CustomEvent('selected', { detail: this.selected }));
  }

  click(square) {
    if (!this.playable) return;
    if (this.walls) {
      const move = this.walls.get(square);
      this.walls = null;
      this.selected = null;
      this.mark();
      if (move) this.play(move);
      return;
    }
    const moves = (this.choices.get(this.selected) ?? []).filter((move) => move.t === square);
    if (this.selected && moves.length > 0) this.attempt(moves);
    else if (this.choices.has(square)) this.choose(square);
    else {
      this.selected = null;
      this.mark();
    }
  }

  /** Plays one of the moves that lead from one square to another; asks which, if there are several. */
  async attempt(moves) {
    const kinds = new Map();
    for (const move of moves) {
      const kind = `${move.x}|${move.p ?? ''}`;
      if (!kinds.has(kind)) kinds.set(kind, []);
      kinds.get(kind).push(move);
    }
    let left = moves;
    if (kinds.size > 1) {
      left = await this.ask([...kinds.values()]);
      if (!left) {
        this.selected = null;
        this.mark();
        return;
      }
    }
    if (left.length === 1) this.play(left[0]);
    else {
      this.walls = new Map(left.filter((move) => move.w).map((move) => [move.w, move]));
      this.root.dispatchEvent(new CustomEvent('selected', { detail: 'wall' }));
      this.mark();
    }
  }

  /** Asks which of several kinds of move is meant. */
  ask(kinds) {
    const dialog = $('choose');
    return new Promise((resolve) => {
      let chosen = null;
      const buttons = kinds.map((moves) => {
        const [move] = moves;
        const words = move.x || 'move only';
        return el('button', { type: 'button', class: 'choice', 'data-uci': move.u, onclick: () => { chosen = moves; dialog.close(); } },
          move.p ? man(this.view.turn, move.s, move.p) : null, el('span', {}, words));
      });
      $('choices').replaceChildren(...buttons);
      dialog.addEventListener('close', () => resolve(chosen), { once: true });
      dialog.showModal();
    });
  }

  play(move) {
    this.playable = false;
    this.selected = null;
    this.mark();
    this.onmove(move.u);
  }

  /** Begins to drag a man. */
  press(event) {
    const cell = event.target.closest?.('[data-square]');
    this.dragged = false;
    if (!cell || event.button !== 0 || !this.playable || this.walls || !this.choices.has(cell.dataset.square)) return;
    const { square } = cell.dataset;
    const [x, y] = [event.clientX, event.clientY];
    const piece = cell.querySelector('.man');
    let ghost = null;
    const move = (next) => {
      if (!ghost && Math.hypot(next.clientX - x, next.clientY - y) > 5) {
        this.selected = square;
        this.walls = null;
        this.mark();
        const side = cell.getBoundingClientRect().width;
        ghost = piece.cloneNode(true);
        ghost.classList.add('ghost');
        ghost.style.width = ghost.style.height = `${side}px`;
        document.body.append(ghost);
        piece.classList.add('lifted');
      }
      if (ghost) {
        ghost.style.left = `${next.clientX}px`;
        ghost.style.top = `${next.clientY}px`;
      }
    };
    const end = (last) => {
      for (const [kind, listener] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) {
        document.removeEventListener(kind, listener);
      }
      if (!ghost) return;
      ghost.remove();
      piece.classList.remove('lifted');
      this.dragged = true;
      setTimeout(() => { this.dragged = false; }, 0);
      const below = document.elementFromPoint(last.clientX, last.clientY)?.closest?.('[data-square]')?.dataset.square;
      const moves = (this.choices.get(square) ?? []).filter((found) => found.t === below);
      this.droppedByHand = moves.length > 0;
      if (moves.length > 0) this.attempt(moves);
      else {
        this.selected = null;
        this.mark();
      }
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', end);
    document.addEventListener('pointercancel', end);
  }

  focus(square, now) {
    for (const cell of this.cells.values()) cell.tabIndex = -1;
    const cell = this.cells.get(square);
    if (!cell) return;
    cell.tabIndex = 0;
    if (now) cell.focus();
  }

  key(event) {
    const at = this.order.indexOf(event.target.dataset?.square);
    if (at < 0) return;
    const { files, ranks } = this.view;
    const [row, column] = [Math.floor(at / files), at % files];
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      const to = [row + step[0], column + step[1]];
      if (to[0] >= 0 && to[0] < ranks && to[1] >= 0 && to[1] < files) this.focus(this.order[to[0] * files + to[1]], true);
    } else if (event.key === 'Escape') {
      this.selected = null;
      this.walls = null;
      this.mark();
    } else return;
    event.preventDefault();
  }

  flip(on) {
    this.flipped = on;
    if (this.view) this.show(this.view, this.playable);
  }

  /** Draws arrows: { from, to, kind, width } in squares; a drop has no origin. */
  arrows(list) {
    const { files, ranks } = this.view;
    const place = (square) => {
      const file = square.charCodeAt(0) - 97;
      const rank = Number(square.slice(1)) - 1;
      return this.flipped ? [files - file - 0.5, rank + 0.5] : [file + 0.5, ranks - rank - 0.5];
    };
    const drawn = list.map(({ from, to, kind, width, title }) => {
      const [x2, y2] = place(to);
      if (!from || from === to) return svg('circle', { class: `arrow ${kind}`, cx: x2, cy: y2, r: 0.42, fill: 'none', 'stroke-width': width });
      const [x1, y1] = place(from);
      const length = Math.hypot(x2 - x1, y2 - y1);
      const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
      const head = 0.16 + width;
      const [bx, by] = [x2 - ux * (head + 0.06), y2 - uy * (head + 0.06)];
      const tip = [x2 - ux * 0.06, y2 - uy * 0.06];
      const side = head * 0.72;
      return svg('g', { class: `arrow ${kind}` }, svg('title', {}, title ?? ''),
        svg('line', { x1: x1 + ux * 0.2, y1: y1 + uy * 0.2, x2: bx, y2: by, 'stroke-width': width }),
        svg('path', { class: 'head', d: `M${tip[0]} ${tip[1]}L${bx - uy * side} ${by + ux * side}L${bx + uy * side} ${by - ux * side}z` }));
    });
    this.over.replaceChildren(...drawn);
  }
}

/** Origin (null for a drop) and target of a move in UCI notation. */
export function squaresOf(uci) {
  const [move] = uci.split(',');
  const drop = /^\+?[A-Z]@([a-z]\d+)/.exec(move);
  if (drop) return [null, drop[1]];
  const found = /^([a-z]\d+)([a-z]\d+)/.exec(move);
  return found ? [found[1], found[2]] : null;
}

/** A small picture of a position that cannot be played on. */
export function picture(view) {
  const { files, ranks } = view;
  const squares = [];
  for (let rank = 0; rank < ranks; rank += 1) {
    for (let file = 0; file < files; file += 1) {
      squares.push(svg('rect', {
        class: (file + rank) % 2 ? 'light' : 'dark', x: file * 100, y: (ranks - 1 - rank) * 100, width: 100, height: 100,
      }));
    }
  }
  const men = view.men.map(([square, label, color, shape]) => {
    const drawn = man(color, shape, label);
    drawn.setAttribute('x', (square.charCodeAt(0) - 97) * 100);
    drawn.setAttribute('y', (ranks - Number(square.slice(1))) * 100);
    drawn.setAttribute('width', 100);
    drawn.setAttribute('height', 100);
    return drawn;
  });
  return svg('svg', { class: 'picture', viewBox: `0 0 ${files * 100} ${ranks * 100}`, role: 'img', 'aria-label': view.fen },
    ...squares, ...men);
}
