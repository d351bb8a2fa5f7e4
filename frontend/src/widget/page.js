/** What the loader has handed over, and what every module of the chunk needs of it. */
import { makeStore } from './store.js';

export const kit = /** @type {import('../shared/types.js').Kit} */ (
  /** @type {any} */ (window).__djangoMessenger[1]
);
export const { kept, keep, wipe, lasts } = makeStore(kit.key);
export const now = () => performance.now();
export const { emit, data } = kit;

/** Listen until the widget leaves the page. */
export const on = (
  /** @type {EventTarget} */ target,
  /** @type {string} */ events,
  /** @type {(event: any) => void} */ listener,
) => events.split(' ').forEach((event) => target.addEventListener(event, listener, kit.leaving));

/**
 * What the conversation has to say to the panel, which fills this in.
 *
 * @typedef {object} Ui
 * @property {() => void} render
 * @property {() => void} dress begin anew with another language or another look
 * @property {(text: string) => void} say have something read out
 * @property {(fresh: import('../shared/types.js').Message[]) => void} heard
 * @property {(text: string, errors?: Record<string, unknown>) => void} refused a call was: what to
 *   tell, and which fields are to blame
 * @property {() => void} posted a text has left the composer
 * @property {() => Record<string, string>} trap the hidden field that only programs fill
 */
export const ui = /** @type {Ui} */ ({});
