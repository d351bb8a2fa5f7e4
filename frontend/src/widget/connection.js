/**
 * The state of the line to the server. Pure: each function is something that has happened.
 *
 * @typedef {object} Link
 * @property {number} failures calls in a row without an answer of ours
 * @property {number} refusals streams in a row that did not open
 * @property {number} pollUntil until then no stream is tried
 * @typedef {(link: Link, at: number) => Link} Event
 */

/** @type {Link} */
export const FRESH = { failures: 0, refusals: 0, pollUntil: 0 };
const TEN_MINUTES = 600000;

/** Any answer of ours; or the tab was shown, or the network is back. @type {Event} */
export const well = (link) => ({ ...link, failures: 0 });

/** No answer, or none of ours, or a server in trouble. @type {Event} */
export const lost = (link) => ({ ...link, failures: link.failures + 1 });

/** A stream is open. @type {Event} */
export const opened = (link) => ({ ...link, failures: 0, refusals: 0 });

/** There is no stream to be had. @type {Event} */
export const pollOnly = (link, at) => ({ ...link, refusals: 0, pollUntil: at + TEN_MINUTES });

/** A stream has not opened: after three of them it is left alone for a while. @type {Event} */
export const unopened = (link, at) =>
  link.refusals > 1 ? pollOnly(link, at) : { ...link, refusals: link.refusals + 1 };

/** @param {Link} link @param {number} at */
export const mayStream = ({ failures, pollUntil }, at) => !failures && at >= pollUntil;

/** One failure is nothing to speak of. @param {Link} link */
export const isDown = ({ failures }) => failures > 1;
