/** The list: rows by key, counters, the clock of those who wait. */
import { all, ask, config, listQuery, one, openId, word } from './page.js';
import { byKey, insert, isOlder, morph } from './patch.js';

const MOST_ASKED = 100;
const MOST_SHOWN = 300;
const BREATH = 250;

/** @type {Set<string>} */
const wanted = new Set();
/** New rows that wait until the reader looks. @type {Map<string, Element>} */
const held = new Map();
let asking = false;
/** @type {number | undefined} */
let timer;

const scroller = () => one('#dm-list-scroll');

/** Ask for rows soon, many at once. @param {Iterable<string>} ids */
export const refreshRows = (ids) => {
  for (const id of ids) wanted.add(id);
  if (wanted.size && !asking && !timer) run();
};

const run = async () => {
  timer = undefined;
  const list = one('#dm-rows');
  if (!list || !wanted.size) return;
  const ids = [...wanted].slice(0, MOST_ASKED);
  const query = listQuery();
  ids.forEach((id) => wanted.delete(id));
  asking = true;
  const { ok, html } = await ask(`${config.rows}${query || '?'}&ids=${ids.join(',')}`);
  asking = false;
  if (ok && query === listQuery()) {
    merge(all('[data-dm-key]', html));
    count(Object.fromEntries(all('[data-dm-count]', html).map((node) => [node.dataset.dmCount, node.textContent])));
  }
  if (wanted.size) timer = window.setTimeout(run, BREATH);
};

/** @param {Element[]} fresh */
const merge = (fresh) => {
  const list = one('#dm-rows');
  const known = byKey(list);
  const isPage = list.hasAttribute('data-dm-page');
  for (const row of fresh) {
    const key = row.getAttribute('data-dm-key') || '';
    const old = known.get(key);
    if (row.hasAttribute('data-dm-gone')) {
      held.delete(key);
      if (old && key !== openId()) old.remove();
    } else if (old) {
      if (isOlder(old, row)) continue;
      mark(row);
      if (one('.dm-row__check', old)?.checked) one('.dm-row__check', row).setAttribute('checked', '');
      morph(old, row);
      insert(list, byKey(list).get(key), 'data-dm-sort');
    } else if (!isPage && isWithin(list, row)) {
      if (scroller().scrollTop > 8) held.set(key, row);
      else add(list, row);
    }
  }
  settle();
};

/** A page of the list knows nothing of rows beyond its end. @param {Element} list @param {Element} row */
const isWithin = (list, row) => {
  const hasMore = !!one('.dm-pages a[rel=next]');
  const last = list.querySelector('[data-dm-sort]:last-child');
  const place = (/** @type {Element} */ node) => Number(node.getAttribute('data-dm-sort'));
  return !hasMore || !last || place(row) < place(last);
};

/** @param {Element} list @param {Element} row */
const add = (list, row) => {
  mark(row);
  insert(list, row, 'data-dm-sort');
  while (list.children.length > MOST_SHOWN) list.lastElementChild?.remove();
};

/** @param {ParentNode} row */
const mark = (row) => {
  const link = row.querySelector('.dm-row__link');
  if (!(row instanceof Element) || !link) return;
  if (row.getAttribute('data-dm-key') === openId()) link.setAttribute('aria-current', 'true');
  else link.removeAttribute('aria-current');
};

const settle = () => {
  const news = one('#dm-news');
  news.hidden = !held.size;
  news.textContent = held.size ? word('news', held.size) : '';
  one('#dm-empty').hidden = !!one('#dm-rows').children.length;
  clearTimeout(forget);
  // That somebody types ends without a hint.
  const typing = all('#dm-rows [data-dm-typing]').map((row) => row.dataset.dmKey);
  if (typing.length) forget = window.setTimeout(() => refreshRows(typing), 6500);
};
/** @type {number | undefined} */
let forget;

/** Show the rows that came while the reader was further down. */
export const showHeld = () => {
  const list = one('#dm-rows');
  for (const row of held.values()) add(list, row);
  held.clear();
  scroller().scrollTop = 0;
  settle();
};

/** Another conversation is open, or another list. */
export const markRows = () => {
  all('#dm-rows > li').forEach(mark);
  if (one('#dm-news')) settle();
};

/** Whether something has happened to a conversation since the page was made. @param {any} row */
export const isNews = ({ id, revision, last_message_at: at }) => {
  // Row and thread are fetched apart: either may be ahead.
  if (id === openId() && revision > Number(one('#dm-talk').dataset.dmCursor)) return true;
  const known = one(`#dm-rows [data-dm-key="${id}"]`);
  if (known || id === openId()) return revision > Number(known?.dataset.dmRev);
  const times = all('#dm-rows .dm-row__time time').map((node) => Date.parse(node.dateTime));
  return Date.parse(at) >= Math.max(0, ...times);
};

/** The list has been exchanged as a whole. */
export const resetRows = () => {
  held.clear();
  wanted.clear();
};

/** @param {Record<string, number | string>} counters */
export const count = (counters) => {
  for (const node of all('[data-dm-count]')) {
    node.textContent = counters[node.dataset.dmCount] ?? node.textContent;
  }
};

/** @param {number} minutes */
const span = (minutes) => {
  if (minutes < 1) return word('now');
  if (minutes < 60) return word('min', minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? word('hour', hours) : word('day', Math.floor(hours / 24));
};

/** Let those who wait wait a little longer. */
export const tickClocks = () => {
  for (const node of all('[data-dm-since]')) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(node.dataset.dmSince)) / 60000));
    const level = minutes >= config.late ? 'late' : minutes >= config.soon ? 'soon' : 'ok';
    one('[data-dm-time]', node).textContent = span(minutes);
    one('[data-dm-level]', node).textContent = word(level);
    node.className = `dm-wait dm-wait--${level}`;
  }
};
