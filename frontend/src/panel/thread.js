/** The open thread: what is new is asked for by revision and merged by key. */
import { all, ask, isSeen, listQuery, one, openId, talk, urlOf } from './page.js';
import { byKey, insert, isOlder, morph } from './patch.js';

const NEAR = 40;

let asking = false;
let again = false;
/** @type {number | undefined} */
let forget;

const scroller = () => one('#dm-scroll');

/** Whether the newest line is in sight. The thread is laid out from its end: there it stands at 0. */
const isAtEnd = () => Math.abs(scroller().scrollTop) < NEAR;

/** Ask for what is new in the open conversation, unless this is a page of older messages. */
export const refreshThread = async () => {
  const box = talk();
  if (!box || !('dmNewest' in box.dataset)) return;
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  const id = openId();
  const read = isSeen() && isAtEnd() ? '&read=1' : '';
  const query = listQuery();
  const after = `after=${box.dataset.dmCursor}${read}`;
  const { ok, status, html } = await ask(`${urlOf('tail', id)}${query ? `${query}&` : '?'}${after}`);
  asking = false;
  if (id !== openId()) return;
  if (ok) takeTail(html);
  else if (status === 404) location.reload(); // moved out of reach: the server has the words
  if (again) {
    again = false;
    refreshThread();
  }
};

/** Merge an answer of the server's. @param {ParentNode} html */
export const takeTail = (html) => {
  const tail = one('[data-dm-tail]', html);
  if (!tail) return;
  const box = talk();
  const wasAtEnd = isAtEnd();
  const nodes = [...one('[data-dm-lines]', tail).children];
  for (const id of ['dm-people', 'dm-head', 'dm-side']) {
    const piece = one(`#${id}`, tail);
    if (piece && one(`#${id}`)) morph(one(`#${id}`), piece);
  }
  box.dataset.dmCursor = String(Math.max(Number(tail.dataset.dmTail), Number(box.dataset.dmCursor)));
  // While an answer is being written, a colleague's is for the server to ask about.
  const isHeld = !!one('#dm-text')?.value && !!one('.dm-line--operator:not([data-dm-own])', tail);
  for (const field of all('[data-dm-seen-seq]')) {
    if (!field.form || field.form.id !== 'dm-composer') field.value = box.dataset.dmCursor;
    else if (isHeld) field.dataset.dmHeld = '';
    else if (!('dmHeld' in field.dataset)) field.value = box.dataset.dmCursor;
  }
  const fresh = mergeLines(nodes);
  markSeen(Number(tail.dataset.dmSeen));
  if (wasAtEnd) scroller().scrollTop = 0;
  else if (fresh) one('#dm-below').hidden = false;
  clearTimeout(forget);
  if ('dmTyping' in (one('#dm-people')?.dataset ?? {})) forget = window.setTimeout(refreshThread, 6500);
  if ('dmMore' in tail.dataset) again = true;
};

/** @param {Element[]} nodes lines and names of days @returns {boolean} whether a visitor's is new */
const mergeLines = (nodes) => {
  const list = one('#dm-lines');
  const known = byKey(list);
  const scroll = scroller();
  const before = scroll.scrollHeight;
  let fresh = false;
  for (const node of nodes) {
    const key = node.getAttribute('data-dm-key');
    if (!key) {
      const day = node.getAttribute('data-dm-day');
      if (!one(`[data-dm-day="${day}"]`, list)) list.append(node);
      continue;
    }
    const old = known.get(key);
    if (old && isOlder(old, node)) continue;
    if (old) {
      morph(old, node);
      continue;
    }
    dropSent(node);
    divide(list, node);
    list.append(node);
    insert(list, node, 'data-dm-seq');
    fresh ||= node.classList.contains('dm-line--visitor');
  }
  // What comes below must not move what is being read.
  if (scroll.scrollTop < -NEAR) scroll.scrollTop -= scroll.scrollHeight - before;
  all('.dm-line--out', list).forEach((line) => list.append(line));
  return fresh;
};

/** A message of ours has arrived: its stand-in goes. @param {Element} node */
const dropSent = (node) => {
  const sent = node.getAttribute('data-dm-sent');
  if (!sent) return;
  one(`.dm-line--out[data-dm-cid="${CSS.escape(sent)}"]`)?.remove();
  arrived(sent);
};

let arrived = (/** @type {string} */ _) => {};

/** @param {(cid: string) => void} job when the server has a message of ours, by its own name */
export const onSent = (job) => {
  arrived = job;
};

/** Draw the line above the first message that nobody has looked at. @param {Element} list @param {Element} node */
const divide = (list, node) => {
  const isTheirs = node.classList.contains('dm-line--visitor');
  if (!isTheirs || one('.dm-new', list) || (isSeen() && isAtEnd())) return;
  list.append(one('#dm-tpl-new').content.cloneNode(true));
};

/** Put the word "seen" under the last of our lines that was. @param {number} seq */
const markSeen = (seq) => {
  const lines = all('#dm-lines .dm-line--operator[data-dm-seq]');
  const last = lines.filter((line) => Number(line.dataset.dmSeq) <= seq).pop();
  if (!last || one('.dm-line__seen', last)) return;
  all('#dm-lines .dm-line__seen').forEach((mark) => mark.remove());
  last.append(one('#dm-tpl-seen').content.cloneNode(true));
};

/** Fetch the page before the one that is shown; what is read stays where it is. */
export const loadOlder = async () => {
  const link = one('#dm-older a');
  if (!link || link.dataset.dmBusy) return;
  link.dataset.dmBusy = '1';
  const id = openId();
  const { ok, html } = await ask(link.href, { part: 'lines' });
  delete link.dataset.dmBusy;
  if (!ok || id !== openId()) return;
  const list = one('#dm-lines');
  const older = one('#dm-lines', html);
  const days = new Set(all('[data-dm-day]', older).map((node) => node.dataset.dmDay));
  all('[data-dm-day]', list).forEach((node) => days.has(node.dataset.dmDay) && node.remove());
  one('#dm-older').remove();
  list.prepend(...older.children);
};

/** The thread has been scrolled. */
export const onScroll = () => {
  const box = scroller();
  if (isAtEnd() && !one('#dm-below').hidden) {
    one('#dm-below').hidden = true;
    refreshThread(); // it is read now
  }
  if (box.scrollHeight + box.scrollTop - box.clientHeight < 200) loadOlder();
};

/** Begin where the reader has left off, if that is further up. */
export const toUnread = () => {
  const line = one('#dm-lines .dm-new');
  const top = scroller()?.getBoundingClientRect().top;
  if (line?.getBoundingClientRect().top < top) line.scrollIntoView({ block: 'start' });
};

export const toEnd = () => {
  scroller().scrollTop = 0;
  onScroll();
};
