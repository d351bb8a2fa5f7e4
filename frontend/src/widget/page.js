/** What the loader has handed over, and what every module of the chunk needs of it. */
import { makeStore } from './store.js';

export const kit = /** @type {import('../shared/types.js').Kit} */ (
  /** @type {any} */ (window).__djangoMessenger[1]
);
export const { kept, keep, wipe, lasts } = makeStore(kit.key);
export const now = () => performance.now();
export const { emit, data } = kit;

/** What the conversation has to say to the panel, which fills this in. */
export const ui = {
  render: () => {},
  /** Have something read out. @param {string} _ */
  say: (_) => {},
  /** New messages of the others. @param {import('../shared/types.js').Message[]} _ */
  heard: (_) => {},
  /** A call that was refused: what to tell, and which fields are to blame. */
  refused: (/** @type {string} */ _, /** @type {Record<string, unknown>} */ __ = {}) => {},
  /** A text has left the composer. */
  posted: () => {},
  close: () => {},
  /** The hidden field that only programs fill. */
  trap: () => ({}),
};
