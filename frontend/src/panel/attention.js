/** Calling an operator who looks elsewhere: a sound, a notification, the title of the tab. */
import { chime } from '../shared/chime.js';
import { config, isSeen, openId, urlOf } from './page.js';

const PAUSE = 3000;

/** What is known of each conversation. @type {Map<string, {last_message_at: string, mentioned: boolean}>} */
const known = new Map();
/** Conversations in which somebody has written while nobody looked at this tab. @type {Set<string>} */
const waiting = new Set();
let since = '';
let rang = 0;
let go = (/** @type {string} */ _) => {};

/**
 * Take note of rows that have changed, and return those in which a visitor has just written to
 * this operator or to nobody yet, or a colleague has named them.
 *
 * @param {any[]} rows as the operators' API gives them @param {boolean} isFirst nothing is news yet
 */
export const findCalls = (rows, isFirst) => {
  if (isFirst) since = rows.reduce((last, row) => (row.last_message_at > last ? row.last_message_at : last), since);
  const calls = rows.filter(({ id, unread, mentioned, assignee, last_message_at: at }) => {
    const before = known.get(id);
    if (mentioned && !before?.mentioned) return !isFirst;
    const isNew = at > (before?.last_message_at ?? since);
    return !isFirst && isNew && unread && (!assignee || assignee.id === config.user);
  });
  for (const row of rows) known.set(row.id, row);
  return calls.map(({ id, contact, preview, mentioned }) => ({
    id,
    name: contact.name,
    text: mentioned ? config.words.named : preview,
  }));
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
