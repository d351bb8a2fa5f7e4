/** Calling an operator who looks elsewhere: a sound, a notification, the title of the tab. */
import { chime } from '../shared/chime.js';
import { config, isSeen, openId, urlOf } from './page.js';

const PAUSE = 3000;

/** When the newest message known of each conversation came. @type {Map<string, string>} */
const known = new Map();
/** Conversations in which somebody has written while nobody looked at this tab. @type {Set<string>} */
const waiting = new Set();
let since = '';
let rang = 0;
let go = (/** @type {string} */ _) => {};

/**
 * Take note of rows that have changed, and return those in which a visitor has just written to
 * this operator or to nobody yet.
 *
 * @param {any[]} rows as the operators' API gives them @param {boolean} isFirst nothing is news yet
 */
export const findCalls = (rows, isFirst) => {
  if (isFirst) since = rows.reduce((last, row) => (row.last_message_at > last ? row.last_message_at : last), since);
  const calls = rows.filter(({ id, unread, assignee, last_message_at: at }) => {
    const isNew = at > (known.get(id) ?? since);
    return !isFirst && isNew && unread && (!assignee || assignee.id === config.user);
  });
  for (const row of rows) known.set(row.id, row.last_message_at);
  return calls.map(({ id, contact, preview }) => ({ id, name: contact.name, text: preview }));
};

/** @param {{id: string, name: string, text: string}[]} calls @param {boolean} leading one tab rings for all */
export const callOut = (calls, leading) => {
  const unseen = calls.filter(({ id }) => !(isSeen() && id === openId()));
  if (!unseen.length) return;
  if (!isSeen()) unseen.forEach(({ id }) => waiting.add(id));
  mark();
  if (!leading) return;
  if (config.prefs.sound && Date.now() - rang > PAUSE) {
    rang = Date.now();
    chime();
  }
  if (config.prefs.notify && !isSeen()) unseen.forEach(notify);
};

/** @param {{id: string, name: string, text: string}} call */
const notify = ({ id, name, text }) => {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  try {
    const note = new Notification(name || config.words.visitor, { body: text, tag: id });
    note.onclick = () => {
      window.focus();
      note.close();
      go(urlOf('talk', id));
    };
  } catch {} // phones have them by service workers only
};

/** Say in the title how many wait. */
const mark = () => {
  const title = document.title.replace(/^\(\d+\) /, '');
  document.title = waiting.size ? `(${waiting.size}) ${title}` : title;
};

/** @param {typeof go} show opens an address of the panel */
export const startAttention = (show) => {
  go = show;
  document.addEventListener('visibilitychange', () => {
    if (!isSeen()) return;
    waiting.clear();
    mark();
  });
};
