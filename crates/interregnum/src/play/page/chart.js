// Small line charts.

import { svg } from './dom.js';

const ROOM = { left: 42, right: 8, top: 14, bottom: 24 };

/** Round numbers between two, about `count` of them. */
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) found.push(Number(at.toFixed(10)));
  return found;
}

/**
 * A chart. `lines`: { name, kind, points: [{ x, y, low, high }] }, where y may be null. `marks`: { x, text } are vertical lines. `y` gives
 * the range if it is known, `format` writes numbers of the y axis, `now` is an x to point out.
 */
export function chart({ title, lines, marks = [], y, x, format = String, xLabel = '', height = 170, width = 560, now = null, middle = null, dots = false }) {
  const known = lines.flatMap((line) => line.points.filter((point) => point.y !== null));
  if (known.length === 0) return null;
  const xs = x ?? [Math.min(...known.map((p) => p.x)), Math.max(...known.map((p) => p.x))];
  if (xs[0] === xs[1]) xs[1] += 1;
  let ys = y;
  if (!ys) {
    const values = known.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]);
    ys = [Math.min(...values), Math.max(...values)];
    const pad = (ys[1] - ys[0]) * 0.08 || 1;
    ys = [ys[0] - pad, ys[1] + pad];
  }
  const px = (v) => ROOM.left + ((v - xs[0]) / (xs[1] - xs[0])) * (width - ROOM.left - ROOM.right);
  const py = (v) => height - ROOM.bottom - ((v - ys[0]) / (ys[1] - ys[0])) * (height - ROOM.top - ROOM.bottom);
  const parts = [svg('title', {}, title)];
  for (const tick of ticks(ys[0], ys[1], height / 40)) {
    parts.push(svg('line', { class: 'grid', x1: ROOM.left, x2: width - ROOM.right, y1: py(tick), y2: py(tick) }),
      svg('text', { class: 'tick', x: ROOM.left - 6, y: py(tick) + 4, 'text-anchor': 'end' }, format(tick)));
  }
  if (middle !== null) parts.push(svg('line', { class: 'middle', x1: ROOM.left, x2: width - ROOM.right, y1: py(middle), y2: py(middle) }));
  // The last stretch of the axis is left to its label.
  const free = xLabel ? xs[1] - ((xs[1] - xs[0]) * (xLabel.length * 7 + 16)) / width : xs[1];
  for (const tick of ticks(xs[0], xs[1], width / 70).filter((tick) => Number.isInteger(tick) && tick <= free)) {
    parts.push(svg('text', { class: 'tick', x: px(tick), y: height - 8, 'text-anchor': 'middle' }, String(tick)));
  }
  if (xLabel) parts.push(svg('text', { class: 'tick label', x: width - ROOM.right, y: height - 8, 'text-anchor': 'end' }, xLabel));
  for (const { x: at, text } of marks) {
    const late = px(at) > width * 0.7;
    parts.push(svg('line', { class: 'change', x1: px(at), x2: px(at), y1: ROOM.top - 8, y2: height - ROOM.bottom }),
      svg('text', { class: 'change', x: px(at) + (late ? -5 : 5), y: ROOM.top + 2, 'text-anchor': late ? 'end' : 'start' }, text));
  }
  if (now !== null) parts.push(svg('line', { class: 'now', x1: px(now), x2: px(now), y1: ROOM.top, y2: height - ROOM.bottom }));
  for (const line of lines) {
    const points = line.points.filter((point) => point.y !== null);
    const band = points.filter((point) => point.low !== undefined && point.low !== null);
    if (band.length > 1) {
      const upper = band.map((p) => `${px(p.x).toFixed(1)} ${py(p.high).toFixed(1)}`);
      const lower = band.map((p) => `${px(p.x).toFixed(1)} ${py(p.low).toFixed(1)}`).reverse();
      parts.push(svg('path', { class: `band ${line.kind}`, d: `M${[...upper, ...lower].join('L')}z` }));
    }
    parts.push(svg('path', { class: `line ${line.kind}`, d: `M${points.map((p) => `${px(p.x).toFixed(1)} ${py(p.y).toFixed(1)}`).join('L')}` }));
    const last = points[points.length - 1];
    const shown = dots ? points : last ? [last] : [];
    for (const point of shown) parts.push(svg('circle', { class: `dot ${line.kind}`, cx: px(point.x), cy: py(point.y), r: dots ? 3 : 3.5 }));
  }
  return svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title }, ...parts);
}
