/** Talking to the server: forms without headers of our own, so that there is no preflight. */
import { retryDelay } from '../shared/backoff.js';
import { lost, well } from './connection.js';
import { data, emit, keep, kept, kit } from './page.js';
import { words } from './speech.js';
import { follow, note, state, take, takeNewest, turn } from './state.js';

/** @typedef {import('../shared/types.js').Answer} Answer */

/** What pages say about their visitor besides the signed identity. */
export const about = {
  identity: data.identity || '',
  /** @type {import('../shared/types.js').Claims} */
  claims: {},
  /** @type {Record<string, unknown>} */
  attributes: {},
};

/** @param {Record<string, any>} fields those that are not there are left out */
export const form = (fields) =>
  new URLSearchParams(
    Object.entries({ widget_token: kit.token, ...fields }).filter(([, value]) => value != null),
  );

/**
 * @param {string} path
 * @param {?Record<string, any>} fields
 * @returns {Promise<Answer>}
 */
export const request = async (path, fields) => {
  const answer = { status: 0, ok: false, data: null, wait: 0 };
  try {
    const response = await fetch(kit.base + path, {
      method: fields ? 'POST' : 'GET',
      body: fields && form(fields),
      credentials: 'omit',
      keepalive: path === 'read/' || path === 'end-session/',
      signal: AbortSignal.timeout(15000),
    });
    answer.data = response.status === 204 ? {} : await response.json();
    answer.status = response.status;
    answer.ok = response.ok;
    answer.wait = 1000 * Number(response.headers.get('Retry-After')) || 0;
  } catch {}
  weigh(answer);
  return answer;
};

/** What an answer means for the line. */
const weigh = (/** @type {Answer} */ answer) => {
  const { status, ok } = answer;
  // Switched off, unknown, or not for this site: as if it had never been there.
  if (status === 403 || status === 404) kit.vanish();
  else if (!status || status > 499) {
    turn(lost);
    answer.wait = Math.max(answer.wait, retryDelay(state.link.failures, Math.random()));
  } else {
    turn(well);
    if (!ok) answer.wait ||= 5000;
  }
  if (status && !ok) emit('error', { code: answer.data.code });
};

/** @type {?Promise<Answer>} */
let starting = null;

const boot = async () => {
  const { visitor, claims } = kept();
  const { identity, attributes } = about;
  const answer = await request('bootstrap/', {
    visitor_token: visitor,
    identity: identity || null,
    ...about.claims,
    ...claims,
    attributes: JSON.stringify(attributes),
    page_url: location.origin + location.pathname,
    referrer: document.referrer.split(/[?#]/)[0],
    locale: words.locale,
  });
  if (answer.ok) enter(answer.data);
  return answer;
};

/** Begin to use a session. @param {any} data answer of bootstrap or identify */
export const enter = (data) => {
  const id = data.conversation.id;
  const known = id === state.conversation;
  keep({
    session: data.widget_session_token,
    visitor: data.visitor_token || kept().visitor,
    sub: subject(about.identity),
    claims: undefined,
    open: state.isOpen,
  });
  follow(id);
  note(data.conversation);
  if (data.config) state.config = data.config;
  if (known) return take(data.messages);
  takeNewest(data.messages, data.has_older);
  state.cursor = data.cursor;
};

/** Call with both tokens; start a session where there is none or it has ended. */
export const talk = async (/** @type {string} */ path, /** @type {Record<string, any>} */ fields) => {
  for (let tries = 0; ; tries++) {
    const { session } = kept();
    let answer;
    if (session) {
      answer = await request(path, { ...fields, widget_session_token: session });
      if (answer.status !== 401 || answer.data.code?.startsWith('identity')) return answer;
      // Another tab may have started a new one meanwhile.
      if (kept().session === session) keep({ session: undefined });
      if (tries) return { ...answer, status: 0 };
    } else {
      // Whoever has logged out meanwhile is not made a new visitor by a question.
      if (path !== 'send/' && !kept().visitor) return { status: 401, ok: false, data: {}, wait: 0 };
      answer = await (starting ||= boot().finally(() => (starting = null)));
      if (!answer.ok) return answer;
    }
  }
};

/** @param {string} token a signed identity @returns {string | undefined} whom it is about */
export const subject = (token) => {
  try {
    const text = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    return `${JSON.parse(atob(text)).sub}`;
  } catch {}
};
