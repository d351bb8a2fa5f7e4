/**
 * Messages by key: an own one by its `client_id`, any other by its id. Pure.
 *
 * @typedef {import('../shared/types.js').Message} Message
 * @typedef {import('../shared/types.js').Known} Known
 */

/** @param {Message} message */
const keyOf = (message) => message.client_id || message.id;

/**
 * Take in what the server says; a higher revision wins, and hearing it twice changes nothing.
 *
 * @param {Map<string, Known>} known is changed
 * @param {Message[]} list
 * @param {number} era
 * @returns {Message[]} those that were not known before
 */
export const absorb = (known, list, era) => {
  const fresh = [];
  for (const message of list) {
    const before = known.get(keyOf(message));
    if (before && before.revision >= message.revision) continue;
    if (!before) fresh.push(message);
    known.set(keyOf(message), { ...message, era: before ? before.era : era });
  }
  return fresh;
};

/** @param {Map<string, Known>} known @returns {[string, Known][]} in the order of writing */
export const inOrder = (known) =>
  [...known].sort(([, a], [, b]) => a.era - b.era || a.seq - b.seq);

/** @param {{kind: string}} message */
export const isTheirs = ({ kind }) => kind !== 'visitor';

/**
 * Messages of the others that the visitor has not seen.
 *
 * @param {Iterable<Known>} messages
 * @param {number} era the present one
 * @param {number} seen number of the last message seen
 */
export const unreadOf = (messages, era, seen) =>
  [...messages].filter(
    (message) =>
      message.era === era && isTheirs(message) && message.seq > seen && !message.removed,
  );
