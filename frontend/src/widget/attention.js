/** Calling a visitor who looks elsewhere. */
import { more } from './extras.js';
import { isLeading } from './leader.js';
import { isTheirs } from './merge.js';
import { bell } from './parts.js';
import { state } from './state.js';

/** @typedef {import('../shared/types.js').Message} Message */

/**
 * Call for messages that have just come in; one tab does it for all.
 *
 * @param {Message[]} fresh @param {() => void} open
 */
export const call = (fresh, open) => {
  const last = fresh.findLast((message) => isTheirs(message) && message.author);
  if (last && isLeading() && (document.hidden || !state.isOpen)) more((extras) => extras.call(last, open));
};

export const mayAsk = () =>
  'Notification' in window && isSecureContext && Notification.permission !== 'denied';

/** Whether there is anything to choose. */
export const drawBell = () => {
  bell.hidden = !state.config?.features?.sound && !mayAsk();
};
