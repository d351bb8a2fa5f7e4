/**
 * The life of a message of the visitor's. Pure.
 *
 * @typedef {'queued' | 'sending' | 'sent' | 'seen' | 'failed' | 'removed'} State
 * @typedef {'start' | 'ok' | 'again' | 'session' | 'fatal' | 'retry' | 'discard' | 'seen'} Event
 */

/** @type {Record<State, Partial<Record<Event, State>>>} */
const MOVES = {
  queued: { start: 'sending', discard: 'removed' },
  sending: { ok: 'sent', again: 'queued', session: 'queued', fatal: 'failed' },
  sent: { seen: 'seen' },
  seen: {},
  failed: { retry: 'queued', discard: 'removed' },
  removed: {},
};

/** @param {State} state @param {Event} event @returns {State} the same where nothing follows */
export const move = (state, event) => MOVES[state][event] || state;

/**
 * What the answer to a send means for the message.
 *
 * @param {number} status 0 for no answer
 * @returns {Event}
 */
export const verdict = (status) => {
  if (status >= 200 && status < 300) return 'ok';
  if (status === 401) return 'session';
  if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) return 'fatal';
  return 'again';
};

const MOST = 50;
const LARGEST = 65536;

/**
 * Whether one more text can wait without filling the storage of the page.
 *
 * @param {import('../shared/types.js').Unsent[]} out @param {string} body
 */
export const hasRoom = (out, body) =>
  out.length < MOST && out.reduce((sum, item) => sum + item.body.length, body.length) < LARGEST;
