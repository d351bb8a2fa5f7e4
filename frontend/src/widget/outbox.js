/** Messages of the visitor's on their way: none is lost, none arrives twice. */
import { isAsking } from './asking.js';
import { alone, tell } from './leader.js';
import { pollSoon } from './live.js';
import { hasRoom, move, verdict } from '../shared/message.js';
import { emit, keep, kept, now, ui } from './page.js';
import { words } from './speech.js';
import { arrived, state, stir } from './state.js';
import { talk } from './wire.js';

/** @typedef {import('../shared/types.js').Unsent} Unsent */

/** @type {number | undefined} */
let timer;
let flushing = false;

const next = () => kept().out.find((item) => item.state !== 'failed');

/** @param {string} cid @param {import('../shared/message.js').Event} event */
export const turn = (cid, event) => {
  const out = kept().out.map((item) =>
    item.cid === cid ? { ...item, state: move(item.state, event) } : item,
  );
  keep({ out: out.filter(({ state: how }) => how !== 'removed') });
};

// A page without HTTPS has no `randomUUID`.
const makeId = () =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join('-');

/** @param {string} body @returns {boolean} whether there was room for it */
export const post = (body) => {
  const { out } = kept();
  if (!hasRoom(out, body)) return false;
  const cid = makeId();
  keep({ out: [...out, { cid, body, state: 'queued' }] });
  stir();
  emit('send', { cid });
  ui.render();
  flush();
  return true;
};

/** Send what waits, one after the other; only one tab at a time. */
export const flush = async () => {
  clearTimeout(timer);
  if (flushing || state.gone || !next() || isAsking()) return;
  let wait = Math.max(0, state.limitedUntil - now());
  if (!wait) {
    flushing = true;
    await alone(async () => {
      for (let item = next(); item && !wait && !state.gone; item = next()) wait = await deliver(item);
    });
    flushing = false;
  }
  if (next() && !state.gone) timer = setTimeout(flush, wait);
  ui.render();
};

/** @returns {Promise<number>} How long to wait before the next try, 0 when it is settled. */
const deliver = async (/** @type {Unsent} */ { cid, body }) => {
  turn(cid, 'start');
  const answer = await talk('send/', { body, client_id: cid, ...ui.trap() });
  const event = verdict(answer.status);
  if (event === 'ok') {
    arrive(cid, answer.data);
    return 0;
  }
  const { code, detail } = answer.data || {};
  if (event === 'again') {
    turn(cid, event);
    if (answer.status === 429) {
      state.limitedUntil = now() + answer.wait;
      state.limit = code;
    }
    ui.render();
    return answer.wait;
  }
  turn(cid, 'fatal');
  emit('failed', { cid, status: answer.status });
  ui.refused(answer.status === 401 ? detail : '', answer.data.errors);
  ui.say(`${words.text('failed')}: ${body}`);
  ui.render();
  return 0;
};

const arrive = (/** @type {string} */ cid, /** @type {any} */ data) => {
  arrived(data);
  tell({ is: 'sent', data });
  emit('sent', { cid, id: data.message.id });
  pollSoon();
};
