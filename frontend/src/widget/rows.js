/** The log: one row per message, redrawn only where it differs from what is there. */
import { make } from './make.js';
import { extras, more } from './extras.js';
import { kept, now, ui } from './page.js';
import { words } from './speech.js';
import { state } from './state.js';

/** @typedef {import('../shared/types.js').Known} Known */

/** What may be an address. */
const ADDRESS = /:\/\/|mailto:/i;

/** @type {Map<string, any>} */
const rows = new Map();
/** @type {Map<string, HTMLElement>} */
const days = new Map();

/** Have everything drawn anew, in another language. */
export const forgetRows = () => {
  rows.forEach((row) => (row.drawn = ''));
  days.clear();
};

const rowOf = (/** @type {string} */ key) => {
  let row = rows.get(key);
  if (!row) {
    const face = make('span', { 'aria-hidden': 'true' });
    const who = make('span');
    const text = make('p.text', { dir: 'auto' });
    const meta = make('div', { 'aria-live': 'off' });
    row = { face, who, text, meta, node: make('div', {}, who, face, text, meta) };
    rows.set(key, row);
  }
  return row;
};

const draw = (
  /** @type {string} */ key,
  /** @type {string} */ kind,
  /** @type {string} */ name,
  /** @type {string} */ body,
  /** @type {string} */ meta,
  /** @type {Node[]} */ ...actions
) => {
  const row = rowOf(key);
  const drawn = [kind, name, meta].join();
  if (row.drawn !== drawn) {
    row.drawn = drawn;
    row.node.className = `row ${kind}`;
    row.who.textContent = name;
    row.who.className = kind.includes('named') ? 'who' : 'vh';
    row.face.className = 'face';
    row.face.hidden = !kind.includes('faced');
    row.face.textContent = [...name][0] || '';
    row.meta.className = kind.includes('tail') ? 'meta' : 'vh';
    row.meta.replaceChildren(meta, ...actions);
  }
  const links = ADDRESS.test(body);
  if (links && !extras) more(ui.render);
  const shown = `${links && !extras} ${body}`;
  if (row.shown !== shown) {
    row.shown = shown;
    row.text.replaceChildren(...(links && extras ? extras.linked(body) : [body]));
  }
  return row.node;
};

/** Messages of one person in the same ten minutes stand together. */
const groupOf = (/** @type {Known | undefined} */ message) =>
  message && [message.kind, message.author?.name, message.created_at.slice(0, 15)].join();

const drawMessage = (
  /** @type {[string, Known]} */ [key, message],
  /** @type {string} */ state,
  /** @type {Known | undefined} */ before,
  /** @type {Known | undefined} */ after,
) => {
  const { kind, body, removed, author } = message;
  const own = kind === 'visitor';
  const name = own ? words.text('you') : author?.name || words.text('team');
  const group = groupOf(message);
  const isLast = group !== groupOf(after);
  const kinds = [own ? 'own' : 'theirs'];
  if (!own && group !== groupOf(before)) kinds.push('named');
  if (!own && isLast) kinds.push('faced');
  if (state || isLast) kinds.push('tail');
  if (removed) kinds.push('gone');
  const meta = [words.time(new Date(message.created_at))];
  if (message.edited_at && !removed) meta.push(words.text('edited'));
  if (state) meta.push(state);
  const text = removed ? words.text('removed') : body;
  return draw(key, kinds.join(' '), name, text, meta.join(' · '));
};

const drawUnsent = (/** @type {import('../shared/types.js').Unsent} */ { cid, body, state: how }) => {
  const you = words.text('you');
  if (how !== 'failed') {
    const waits = state.link.failures || state.limitedUntil > now();
    return draw(cid, 'own tail wait', you, body, words.text(waits ? 'waiting' : 'sending'));
  }
  if (!extras) more(ui.dress);
  const actions = extras ? extras.drawActions(cid) : [];
  return draw(cid, 'own tail bad', you, body, words.text('failed'), ...actions);
};

const dayLine = (/** @type {number} */ era, /** @type {Date} */ date) => {
  const key = `${era} ${date.toDateString()}`;
  let line = days.get(key);
  if (!line) days.set(key, (line = make('p.day')));
  const text = words.day(date, new Date());
  if (line && line.textContent !== text) line.textContent = text;
  return /** @type {HTMLElement} */ (line);
};

/**
 * @param {[string, Known][]} thread in order
 * @returns {Node[]} what the log has to show
 */
export const drawThread = (thread) => {
  const nodes = [];
  const { operatorRead } = state;
  const lastOwn = thread.findLast(([, { kind }]) => kind === 'visitor')?.[0];
  let day;
  for (const [index, entry] of thread.entries()) {
    const [key, message] = entry;
    const line = dayLine(message.era, new Date(message.created_at));
    if (line !== day) nodes.push((day = line));
    const mark = operatorRead >= message.seq ? 'seen' : 'sent';
    const status = key === lastOwn ? words.text(mark) : '';
    nodes.push(drawMessage(entry, status, thread[index - 1]?.[1], thread[index + 1]?.[1]));
  }
  // Nothing moves when they have arrived.
  const unsent = kept().out.map(drawUnsent);
  const today = dayLine(state.era, new Date());
  if (unsent.length && today !== day) nodes.push(today);
  return [...nodes, ...unsent];
};
