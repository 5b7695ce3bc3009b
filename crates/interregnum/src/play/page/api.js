// What the page asks of the server that it came from.

const bytes = crypto.getRandomValues(new Uint8Array(12));
/** The name of this page for the server's searches. */
export const session = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

/** Asks the server. Fails with the reason that the server gives. */
export async function ask(what, body = {}) {
  let response;
  try {
    response = await fetch(`api/${what}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    const error = new Error('the program that serves this page does not answer');
    error.gone = true;
    throw error;
  }
  const value = await response.json();
  // Questions about what a user has typed are answered with an error and no failure.
  if (!response.ok || typeof value.error === 'string') throw new Error(value.error ?? 'the server refused');
  return value;
}

/**
 * Begins a search and follows it: `show` gets each new result. Ends early when `current` says that nobody waits any more.
 * Returns the last result, or null if it was given up.
 */
export async function follow(what, body, purpose, current, show) {
  let state = await ask(what, { ...body, session });
  while (current()) {
    if (state.result) show?.(state.result);
    if (state.done) return state.result;
    state = await ask('search', { session, purpose, seen: state.version });
  }
  return null;
}

// A page that goes ends its searches at once; if this is lost, the server gives them up after a while.
addEventListener('pagehide', () => {
  for (const purpose of ['move', 'minds']) {
    navigator.sendBeacon('api/search', new Blob([JSON.stringify({ session, purpose, stop: true })], { type: 'application/json' }));
  }
});

/** Ends a search that nobody waits for. */
export function stop(purpose) {
  ask('search', { session, purpose, stop: true }).catch(() => {});
}
