/**
 * Hearing of changes: one tab of a browser holds the stream of hints, or polls, and tells the
 * others; each then fetches the pieces it shows, under the reader's own rights.
 */
import { retryDelay } from '../shared/backoff.js';
import { makeReader } from '../shared/sse.js';
import { callOut, findCalls } from './attention.js';
import { call, config, isSeen, openId, say } from './page.js';
import { count, isNews, refreshRows } from './rows.js';
import { refreshThread } from './thread.js';

const SHOWN = 3000;
const HIDDEN = 15000;
const BREATH = 250;
const TEN_MINUTES = 600000;
/** A stream says something every 20 s; what is silent for longer is dead. */
const SILENCE = 60000;
const BEAT = 20000;
const TAB = `tab-${Math.random().toString(36).slice(2)}`;

/** @type {?BroadcastChannel} */
let channel = null;
/** @type {?AbortController} */
let stream = null;
let isOpen = false;
let heardAt = 0;
let beatAt = 0;
let leading = false;
let cursor = '';
let asking = false;
let again = false;
let failures = 0;
let refusals = 0;
let streamAt = 0; // not before
/** @type {number | undefined} */
let timer;
/** What changed while nobody looked. @type {Set<string>} */
const missed = new Set();
let renew = () => {};

/** @param {() => void} all shows everything anew */
export const start = (all) => {
  renew = all;
  if (!config.changes) return;
  channel = 'BroadcastChannel' in window ? new BroadcastChannel(`dm:${config.user}`) : null;
  if (channel) channel.onmessage = ({ data }) => hear(data);
  if (!navigator.locks || !channel) lead();
  else navigator.locks.request(`dm:${config.user}:live`, () => new Promise(lead)).catch(lead);
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', () => plan(0));
  window.addEventListener('pagehide', () => stream?.abort());
  window.addEventListener('pageshow', ({ persisted }) => persisted && plan(0));
};

const lead = () => {
  leading = true;
  plan(0);
};

const wake = () => {
  if (!isSeen()) return;
  if (missed.size) take([...missed]);
  missed.clear();
  if (leading) plan(0);
  else refreshThread(); // what is looked at is read
};

/** @param {number} pause milliseconds */
const plan = (pause) => {
  clearTimeout(timer);
  if (leading) timer = window.setTimeout(poll, pause);
};

const poll = async () => {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  const isFirst = !cursor;
  const changes = await call(`${config.changes}?cursor=${encodeURIComponent(cursor)}`);
  asking = false;
  if (!changes) {
    failures++;
    if (failures === 2) say('lost');
    return plan(retryDelay(failures, Math.random()));
  }
  if (failures > 1) say('back');
  failures = 0;
  cursor = changes.cursor;
  const rows = isFirst ? changes.conversations.filter(isNews) : changes.conversations;
  const ids = rows.map((/** @type {any} */ row) => row.id).concat(changes.gone);
  const calls = findCalls(changes.conversations, isFirst || changes.full);
  const news = { ids, calls, counters: changes.counters, full: changes.full && !isFirst };
  channel?.postMessage(news);
  hear(news);
  if (!stream && Date.now() >= streamAt) listen();
  if (again) {
    again = false;
    return plan(BREATH);
  }
  if (!isOpen && Date.now() - beatAt > BEAT) {
    beatAt = Date.now(); // a stream says by itself that somebody is here
    call(config.presence, { tab: TAB });
  }
  if (isOpen && Date.now() - heardAt > SILENCE) stream?.abort();
  if (!isOpen) plan(isSeen() ? SHOWN : HIDDEN);
};

/** @param {any} news */
const hear = ({ ids, calls, counters, full, at }) => {
  if (at) return hint(at);
  if (calls) callOut(calls, leading);
  if (counters) count(counters);
  if (full) return renew();
  if (!ids?.length) return;
  if (isSeen()) take(ids);
  else ids.forEach((/** @type {string} */ id) => missed.add(id));
};

/** @param {string[]} ids */
const take = (ids) => {
  refreshRows(ids);
  if (ids.includes(openId())) refreshThread();
};

/** Somebody looks or types: no change, and nothing to ask `changes/` about. @param {string} id */
const hint = (id) => {
  if (!isSeen()) return;
  refreshRows([id]);
  if (id === openId()) refreshThread();
};

/** Hold a stream of hints as long as it lasts. */
const listen = async () => {
  if (!config.stream) return;
  const own = (stream = new AbortController());
  let opened = false;
  try {
    const answer = await fetch(config.stream, { credentials: 'same-origin', signal: own.signal });
    const kind = answer.headers.get('Content-Type') || '';
    if (answer.ok && answer.body && kind.startsWith('text/event-stream')) {
      opened = isOpen = true;
      await read(answer.body);
    } else if (answer.ok) refusals = 3; // it says that there is none to be had
  } catch {}
  isOpen = false;
  stream = null;
  refusals = opened ? 0 : refusals + 1;
  streamAt = Date.now() + (refusals > 2 ? TEN_MINUTES : opened ? 0 : retryDelay(refusals, Math.random()));
  plan(opened ? 300 + 1500 * Math.random() : SHOWN);
};

/** @param {ReadableStream<Uint8Array>} body */
const read = async (body) => {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const tell = makeReader((event, data) => event === 'hint' && heed(JSON.parse(data)));
  heardAt = Date.now();
  plan(0); // what came before the stream
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heardAt = Date.now();
    tell(decoder.decode(value, { stream: true }));
  }
};

/** @param {{type: string, conversation: string}} news */
const heed = ({ type, conversation }) => {
  if (type === 'typing' || type === 'presence') {
    channel?.postMessage({ at: conversation });
    hint(conversation);
  } else if (asking) again = true;
  else plan(0);
};

/** Ask at once: something has been done here. */
export const hurry = () => {
  if (leading) plan(0);
};
