/** What this tab knows of the conversation. */
import { FRESH } from './connection.js';
import { absorb, inOrder, unreadOf } from './merge.js';
import { emit, keep, kept, now } from './page.js';

/** @typedef {import('../shared/types.js').Message} Message */

export const state = {
  /** @type {Map<string, import('../shared/types.js').Known>} */
  messages: new Map(),
  conversation: kept().conversation,
  cursor: kept().seen, // revisions never lag behind numbers
  era: 0,
  round: 0, // counts moves of the cursor that make a running question worthless
  status: '',
  /** @type {?number} */
  rating: null,
  operatorRead: 0,
  reported: kept().seen, // the visitor's read mark as the server knows it
  /** @type {?{name: string}} */
  typing: null,
  typingUntil: 0,
  oldest: 0, // lower numbers have not been fetched
  hasOlder: false,
  loaded: !kept().conversation,
  isOpen: false,
  gone: false,
  limitedUntil: 0,
  limit: '', // which limit
  /** @type {import('./connection.js').Link} */
  link: FRESH,
  /** @type {?import('../shared/types.js').Config} */
  config: null,
};

/** @param {import('./connection.js').Event} event */
export const turn = (event) => (state.link = event(state.link, now()));

/** Something was said: ask more often for a while. */
export const stir = () => {
  if (kept().session) keep({ active: Date.now() });
};

export const idleTime = () => Date.now() - (kept().active || 0);

/** The messages from now on belong to this conversation. @param {string | undefined} id */
export const follow = (id) => {
  if (id === state.conversation) return;
  if (state.conversation) state.era++;
  state.conversation = id;
  restart();
  if (kept().conversation !== id) keep({ conversation: id, seen: 0 });
};

/** Take the conversation from its beginning. */
export const restart = () => {
  state.cursor = state.reported = state.operatorRead = state.oldest = 0;
  state.status = '';
  state.rating = state.typing = null;
  state.hasOlder = false;
  state.round++;
};

/** @param {{status: string, rating?: ?number}} conversation */
export const note = ({ status, rating }) => {
  state.status = status;
  if (rating !== undefined) state.rating = rating;
};

/** Whether the conversation is finished. */
export const isOver = () => ['resolved', 'closed'].includes(state.status);

/** @param {?{name: string}} who */
export const noteTyping = (who) => {
  state.typing = who;
  state.typingUntil = now() + 6000;
};

/**
 * Take in messages; what lies before the oldest one fetched comes with the history.
 *
 * @param {Message[]} list
 */
export const take = (list) => {
  const known = list.filter(({ seq }) => seq >= state.oldest);
  const fresh = absorb(state.messages, known, state.era);
  const { out } = kept();
  // Also what the history has brought before the answer to its sending did.
  const left = out.filter(({ cid }) => !list.some((message) => message.client_id === cid));
  if (left.length < out.length) keep({ out: left });
  if (!fresh.length) return fresh;
  stir();
  emit('message', { messages: fresh });
  return fresh;
};

/** A message of the visitor's has arrived, sent by this tab or another. @param {any} data */
export const arrived = ({ message, conversation }) => {
  follow(conversation.id);
  note(conversation);
  take([message]);
};

/** @param {Message[]} list the newest ones, without a gap @param {boolean} hasOlder */
export const takeNewest = (list, hasOlder) => {
  const { messages, era } = state;
  takeOlder(list, hasOlder);
  state.loaded = true;
  for (const [key, message] of messages) {
    if (message.era === era && message.seq < state.oldest) messages.delete(key);
  }
  state.cursor = Math.max(state.cursor, ...list.map(({ revision }) => revision));
};

/** @param {Message[]} list those before the oldest known @param {boolean} hasOlder */
export const takeOlder = (list, hasOlder) => {
  state.oldest = hasOlder && list.length ? list[0].seq : 0;
  state.hasOlder = hasOlder;
  absorb(state.messages, list, state.era);
};

export const countUnread = () => unreadOf(state.messages.values(), state.era, kept().seen).length;

export const thread = () => inOrder(state.messages);
