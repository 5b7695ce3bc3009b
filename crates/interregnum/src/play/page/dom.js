// Elements, made without ever reading text as markup: names from files and engines are text and stay text.

export const $ = (id) => document.getElementById(id);

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && !(node instanceof SVGElement) && !key.startsWith('aria')) node[key] = value;
    else node.setAttribute(key, value === true ? '' : String(value));
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An HTML element with properties or attributes, listeners (`onclick`) and children. */
export function el(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** An SVG element. */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** A man as a picture: a chess man's shape, or a disc with a letter. */
export function man(color, shape, letter) {
  if (shape) {
    return svg('svg', { class: `man ${color}`, viewBox: '0 0 100 100', 'aria-hidden': 'true' },
      svg('use', { href: `#piece-${shape}` }));
  }
  const text = letter.replace('+', '').toUpperCase();
  const turned = letter.startsWith('+');
  return svg('svg', { class: `man disc ${color}${turned ? ' turned' : ''}`, viewBox: '0 0 100 100', 'aria-hidden': 'true' },
    svg('circle', { cx: 50, cy: 50, r: 35 }),
    svg('text', { x: 50, y: 63, 'text-anchor': 'middle' }, turned ? `+${text}` : text));
}

/** A list to choose from; `options` are [value, text] or [value, text, group]. */
export function select(options, chosen, onchange, props) {
  const node = el('select', { ...props, onchange: () => onchange(node.value) });
  const groups = new Map();
  for (const [value, text, group] of options) {
    const option = el('option', { value, selected: value === chosen }, text);
    if (!group) { node.append(option); continue; }
    if (!groups.has(group)) {
      groups.set(group, el('optgroup', { label: group }));
      node.append(groups.get(group));
    }
    groups.get(group).append(option);
  }
  return node;
}

/** Puts new content into an element; the control of the same id keeps the focus. */
export function renew(node, ...content) {
  const focused = node.contains(document.activeElement) ? document.activeElement.id : '';
  node.replaceChildren(...content);
  if (focused) $(focused)?.focus({ preventScroll: true });
}

/** A share of 1 in per cent. */
export const percent = (share) => `${Math.round(100 * share)}%`;

/** A value from -1 to 1 for White as White's expected score in per cent. */
export const score = (value) => percent((value + 1) / 2);

/** Seconds in words. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86400).toFixed(1)} days`;
}

let hiding = 0;
/** Says for a moment what went wrong. */
export function toast(text) {
  const node = $('toast');
  node.textContent = text;
  node.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { node.hidden = true; }, 6000);
}

/** Opens the dialog with a title and content. Returns what closes it. */
export function openDialog(title, ...content) {
  const dialog = $('dialog');
  $('dialog-title').textContent = title;
  $('dialog-body').replaceChildren(...content);
  if (!dialog.open) dialog.showModal();
  return () => dialog.close();
}
