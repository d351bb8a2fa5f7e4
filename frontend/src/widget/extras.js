/** What most chats never show comes in a second file, when it is needed for the first time. */
import { retryDelay } from '../shared/backoff.js';
import { kit, ui } from './page.js';
import { state } from './state.js';

/** @typedef {import('../more/index.js').Extras} Extras */

/** @type {Set<(extras: Extras) => void>} */
const waiting = new Set();
/** @type {number | undefined} */
let timer;
let failures = 0;
let loading = false;

/** @type {?Extras} */
export let extras = null;

/** Whether the visitor waits for something that does not come. */
export const isLacking = () => failures > 1 && !extras;

/** Try again as long as somebody waits: the rest of the chat does without. */
export const loadExtras = async () => {
  clearTimeout(timer);
  if (loading || extras || state.gone || !waiting.size) return;
  loading = true;
  try {
    await kit.fetch('more');
  } catch {}
  loading = false;
  extras = kit.extras || null;
  if (!extras) {
    timer = setTimeout(loadExtras, retryDelay(++failures, Math.random()));
    ui.render();
  } else if (!state.gone) for (const then of waiting) then(extras);
};

/** Do this with the second file, at once or as soon as it is there; the same only once. */
export const more = (/** @type {(extras: Extras) => void} */ then) => {
  if (extras) return then(extras);
  waiting.add(then);
  // A failed attempt has its own time for the next one.
  if (!failures) loadExtras();
};
