/**
 * One tab of a browser asks for all of them, and tells the others what it hears.
 *
 * Leadership is a Web Lock: it moves on when the tab closes. A tab that gets no answer from a
 * leader that has been frozen takes the lock from it.
 */
import { kit, lasts, now } from './page.js';

const PATIENCE = 6000;

/** @type {?BroadcastChannel} */
let channel = null;
let leading = false;
let running = false;
let askedAt = 0; // without an answer since
let quit = () => {};
let hear = (/** @type {any} */ _) => {};
let change = () => {};

export const isLeading = () => leading;

/** Tell the other tabs. @param {Record<string, any>} message */
export const tell = (message) => channel?.postMessage(message);

/** @param {(message: any) => void} onMessage @param {() => void} onChange of leadership */
export const listen = (onMessage, onChange) => {
  hear = onMessage;
  change = onChange;
};

/** Take part; alone where the browser knows no locks or forgets what is stored. */
export const join = () => {
  if (running) return;
  running = true;
  if (!navigator.locks || !window.BroadcastChannel || !lasts()) return lead(true);
  channel = new BroadcastChannel(kit.key);
  channel.onmessage = ({ data }) => {
    askedAt = 0;
    hear(data);
  };
  hold({});
};

/** Let others lead, as when the page goes into the back/forward cache. */
export const leave = () => {
  if (!running) return;
  running = false;
  channel?.close();
  channel = null;
  quit();
  lead(false);
};

/** A question of ours that only a leader answers. @param {Record<string, any>} message */
export const ask = (message) => {
  if (askedAt && now() - askedAt > PATIENCE) {
    quit();
    hold({ steal: true });
  }
  askedAt ||= now();
  tell(message);
};

const lead = (/** @type {boolean} */ ours) => {
  if (leading === ours) return;
  leading = ours;
  change();
};

const hold = (/** @type {LockOptions} */ options) => {
  const stop = new AbortController();
  let release = () => {};
  quit = () => {
    stop.abort();
    release();
  };
  const work = () =>
    new Promise((resolve) => {
      askedAt = 0;
      release = () => resolve(0);
      lead(true);
    });
  navigator.locks
    .request(`${kit.key}:lead`, options.steal ? options : { signal: stop.signal }, work)
    .catch(() => {
      if (!leading || stop.signal.aborted) return;
      lead(false); // another tab has taken it
      if (running) hold({});
    });
};

/** @param {() => Promise<void>} job that two tabs must not do at once */
export const alone = (job) =>
  navigator.locks ? navigator.locks.request(kit.key, job).catch(job) : job();
