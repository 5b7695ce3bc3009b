// The game as the page keeps it: moves under one set of rules after another.

/** A new game of rules; `before` are those before a change, if it begins with one. */
export function begin(rules, before = null, fen = null) {
  return { fen, before, segments: [{ rules, moves: [] }] };
}

export const copy = (record) => structuredClone(record);

export const plies = (record) => record.segments.reduce((sum, part) => sum + part.moves.length, 0);

export const rulesOf = (record) => record.segments[record.segments.length - 1].rules;

/** The rules before the last change, or those of the game if there was none. */
export function rulesBefore(record) {
  const count = record.segments.length;
  return count > 1 ? record.segments[count - 2].rules : record.before;
}

/** The game with one more move. */
export function played(record, uci) {
  const next = copy(record);
  next.segments[next.segments.length - 1].moves.push(uci);
  return next;
}

/** The game as it was after so many moves; changes of the rules right after the last of them stay out, unless it is the whole game. */
export function until(record, ply) {
  if (ply >= plies(record)) return copy(record);
  const next = { fen: record.fen, before: record.before, segments: [] };
  let left = ply;
  for (const part of record.segments) {
    if (next.segments.length > 0 && left === 0) break;
    const moves = part.moves.slice(0, left);
    next.segments.push({ rules: part.rules, moves });
    left -= moves.length;
    if (moves.length < part.moves.length) break;
  }
  return next;
}

/** The game without its last move, or without the change of rules if that came after it. */
export function takenBack(record) {
  const next = copy(record);
  const last = next.segments[next.segments.length - 1];
  if (last.moves.length > 0) last.moves.pop();
  else if (next.segments.length > 1) next.segments.pop();
  return next;
}

/** The game under other rules from now on. */
export function changed(record, rules) {
  const next = copy(record);
  const last = next.segments[next.segments.length - 1];
  if (last.moves.length === 0) {
    if (next.segments.length === 1) next.before ??= last.rules;
    last.rules = rules;
    return next;
  }
  next.segments.push({ rules, moves: [] });
  return next;
}

/** The name of rules. */
export const title = (rules) => rules.name || rules.variant;
