/** Writing: drafts, sending at once, prepared answers, emoji, and who is here. */
import { retryDelay } from '../shared/backoff.js';
import { move, verdict } from '../shared/message.js';
import { ask, call, config, isSeen, kept, one, openId, urlOf, word } from './page.js';
import { announce, send, show } from './forms.js';
import { closePicker, field, isNote, pickKey, put, suggest } from './picker.js';
import { onSent, takeTail } from './thread.js';

const EMOJI = '😀 😊 😉 😍 🤔 😅 😢 😮 👍 👎 👌 🙏 👏 💪 🤝 👋 ❤️ 🔥 ✨ 🎉 ✅ ❌ ⚠️ ⏳ 📦 🚚 📞 📧 📎 💳 🏠 🛠️';
const SHARE = 2000;
const STILL = 3000;

/** @type {Record<string, any>} typed texts by conversation, also without storage */
const drafts = {};
/** @type {number | undefined} */
let sharing;
let typedAt = 0;
let viewedAt = 0;
let warned = '';

const form = () => one('#dm-composer');
const keyOf = (/** @type {string} */ id) => `draft:${id}`;

/** A conversation has been opened: what was typed there comes back. */
export const arrive = () => {
  closePicker();
  look();
  const own = form();
  if (!own) return;
  one('[data-dm-emoji]', own)?.append(...EMOJI.split(' ').map(makeEmoji));
  const id = openId();
  const draft = drafts[id] ?? kept.get(keyOf(id));
  if (draft && !field().value) restore(draft);
  else if (!draft && !field().value) fetchDraft(id);
};

/** @param {any} draft */
const restore = ({ text, note, cid }) => {
  if (one(`[data-dm-sent="${CSS.escape(cid || '-')}"]`)) return forget(openId());
  field().value = text;
  if (cid) form().elements.client_id.value = cid;
  const kind = one(note ? '#dm-kind-note' : '#dm-kind-reply');
  if (kind) kind.checked = true;
};

/** What was begun on another computer. @param {string} id */
const fetchDraft = async (id) => {
  if (!one(`[data-dm-key="${id}"] .dm-chip--draft`)) return;
  const found = await call(urlOf('draft', id));
  const mode = found?.reply ? 'reply' : 'note';
  if (!found?.[mode] || id !== openId() || field()?.value) return;
  restore({ text: found[mode].body, note: mode === 'note', cid: '' });
};

/** @param {string} id */
const forget = (id) => {
  delete drafts[id];
  kept.set(keyOf(id), null);
};

/** Something was typed. */
export const onInput = () => {
  const id = openId();
  const draft = { text: field().value, note: isNote(), cid: form().elements.client_id.value };
  if (draft.text.trim()) {
    drafts[id] = draft;
    kept.set(keyOf(id), draft);
  } else forget(id);
  clearTimeout(sharing);
  sharing = window.setTimeout(() => share(id, draft), SHARE);
  if (Date.now() - typedAt > STILL && !draft.note) {
    typedAt = viewedAt = Date.now();
    call(urlOf('typing', id), { typing: !!draft.text, viewing: true });
  }
  suggest();
};

/** @param {string} id @param {{text: string, note: boolean}} draft */
const share = (id, { text, note }) =>
  call(urlOf('draft', id), { mode: note ? 'note' : 'reply', body: text });

/** Tell colleagues that this conversation is looked at. */
export const look = () => {
  viewedAt = Date.now();
  if (openId() && isSeen()) call(urlOf('typing', openId()), { typing: false, viewing: true });
};

/** Renew that, as long as somebody is there. @param {number} activeAt */
export const keepLooking = (activeAt) => {
  if (isSeen() && Date.now() - activeAt < 120000 && Date.now() - viewedAt > 20000) look();
};

/** @param {string} id that is no longer looked at */
export const leave = (id) => {
  if (id) call(urlOf('typing', id), { typing: false, viewing: false }, true);
};

onSent((cid) => {
  const id = openId();
  if (kept.get(keyOf(id))?.cid === cid) forget(id);
  if (form()?.elements.client_id.value !== cid) return;
  field().value = '';
  form().elements.client_id.value = makeId();
});

const makeId = () =>
  crypto.randomUUID?.() ||
  [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join('-');

/**
 * Send what stands in the composer: it is shown at once, and tried until the server has it.
 *
 * @param {?HTMLElement} submitter
 * @returns {Promise<string>} where to go afterwards
 */
export const submit = async (submitter) => {
  const own = form();
  const id = openId();
  const text = field().value;
  if (!text.trim()) return field().focus();
  if (/\{\{.*\}\}/.test(text) && warned !== text) {
    warned = text;
    announce(word('unfilled'), true, 8000);
    return '';
  }
  const cid = own.elements.client_id.value;
  const more = { after: one('#dm-talk').dataset.dmCursor };
  const body = { own, submitter, more, cid, id, note: isNote(), text };
  // The fields are read now: the form is free for the next text while this one travels.
  const request = send(own, submitter, more);
  const line = stand(body);
  own.querySelector('.dm-problem')?.remove();
  field().value = '';
  own.elements.client_id.value = makeId();
  // Until the server has it, it would come back after a reload, and under the same name.
  delete drafts[id];
  kept.set(keyOf(id), { text, note: body.note, cid });
  clearTimeout(sharing);
  typedAt = 0;
  look();
  one('.dm-composer__then')?.removeAttribute('open');
  return settle(body, line, request, 1);
};

/** Show a message that is on its way. @param {any} body */
const stand = ({ text, cid, note }) => {
  const line = one('#dm-tpl-out').content.firstElementChild.cloneNode(true);
  line.dataset.dmCid = cid;
  line.dataset.dmState = 'sending';
  line.classList.toggle('dm-line--note', note);
  line.classList.toggle('dm-line--operator', !note);
  one('[data-dm-body]', line).textContent = text;
  one('[data-dm-state]', line).textContent = word('sending');
  one('#dm-lines').append(line);
  one('#dm-scroll').scrollTop = 0;
  return line;
};

/**
 * @param {any} body @param {any} line @param {ReturnType<typeof ask>} request @param {number} tries
 * @returns {Promise<string>}
 */
const settle = async (body, line, request, tries) => {
  const { status, html, left } = await request;
  if (left) {
    // The login has ended. It leads back here, where the text waits with its old name.
    kept.set(keyOf(body.id), { text: body.text, note: body.note, cid: body.cid });
    location.reload();
    return '';
  }
  const event = verdict(status);
  line.dataset.dmState = move(line.dataset.dmState, event === 'session' ? 'again' : event);
  if (event === 'ok') {
    line.remove();
    if (kept.get(keyOf(body.id))?.cid === body.cid) kept.set(keyOf(body.id), null);
    const toast = one('[data-dm-toast]', html);
    if (toast) show(toast, 8000);
    else if (body.id === openId()) takeTail(html);
    return toast?.dataset.dmGoto || 'top';
  }
  const problem = one('#dm-composer', html);
  if (event === 'fatal' && problem && body.id === openId() && !field().value) {
    line.remove();
    form().replaceWith(problem);
    arrive();
    onInput();
    field().focus();
    return '';
  }
  if (event === 'fatal') {
    fail(body, line);
    return '';
  }
  const again = { ...body, frozen: body.frozen ?? freeze(body) };
  kept.set(keyOf(body.id), { text: body.text, note: body.note, cid: body.cid });
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    waiting.add(resolve);
    setTimeout(resolve, retryDelay(tries, Math.random()));
  });
  if (!line.isConnected && body.id === openId()) return ''; // it has arrived by another way
  line.dataset.dmState = 'sending';
  return settle(again, line, resend(again), tries + 1);
};

/** What goes on once the pause before the next try is over. @type {Set<() => void>} */
const waiting = new Set();

/** The server answers again: try at once what waits to be sent. */
export const hurry = () => {
  for (const goOn of waiting) goOn();
  waiting.clear();
};

/** Keep a message with all its fields, whatever becomes of the form. @param {any} body */
const freeze = ({ own, cid, note, text, submitter }) => {
  const data = new FormData(own);
  data.set('client_id', cid);
  data.set('kind', note ? 'note' : 'operator');
  data.set('body', text);
  if (submitter?.name) data.set(submitter.name, submitter.value);
  return { url: own.getAttribute('action'), data };
};

/** @param {any} body */
const resend = ({ frozen, more, id }) => {
  frozen.data.set('after', id === openId() ? one('#dm-talk').dataset.dmCursor : more.after);
  return ask(frozen.url, { method: 'POST', body: new URLSearchParams(frozen.data) });
};

/** @param {any} body @param {any} line */
const fail = (body, line) => {
  line.classList.add('dm-line--failed');
  one('[data-dm-state]', line).textContent = word('failed');
  one('[data-dm-ways]', line).hidden = false;
  one('[data-dm-discard]', line).onclick = () => line.remove();
  one('[data-dm-retry]', line).onclick = () => {
    const again = { ...body, frozen: body.frozen ?? freeze(body) };
    line.classList.remove('dm-line--failed');
    line.dataset.dmState = move(move('failed', 'retry'), 'start');
    one('[data-dm-state]', line).textContent = word('sending');
    one('[data-dm-ways]', line).hidden = true;
    settle(again, line, resend(again), 1);
  };
};

const makeEmoji = (/** @type {string} */ sign) => {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'dm-emoji__one';
  button.textContent = sign;
  button.onclick = () => put(sign);
  return button;
};

/** Keys in the text. @param {KeyboardEvent} event @returns {boolean} whether it was one of ours */
export const onKey = (event) => {
  const { key } = event;
  const enter = key === 'Enter' && !event.isComposing;
  if (pickKey(event)) return true;
  const sends = event.ctrlKey || event.metaKey || (config.prefs.enter && !event.shiftKey);
  if (!enter || !sends) return false;
  event.preventDefault();
  form().requestSubmit();
  return true;
};

/** @param {boolean} note */
export const write = (note) => {
  const kind = one(note ? '#dm-kind-note' : '#dm-kind-reply');
  if (kind) kind.checked = true;
  field()?.focus();
};

export const toggleNote = () => write(!isNote());
