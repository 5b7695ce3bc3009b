// Replays games from the page's own data, and saves that data as files. Nothing is fetched.
(() => {
  'use strict';
  const read = (id) => document.getElementById(id);

  // What the page holds, as the file that a button promises.
  const forms = {
    lines: (text) => JSON.parse(text).rows.map((row) => JSON.stringify(row) + '\n').join(''),
    base64: (text) => Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0)),
  };
  for (const button of document.querySelectorAll('[data-download]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const text = read(button.dataset.source).textContent;
      const form = forms[button.dataset.form];
      const url = URL.createObjectURL(new Blob([form ? form(text) : text]));
      const link = document.createElement('a');
      link.href = url;
      link.download = button.dataset.download;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    });
  }

  let games;
  try {
    games = JSON.parse(read('summary-json').textContent).games;
  } catch {
    return; // Without data the page still shows the final positions.
  }

  const element = (parent, name, attributes, text) => {
    const node = document.createElementNS(parent.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  };

  // The same drawing as the page's boards, from the placement field of a FEN that the page has already checked.
  const draw = (board, fen, uci) => {
    const [ranks, side, margin] = ['ranks', 'side', 'margin'].map((key) => Number(board.dataset[key]));
    const pieces = board.querySelector('.pieces');
    const last = board.querySelector('.last');
    pieces.replaceChildren();
    last.replaceChildren();
    fen.split(' ')[0].split('[')[0].split('/').forEach((row, top) => {
      let file = 0;
      for (const [token] of row.matchAll(/\d+|[A-Za-z*]/g)) {
        if (/\d/.test(token)) {
          file += Number(token);
          continue;
        }
        const lower = token.toLowerCase();
        const color = token === lower ? 'black' : 'white';
        const x = margin + file * side;
        const y = top * side;
        if (token === '*') {
          element(pieces, 'rect', { class: 'wall', x, y, width: side, height: side });
        } else if ('kqrbnp'.includes(lower) && !board.dataset.discs.includes(lower)) {
          element(pieces, 'use', { class: color, href: '#piece-' + lower, x, y, width: side, height: side });
        } else {
          const disc = element(pieces, 'g', { class: color + ' disc' });
          element(disc, 'circle', { cx: x + side / 2, cy: y + side / 2, r: Math.floor(side * 3 / 8) });
          element(disc, 'text', { x: x + side / 2, y: y + side / 2 + 6, 'text-anchor': 'middle' }, token.toUpperCase());
        }
        file += 1;
      }
    });
    const squares = /^(?:([a-z])(\d+)|[A-Za-z+]+@)([a-z])(\d+)/.exec(uci || '');
    if (!squares) return;
    for (const [file, rank] of [[squares[1], squares[2]], [squares[3], squares[4]]]) {
      if (!file) continue;
      const x = margin + (file.charCodeAt(0) - 97) * side;
      element(last, 'rect', { x, y: (ranks - Number(rank)) * side, width: side, height: side });
    }
  };

  const start = (root) => {
    const game = games[Number(root.dataset.game)];
    const board = root.querySelector('svg.board');
    if (!game || !board) return;
    const slider = root.querySelector('input');
    const status = root.querySelector('.status');
    const chart = root.querySelector('svg.estimates');
    const cursor = chart.querySelector('.cursor');
    const list = root.querySelector('.moves');
    const moves = [...root.querySelectorAll('.move')];
    const end = game.moves.length;
    let position = 0;

    const describe = () => {
      if (position === 0) return `Start position, ${end} moves to come.`;
      const white = game.fens[position - 1].split(' ')[1] !== 'b';
      const estimate = game.estimates[position - 1];
      const who = white ? `White (${game.white})` : `Black (${game.black})`;
      let text = `${position} of ${end}: ${who} played ${game.moves[position - 1]}`;
      if (position <= game.opening_plies) text += ', an opening move';
      else if (typeof estimate === 'number') text += `, expecting to score ${(100 * estimate).toFixed(0)}%`;
      return text + (position === end ? `. Result ${game.result}.` : '.');
    };

    const show = (to) => {
      position = Math.max(0, Math.min(end, to));
      draw(board, game.fens[position], game.moves[position - 1]);
      slider.value = position;
      status.textContent = describe();
      slider.setAttribute('aria-valuetext', status.textContent);
      const x = Number(chart.dataset.left) + position * Number(chart.dataset.step);
      cursor.setAttribute('x1', x);
      cursor.setAttribute('x2', x);
      moves.forEach((move, i) => {
        if (i + 1 === position) move.setAttribute('aria-current', 'step');
        else move.removeAttribute('aria-current');
      });
      const current = moves[position - 1];
      // Scrolls the list only, never the page.
      if (list) list.scrollTop = current ? current.offsetTop - list.offsetTop - list.clientHeight / 2 : 0;
    };

    const step = { start: () => 0, previous: () => position - 1, next: () => position + 1, end: () => end };
    const keys = { ArrowLeft: 'previous', ArrowRight: 'next', Home: 'start', End: 'end' };
    root.querySelector('.controls').hidden = false;
    for (const button of root.querySelectorAll('[data-to]')) {
      button.addEventListener('click', () => show(step[button.dataset.to]()));
    }
    slider.addEventListener('input', () => show(Number(slider.value)));
    root.addEventListener('keydown', (event) => {
      if (event.target === slider || event.altKey || event.ctrlKey || event.metaKey || !keys[event.key]) return;
      event.preventDefault();
      show(step[keys[event.key]]());
    });
    for (const move of moves) move.addEventListener('click', () => show(Number(move.dataset.position)));
    chart.addEventListener('click', (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
      show(Math.round((point.x - Number(chart.dataset.left)) / Number(chart.dataset.step)));
    });
    show(game.opening_plies);
  };
  document.querySelectorAll('.replay').forEach(start);
})();
