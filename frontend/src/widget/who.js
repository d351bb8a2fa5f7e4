/** Whom the visitor is: a browser is used by more than one person. */
import { kept, ui, wipe } from './page.js';
import { follow, state } from './state.js';
import { about, enter, request, subject } from './wire.js';

/** @typedef {import('../shared/types.js').Claims} Claims */

/** Forget everything that this browser knows of the visitor. */
export const forget = () => {
  wipe();
  state.messages.clear();
  follow(undefined);
  state.loaded = true;
  ui.render();
};

/** Tell the server something new about the visitor who is in a conversation. */
const report = async (/** @type {Record<string, any>} */ fields) => {
  const { session } = kept();
  if (!session) return;
  const answer = await request('identify/', { ...fields, widget_session_token: session });
  if (answer.ok && answer.data.widget_session_token) {
    enter(answer.data);
    ui.render();
  }
};

/**
 * Somebody logs in, or says their name.
 *
 * @param {Claims & {token?: string}} who `token`: an identity that the server has signed
 */
export const identify = ({ token, ...claims }) => {
  Object.assign(about.claims, claims);
  if (!token) return report(claims);
  about.identity = token;
  const { sub, session, visitor } = kept();
  if (sub && sub !== subject(token)) forget();
  else if (sub) return;
  else if (session || visitor) return report({ identity: token, ...claims });
  ui.render();
};

/** @param {Record<string, unknown>} attributes small facts about the visitor, for operators */
export const setAttributes = (attributes) => {
  Object.assign(about.attributes, attributes);
  report({ attributes: JSON.stringify(about.attributes) });
};

/** Log out: the session ends here and on the server, and nothing is left. */
export const reset = () => {
  const { session, visitor } = kept();
  about.identity = '';
  about.claims = {};
  about.attributes = {};
  if (session) request('end-session/', { widget_session_token: session, visitor_token: visitor });
  forget();
};

/** At the start of a page: what is kept belongs to whoever is logged in now, or to nobody. */
export const recognise = () => {
  const { sub, session, visitor } = kept();
  const now = subject(about.identity);
  if (sub && sub !== now) forget();
  else if (now && !sub && (session || visitor)) identify({ token: about.identity });
};

