/**
 * The state of the line to the server. Pure: events in, state out.
 *
 * `mode`: `dormant` until there is something to say, `boot` while a session is started, `poll` and
 * `stream` when all is well, `retry` after a failure, `disabled` for good.
 *
 * @typedef {{mode: 'dormant' | 'boot' | 'poll' | 'stream' | 'retry' | 'disabled',
 *   failures: number, refusals: number, pollUntil: number}} Link
 * @typedef {{type: 'boot' | 'ok' | 'wake' | 'lost' | 'refused' | 'opened' | 'closed'}
 *   | {type: 'unopened' | 'poll-only', at: number}} Event
 */

/** @type {Link} */
export const DORMANT = { mode: 'dormant', failures: 0, refusals: 0, pollUntil: 0 };
const TEN_MINUTES = 600000;

/**
 * @param {Link} link
 * @param {Event} event
 * @returns {Link}
 */
export const step = (link, event) => {
  if (link.mode === 'disabled') return link;
  switch (event.type) {
    case 'boot':
      return { ...link, mode: 'boot' };
    case 'ok': // any answer of ours
      return { ...link, mode: link.mode === 'stream' ? 'stream' : 'poll', failures: 0 };
    case 'wake': // the tab was shown, the network is back
      return { ...link, failures: 0 };
    case 'lost': // no answer, or none of ours, or a server in trouble
      return { ...link, mode: 'retry', failures: link.failures + 1 };
    case 'refused': // switched off, unknown, or not for this site
      return { ...link, mode: 'disabled' };
    case 'opened':
      return { ...link, mode: 'stream', refusals: 0, failures: 0 };
    case 'closed':
      return { ...link, mode: 'poll' };
    case 'unopened': {
      const refusals = link.refusals + 1;
      const pollUntil = refusals > 2 ? event.at + TEN_MINUTES : link.pollUntil;
      return { ...link, refusals: refusals % 3, pollUntil };
    }
    case 'poll-only':
      return { ...link, pollUntil: event.at + TEN_MINUTES };
  }
};

/** @param {Link} link @param {number} at */
export const mayStream = (link, at) => link.mode === 'poll' && !link.failures && at >= link.pollUntil;

/** One failure is nothing to speak of. @param {Link} link */
export const isDown = (link) => link.failures > 1;
