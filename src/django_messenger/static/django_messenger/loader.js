/**
 * The visitor's chat: a launcher and a panel in a shadow root, on any page by one tag.
 *
 *   <script async src="https://crm.example/api/widget/loader.js" data-widget-token="…"></script>
 *
 * Optional: data-lang, data-position (left or right), data-title, data-color (#rrggbb).
 * Nothing is stored and nothing else is requested until the visitor opens the chat.
 */
(() => {
  'use strict';
  const TAG = 'django-messenger';
  const script = /** @type {?HTMLScriptElement} */ (document.currentScript);
  const token = script && script.dataset.widgetToken;
  if (!script || !token || !window.customElements || customElements.get(TAG)) return;
  customElements.define(TAG, class extends HTMLElement {});

  /**
   * @typedef {{cid: string, body: string, failed?: boolean}} Unsent
   * @typedef {{session?: string, visitor?: string, conversation?: string, open?: boolean,
   *   seen: number, out: Unsent[]}} Kept
   * @typedef {{id: string, seq: number, revision: number, kind: string, body: string,
   *   author: ?{name: string}, client_id?: string, created_at: string, edited_at: ?string,
   *   removed: boolean, era: number}} Message
   * @typedef {{status: number, ok: boolean, data: any, wait: number}} Answer
   */

  /** @type {Record<string, Record<string, any>>} */
  const WORDS = {
    en: {
      chat: 'Chat',
      hello: 'Hello! How can we help?',
      open: 'Open chat',
      close: 'Close chat',
      log: 'Messages',
      write: 'Write a message',
      send: 'Send',
      you: 'You',
      sending: 'Sending…',
      waiting: 'Will be sent later',
      sent: 'Sent',
      seen: 'Seen',
      failed: 'Not sent',
      retry: 'Try again',
      drop: 'Delete',
      edited: 'edited',
      removed: 'Message deleted',
      newer: 'New messages',
      loading: 'Loading…',
      ended: 'This conversation is finished. Just write if there is anything else.',
      offline: 'No connection. Your messages will go out as soon as it is back.',
      busy: {
        one: 'Too many messages at once. Next try in # second.',
        other: 'Too many messages at once. Next try in # seconds.',
      },
      left: { one: '# character left', other: '# characters left' },
      over: { one: 'Too long by # character', other: 'Too long by # characters' },
      unread: { one: '# unread message', other: '# unread messages' },
    },
    ru: {
      chat: 'Чат',
      hello: 'Здравствуйте! Чем помочь?',
      open: 'Открыть чат',
      close: 'Закрыть чат',
      log: 'Сообщения',
      write: 'Напишите сообщение',
      send: 'Отправить',
      you: 'Вы',
      sending: 'Отправляется…',
      waiting: 'Уйдёт позже',
      sent: 'Отправлено',
      seen: 'Прочитано',
      failed: 'Не отправлено',
      retry: 'Повторить',
      drop: 'Удалить',
      edited: 'изменено',
      removed: 'Сообщение удалено',
      newer: 'Новые сообщения',
      loading: 'Загрузка…',
      ended: 'Разговор завершён. Если что-то ещё — просто напишите.',
      offline: 'Нет связи. Сообщения уйдут, как только она появится.',
      busy: {
        one: 'Слишком много сообщений подряд. Повторим через # секунду.',
        few: 'Слишком много сообщений подряд. Повторим через # секунды.',
        other: 'Слишком много сообщений подряд. Повторим через # секунд.',
      },
      left: { one: 'Остался # символ', few: 'Осталось # символа', other: 'Осталось # символов' },
      over: {
        one: 'Длиннее на # символ',
        few: 'Длиннее на # символа',
        other: 'Длиннее на # символов',
      },
      unread: {
        one: '# непрочитанное сообщение',
        few: '# непрочитанных сообщения',
        other: '# непрочитанных сообщений',
      },
    },
  };

  const CSS = `
:host { display: contents !important }
.dm { all: initial; --fg: #1a1d23; --bg: #fff; --muted: #59616e; --in: #eff1f5; --line: #d9dde4;
  --bad: #b42318; color: var(--fg); color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
:where(.dm *) { box-sizing: border-box; margin: 0; font: inherit }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap }
button { display: inline-grid; place-items: center; min-width: 44px; min-height: 44px; padding: 0;
  border: 1px solid transparent; background: none; color: inherit; cursor: pointer;
  touch-action: manipulation }
button:disabled { opacity: .4; cursor: default }
:focus-visible { outline: 3px solid var(--fg); outline-offset: 2px; box-shadow: 0 0 0 2px var(--bg) }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round }
.launcher, .send { border-radius: 50%; background: var(--dm-accent); color: var(--dm-on-accent) }
.launcher, .panel { position: fixed; z-index: 2147483000; right: 20px; bottom: 20px;
  margin-bottom: env(safe-area-inset-bottom); box-shadow: 0 4px 24px #0004 }
.left :is(.launcher, .panel) { right: auto; left: 20px }
.launcher { width: 56px; height: 56px }
.opened .launcher > :first-child, .dm:not(.opened) .launcher > :nth-child(2) { display: none }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px;
  border: 1px solid #fff; border-radius: 11px; background: #b42318; color: #fff;
  font-size: 12px; font-weight: 600; line-height: 20px }
.panel { inset: auto 20px 92px auto; width: 384px; height: min(640px, 100dvh - 120px);
  max-width: none; max-height: none; padding: 0; overflow: hidden; flex-direction: column;
  border: 1px solid var(--line); border-radius: 16px; background: var(--bg); color: var(--fg) }
.panel[open] { display: flex }
header { display: flex; align-items: center; padding: 8px 8px 8px 20px;
  background: var(--dm-accent); color: var(--dm-on-accent) }
h2 { flex: 1; overflow: hidden; font-size: 17px; font-weight: 600; text-overflow: ellipsis;
  white-space: nowrap }
header :focus-visible { outline-color: currentColor; outline-offset: -4px; box-shadow: none }
.bar { padding: 8px 20px; border-bottom: 1px solid var(--line); background: var(--in);
  font-size: 13px }
.log { flex: 1; overflow: auto; overscroll-behavior: contain; padding: 16px }
.log:focus-visible { outline-offset: -3px }
.row { display: flex; flex-direction: column; align-items: flex-start; margin-bottom: 4px }
.own { align-items: flex-end }
.who, .meta { padding: 0 4px; color: var(--muted); font-size: 12px }
.meta { display: flex; flex-wrap: wrap; align-items: center; margin-bottom: 10px }
.bad .meta { color: var(--bad) }
.meta button { padding: 0 6px; color: var(--fg); text-decoration: underline }
.text { max-width: 85%; padding: 8px 14px; border: 1px solid transparent; border-radius: 18px;
  background: var(--in); white-space: pre-wrap; overflow-wrap: anywhere }
.own .text { background: var(--dm-accent); color: var(--dm-on-accent) }
.bad .text { border-color: var(--bad); background: none; color: var(--fg) }
.gone .text { border: 1px dashed var(--muted); background: none; color: var(--muted) }
.text a { color: inherit; text-decoration: underline }
.ended { color: var(--muted); font-size: 13px; text-align: center }
.pill { align-self: center; height: 44px; margin-top: -52px; margin-bottom: 8px; padding: 0 18px;
  border-radius: 22px; background: var(--fg); color: var(--bg); font-size: 13px }
.hint { min-height: 22px; padding: 0 20px; color: var(--muted); font-size: 13px }
.over { color: var(--bad) }
form { display: flex; align-items: flex-end; gap: 8px; padding: 2px 12px 12px }
textarea { flex: 1; min-width: 0; height: 46px; max-height: 120px; padding: 10px 14px;
  border: 1px solid var(--muted); border-radius: 22px; background: var(--bg); color: inherit;
  font-size: 16px; resize: none }
textarea:focus-visible { outline-width: 2px; outline-offset: -1px; box-shadow: none }
::placeholder { color: var(--muted); opacity: 1 }
[hidden] { display: none !important }
@media (max-width: 480px), (max-height: 480px) {
  .dm .panel { inset: var(--dm-top, 0) 0 auto; width: 100%; height: var(--dm-height, 100dvh);
    margin: 0; border: 0; border-radius: 0; padding-bottom: env(safe-area-inset-bottom) }
}
@media (prefers-color-scheme: dark) {
  .dm { --fg: #eceef2; --bg: #16181d; --muted: #a3abb8; --in: #272b33; --line: #343943;
    --bad: #ff9c92 }
}
@media (prefers-reduced-motion: no-preference) {
  .panel { animation: dm-in .16s ease-out }
  .launcher { transition: scale .16s }
  .launcher:hover { scale: 1.06 }
}
@keyframes dm-in { from { opacity: 0; translate: 0 12px } }
@media print { .dm { display: none } }`;

  const base = new URL('.', script.src).href;
  const KEY = 'dm:' + token;
  const SIGN = 'http://www.w3.org/2000/svg';
  const attributes = script.dataset;
  const now = () => performance.now();

  // --- What outlives the page; the tabs of a browser share it -----------------------------------

  let memory = '{}';
  let storable = true;

  /** @returns {Kept} */
  const kept = () => {
    let text;
    try {
      text = storable && localStorage.getItem(KEY);
    } catch {}
    return { seen: 0, out: [], ...JSON.parse(text || memory) };
  };

  const keep = (/** @type {Partial<Kept>} */ changes) => {
    memory = JSON.stringify({ ...kept(), ...changes });
    try {
      localStorage.setItem(KEY, memory);
    } catch {
      storable = false; // blocked or full: what is in memory must not be lost behind an older copy
    }
  };

  // --- State ------------------------------------------------------------------------------------

  /** @type {Map<string, Message>} */
  const messages = new Map();
  /** @type {Map<string, any>} */
  const rows = new Map();
  let { conversation, seen: cursor } = kept();
  let reported = cursor; // the visitor's read mark as the server knows it
  let era = 0; // counts conversations: each numbers its messages from 1
  let round = 0; // counts moves of the cursor that make a running poll worthless
  let operatorRead = 0;
  let status = '';
  /** @type {any} */
  let config;
  let words = WORDS.en;
  let locale = 'en';
  let plurals = new Intl.PluralRules(locale);
  /** @type {Intl.DateTimeFormat[]} */
  let clocks = [];
  let isOpen = false;
  let atEnd = true; // of the log
  let gone = false;
  let wanted = false; // the history, since the first opening
  let complete = false;
  let failures = 0;
  let notBefore = 0;
  let limitedUntil = 0;
  let lastActive = now();
  let fatal = '';
  let announced = 0; // unread messages
  let notice = '';
  let flushing = false;
  let polling = false;
  /** @type {?Promise<Answer>} */
  let starting = null;
  /** @type {number | undefined} */
  let flushTimer;
  /** @type {number | undefined} */
  let pollTimer;
  /** @type {number | undefined} */
  let barTimer;
  /** @type {number | undefined} */
  let configTimer;

  // --- Talking to the server: forms without headers of our own, so that there is no preflight ---

  /** @returns {Promise<Answer>} Status 0 stands for no answer, or none of ours. */
  const request = async (
    /** @type {string} */ path,
    /** @type {?Record<string, any>} */ fields,
  ) => {
    const answer = { status: 0, ok: false, data: null, wait: 0 };
    try {
      const response = await fetch(base + path, {
        method: fields ? 'POST' : 'GET',
        body: fields && new URLSearchParams({ widget_token: token, ...fields }),
        credentials: 'omit',
        signal: AbortSignal.timeout?.(15000),
      });
      answer.data = await response.json();
      answer.status = response.status;
      answer.ok = response.ok;
      answer.wait = 1000 * Number(response.headers.get('Retry-After')) || 0;
    } catch {}
    if (answer.status === 403 || answer.status === 404) vanish();
    if (!answer.status || answer.status > 499) {
      const longest = Math.min(60000, 1000 * 2 ** failures++);
      answer.wait = Math.max(answer.wait, (longest * (1 + Math.random())) / 2);
    } else {
      failures = 0;
      if (!answer.ok) answer.wait ||= 5000;
    }
    return answer;
  };

  const boot = async () => {
    const { visitor } = kept();
    const answer = await request('bootstrap/', {
      ...(visitor && { visitor_token: visitor }),
      page_url: location.origin + location.pathname,
      referrer: document.referrer.split(/[?#]/)[0],
      locale: navigator.language,
    });
    if (answer.ok) {
      keep({
        session: answer.data.widget_session_token,
        visitor: answer.data.visitor_token || visitor,
        open: isOpen,
      });
      follow(answer.data.conversation.id);
    }
    return answer;
  };

  /** Call with both tokens; start a session where there is none or it has ended. */
  const talk = async (/** @type {string} */ path, /** @type {Record<string, any>} */ fields) => {
    for (let tries = 0; ; tries++) {
      const { session } = kept();
      let answer;
      if (session) {
        answer = await request(path, { ...fields, widget_session_token: session });
        if (answer.status !== 401) return answer;
        // Another tab may have started a new one meanwhile.
        if (kept().session === session) keep({ session: '' });
        if (tries) return { ...answer, status: 0 };
      } else {
        answer = await (starting ||= boot().finally(() => (starting = null)));
        if (!answer.ok) return answer;
      }
    }
  };

  /** The messages from now on belong to this conversation. */
  const follow = (/** @type {string | undefined} */ id) => {
    if (id === conversation) return;
    if (conversation) era++;
    conversation = id;
    cursor = reported = operatorRead = 0;
    status = '';
    round++;
    if (kept().conversation !== id) keep({ conversation: id, seen: 0 });
  };

  const merge = (/** @type {Message[]} */ list) => {
    for (const message of list) {
      const key = message.client_id || message.id;
      const known = messages.get(key);
      if (known && known.revision >= message.revision) continue;
      if (!known) lastActive = now();
      messages.set(key, { ...message, era });
    }
    const { out } = kept();
    const left = out.filter(({ cid }) => !messages.has(cid));
    if (left.length < out.length) keep({ out: left });
    render();
  };

  /** Send what waits, one after the other; only one tab at a time. */
  const flush = async () => {
    clearTimeout(flushTimer);
    if (flushing || gone) return;
    const next = () => kept().out.find(({ failed }) => !failed);
    let wait = limitedUntil - now();
    if (wait <= 0) {
      flushing = true;
      wait = 0;
      const job = async () => {
        while (!wait && !gone) {
          const item = next();
          if (!item) break;
          wait = await deliver(item);
        }
      };
      await (navigator.locks ? navigator.locks.request(KEY, job).catch(job) : job());
      flushing = false;
    }
    if (next() && !gone) flushTimer = setTimeout(flush, wait);
    render();
  };

  /** @returns {Promise<number>} How long to wait before the next try, 0 when it is settled. */
  const deliver = async (/** @type {Unsent} */ { cid, body }) => {
    const answer = await talk('send/', { body, client_id: cid, [trap.name]: trap.value });
    if (answer.ok) {
      follow(answer.data.conversation.id);
      status = answer.data.conversation.status;
      merge([answer.data.message]);
      pollSoon();
      return 0;
    }
    if (answer.status > 399 && answer.status < 500 && ![408, 425, 429].includes(answer.status)) {
      change(cid, { failed: true });
      fatal = answer.status === 401 ? answer.data.detail : '';
      say(`${words.failed}: ${body}`);
      return 0;
    }
    if (answer.status === 429) limitedUntil = now() + answer.wait;
    render();
    return answer.wait;
  };

  const change = (/** @type {string} */ cid, /** @type {Partial<Unsent>} */ changes) =>
    keep({ out: kept().out.map((item) => (item.cid === cid ? { ...item, ...changes } : item)) });

  const poll = async () => {
    clearTimeout(pollTimer);
    const { session, visitor } = kept();
    if (polling || gone || !(session || visitor)) return;
    polling = true;
    const began = round;
    const { ok, status: code, data, wait } = await talk('poll/', { after: cursor });
    polling = false;
    if (gone || code === 401) return;
    let pause = ok ? 0 : wait;
    notBefore = now() + wait;
    if (ok && began === round) {
      // A smaller number than ours: another device has moved this session to a new conversation.
      if (data.cursor < cursor) {
        era++;
        round++;
        cursor = reported = 0;
        keep({ seen: 0 });
      } else {
        cursor = data.cursor;
        status = data.conversation.status;
        operatorRead = data.operator_read_seq;
        complete = wanted && !data.has_more;
        notBefore = now() + 1000 * data.next_in;
        if (!data.has_more) pause = Math.max(interval(), 1000 * data.next_in);
        merge(data.messages);
      }
    }
    pollTimer = setTimeout(poll, pause);
    render();
  };

  const pollSoon = () => {
    clearTimeout(pollTimer);
    pollTimer = setTimeout(poll, Math.max(0, notBefore - now()));
  };

  const interval = () => {
    const idle = (now() - lastActive) / 60000;
    let seconds = idle < 5 ? 20 : 60;
    if (document.hidden) seconds = isOpen ? 30 : 60;
    else if (isOpen) seconds = idle < 1 ? 3 : idle < 5 ? 8 : 20;
    return seconds * (900 + 200 * Math.random());
  };

  const resume = () => {
    if (document.hidden) return;
    failures = 0;
    if (isOpen) configure();
    flush();
    pollSoon();
    render();
  };

  /** Switched off, unknown, or not for this site: as if it had never been there. */
  const vanish = () => {
    gone = true;
    host.remove();
  };

  // --- Drawing ----------------------------------------------------------------------------------

  /**
   * @param {string} tag
   * @param {Record<string, any>} [values] properties, or attributes where there is no property
   * @param {(Node | string)[]} children
   * @returns {any}
   */
  const make = (tag, values = {}, ...children) => {
    const node = /** @type {any} */ (document.createElement(tag));
    for (const [name, value] of Object.entries(values)) {
      if (name in node) node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  };

  const icon = (/** @type {string} */ d) => {
    const svg = document.createElementNS(SIGN, 'svg');
    const path = document.createElementNS(SIGN, 'path');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', d);
    svg.append(path);
    return svg;
  };

  const host = document.createElement(TAG);
  const root = host.attachShadow({ mode: 'open' });
  const badge = make('span', { className: 'badge', hidden: true });
  const launcher = make(
    'button',
    { className: 'launcher', type: 'button', 'aria-haspopup': 'dialog' },
    icon('M21 12a8 8 0 0 1-8 8H4l1.8-3.6A8 8 0 1 1 21 12ZM9 12h.01M13 12h.01M17 12h.01'),
    icon('M6 9l6 6 6-6'),
    badge,
  );
  const title = make('h2', { id: 'title' });
  const close = make('button', { type: 'button' }, icon('M6 6l12 12M18 6L6 18'));
  const bar = make('p', { className: 'bar', hidden: true });
  const greeting = make('p', { className: 'text', dir: 'auto' });
  const ended = make('p', { className: 'ended' });
  const log = make(
    'div',
    { className: 'log', role: 'log', tabIndex: 0, 'aria-live': 'off' },
    make('div', { className: 'row' }, greeting),
  );
  const pill = make('button', { className: 'pill', type: 'button', hidden: true });
  const hint = make('p', { className: 'hint', id: 'hint' });
  const input = make('textarea', {
    rows: 1,
    dir: 'auto',
    enterKeyHint: 'send',
    'aria-describedby': 'hint',
  });
  const send = make('button', { className: 'send', disabled: true }, icon('M12 19V5M5 12l7-7 7 7'));
  const trap = make('input', { tabIndex: -1, autocomplete: 'off', name: 'website' });
  const form = make(
    'form',
    {},
    make('div', { className: 'vh', 'aria-hidden': 'true' }, trap),
    input,
    send,
  );
  const spoken = make('p', { className: 'vh', role: 'status' });
  const panel = make(
    'dialog',
    { className: 'panel', 'aria-labelledby': 'title' },
    make('header', {}, title, close),
    bar,
    log,
    pill,
    hint,
    form,
  );
  const frame = make('div', { className: 'dm', dir: 'ltr' }, launcher, panel, spoken);

  const say = (/** @type {string} */ text) => (spoken.textContent = text);

  const count = (/** @type {Record<string, string>} */ forms, /** @type {number} */ number) =>
    (forms[plurals.select(number)] || forms.other).replace('#', `${number}`);

  const pick = (/** @type {Record<string, string>} */ texts) =>
    texts[locale] || texts[locale.split('-')[0]] || Object.values(texts)[0];

  /** Put what depends on language and inbox into its place. */
  const dress = () => {
    const { appearance = {}, texts = {}, name, honeypot_field: field } = config || {};
    try {
      const wish = attributes.lang || (config && config.locale) || navigator.language;
      [locale] = Intl.getCanonicalLocales(wish.replace('_', '-'));
    } catch {}
    const language = locale.split('-')[0] === 'ru' ? 'ru' : 'en';
    words = WORDS[language];
    plurals = new Intl.PluralRules(language);
    /** @type {Intl.DateTimeFormatOptions[]} */
    const days = [{}, { day: 'numeric', month: 'short' }];
    clocks = days.map(
      (day) => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', ...day }),
    );
    frame.lang = language;
    title.textContent = attributes.title || pick(texts.title || {}) || name || words.chat;
    greeting.textContent = pick(texts.greeting || {}) || words.hello;
    ended.textContent = words.ended;
    pill.textContent = words.newer;
    input.placeholder = words.write;
    input.setAttribute('aria-label', words.write);
    send.setAttribute('aria-label', words.send);
    close.setAttribute('aria-label', words.close);
    log.setAttribute('aria-label', words.log);
    if (field) trap.name = field;
    frame.classList.toggle('left', (attributes.position || appearance.position) === 'left');
    const color = appearance.color || attributes.color || '#1d4ed8';
    const [r, g, b] = [1, 3, 5].map((place) => parseInt(color.slice(place, place + 2), 16));
    const onColor = r * 0.3 + g * 0.59 + b * 0.11 > 150 ? '#000' : '#fff';
    host.style.setProperty('--dm-accent', color);
    host.style.setProperty('--dm-on-accent', appearance.on_color || onColor);
    rows.forEach((row) => (row.drawn = ''));
    render();
  };

  const configure = async () => {
    clearTimeout(configTimer);
    if (config || gone) return;
    const path = `config/?widget_token=${encodeURIComponent(token)}`;
    const answer = await request(path, null);
    if (answer.ok) config = answer.data;
    else configTimer = setTimeout(configure, answer.wait);
    // A site that is not on the list may not read the refusal, but it can tell it from silence.
    if (!answer.status && failures > 3 && !kept().session) {
      fetch(base + path, { mode: 'no-cors' }).then(vanish, () => {});
    }
    dress();
  };

  /** @returns {(Node | string)[]} The text with its web addresses as links. */
  const linked = (/** @type {string} */ text) => {
    const parts = [];
    let end = 0;
    for (const { 0: found, index } of text.matchAll(/https?:\/\/[^\s<>"]+/gi)) {
      const href = found.replace(found.includes('(') ? /[.,;:!?'»”]+$/ : /[.,;:!?'»”)\]]+$/, '');
      const rel = 'noopener noreferrer nofollow';
      const link = make('a', { href, target: '_blank', rel }, href);
      if (!/^https?:$/.test(link.protocol) || link.username) continue;
      // Two alphabets in one name may imitate another: show what the browser makes of it.
      if (/[a-z][^\0-\x7f]|[^\0-\x7f][a-z]/i.test(href.split('/')[2])) link.textContent = link.href;
      parts.push(text.slice(end, index), link);
      end = index + href.length;
    }
    return [...parts, text.slice(end)];
  };

  const time = (/** @type {string} */ moment) => {
    const date = new Date(moment);
    const today = date.toDateString() === new Date().toDateString();
    return clocks[today ? 0 : 1].format(date);
  };

  /** Messages of the same ten minutes share one time. */
  const minutes = (/** @type {Message | undefined} */ message) => message?.created_at.slice(0, 15);

  const rowOf = (/** @type {string} */ key) => {
    let row = rows.get(key);
    if (!row) {
      const who = make('span');
      const text = make('p', { className: 'text', dir: 'auto' });
      const meta = make('div', { 'aria-live': 'off' });
      row = { who, text, meta, node: make('div', {}, who, text, meta), drawn: '', body: null };
      rows.set(key, row);
    }
    return row;
  };

  const toEnd = () => {
    atEnd = true;
    log.scrollTop = log.scrollHeight;
  };

  const render = () => {
    const { out, seen } = kept();
    const list = [...messages].sort(([, a], [, b]) => a.era - b.era || a.seq - b.seq);
    let place = log.firstChild;
    const put = (/** @type {Node} */ node) => {
      if (place.nextSibling !== node) log.insertBefore(node, place.nextSibling);
      place = node;
    };
    const lastOwn = list.findLast(([, { kind }]) => kind === 'visitor')?.[0];
    list.forEach(([key, message], index) => {
      const state = key === lastOwn && (operatorRead >= message.seq ? words.seen : words.sent);
      put(drawMessage(key, message, state, list[index - 1]?.[1], list[index + 1]?.[1]));
    });
    out.forEach((item) => put(drawUnsent(item)));
    if (status === 'resolved' || status === 'closed') put(ended);
    while (place.nextSibling) place.nextSibling.remove();
    if (atEnd) toEnd();
    const all = [...messages.values()];
    look(
      all.filter((message) => message.era === era && message.kind !== 'visitor'),
      seen,
    );
    drawState();
    if (complete || !conversation) log.setAttribute('aria-live', 'polite');
  };

  /** Draw one row where it differs from what is there. */
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
      row.meta.className = kind.includes('tail') ? 'meta' : 'vh';
      row.meta.replaceChildren(meta, ...actions);
    }
    if (row.body !== body) {
      row.body = body;
      row.text.replaceChildren(...linked(body));
    }
    return row.node;
  };

  const drawMessage = (
    /** @type {string} */ key,
    /** @type {Message} */ message,
    /** @type {string | false} */ state,
    /** @type {Message | undefined} */ before,
    /** @type {Message | undefined} */ after,
  ) => {
    const { kind, body, removed, author } = message;
    const own = kind === 'visitor';
    const name = own ? words.you : author ? author.name : title.textContent;
    const same = (/** @type {Message | undefined} */ other) =>
      other && other.kind === kind && other.author?.name === author?.name;
    const tail = state || !same(after) || minutes(after) !== minutes(message);
    let kinds = own ? 'own' : same(before) ? '' : 'named';
    if (tail) kinds += ' tail';
    if (removed) kinds += ' gone';
    const meta = [time(message.created_at)];
    if (message.edited_at && !removed) meta.push(words.edited);
    if (state) meta.push(state);
    return draw(key, kinds, name, removed ? words.removed : body, meta.join(' · '));
  };

  const drawUnsent = (/** @type {Unsent} */ { cid, body, failed }) => {
    if (!failed) {
      const waits = failures || limitedUntil > now();
      return draw(cid, 'own tail wait', words.you, body, waits ? words.waiting : words.sending);
    }
    const action = (/** @type {string} */ text, /** @type {() => void} */ onclick) =>
      make('button', { type: 'button', onclick }, text);
    const retry = action(words.retry, () => {
      change(cid, { failed: false });
      input.focus();
      flush();
      render();
    });
    const drop = action(words.drop, () => {
      keep({ out: kept().out.filter((item) => item.cid !== cid) });
      input.focus();
      render();
    });
    return draw(cid, 'own tail bad', words.you, body, words.failed, retry, drop);
  };

  /** Note what the visitor has seen; count what they have not. */
  const look = (/** @type {Message[]} */ theirs, /** @type {number} */ seen) => {
    const last = Math.max(0, ...theirs.map(({ seq }) => seq));
    if (isOpen && !document.hidden && atEnd) {
      if (last > seen) keep({ seen: (seen = last) });
      if (last > reported) {
        reported = last;
        talk('read/', { read_seq: last }).then(({ ok }) => ok || (reported = 0));
      }
    }
    const unread = theirs.filter(({ seq, removed }) => seq > seen && !removed).length;
    const text = count(words.unread, unread);
    if (unread > announced && !isOpen) say(text);
    announced = unread;
    badge.hidden = !unread;
    badge.textContent = unread > 99 ? '99+' : unread;
    pill.hidden = !unread || atEnd;
    launcher.setAttribute(
      'aria-label',
      isOpen ? words.close : unread ? `${words.open}. ${text}` : words.open,
    );
  };

  /** The lines above and below the log, and the button. */
  const drawState = () => {
    clearTimeout(barTimer);
    const seconds = Math.ceil((limitedUntil - now()) / 1000);
    const offline = failures > 1 || navigator.onLine === false;
    const text = seconds > 0 ? count(words.busy, seconds) : offline ? words.offline : fatal;
    const kind = text.replace(/\d+/, '');
    if (isOpen && kind && kind !== notice) say(text);
    notice = kind;
    bar.hidden = !text;
    bar.textContent = text;
    if (seconds > 0) barTimer = setTimeout(drawState, 1000);
    const limit = config ? config.limits.max_message_length : 2000;
    const left = limit - [...input.value.normalize()].length;
    hint.classList.toggle('over', left < 0);
    input.setAttribute('aria-invalid', left < 0);
    hint.textContent =
      left < 0
        ? count(words.over, -left)
        : left < 100
          ? count(words.left, left)
          : wanted && conversation && !complete
            ? words.loading
            : '';
    send.disabled = left < 0 || !input.value.trim();
  };

  // --- What the visitor does --------------------------------------------------------------------

  const page = document.documentElement.style;
  let overflow = '';
  const small = matchMedia('(max-width: 480px), (max-height: 480px)');

  const toggle = (/** @type {boolean} */ open, /** @type {boolean} */ quiet) => {
    if (open === isOpen || gone) return;
    isOpen = open;
    frame.classList.toggle('opened', open);
    (open ? panel : frame).append(spoken); // a modal panel silences what is outside of it
    if (kept().session) keep({ open });
    if (open) {
      if (small.matches) panel.showModal();
      else panel.open = true;
      overflow = page.overflow;
      if (small.matches) page.overflow = 'hidden';
      lastActive = now();
      if (!wanted) {
        wanted = true;
        cursor = notBefore = 0;
        round++;
      }
      resume();
      toEnd();
      if (!quiet) input.focus();
    } else {
      page.overflow = overflow;
      panel.close();
      launcher.focus();
    }
    render();
  };

  const submit = () => {
    const body = input.value.trim();
    const { out } = kept();
    if (send.disabled || out.length > 49) return;
    const numbers = crypto.getRandomValues(new Uint32Array(4));
    const cid = crypto.randomUUID?.() || [...numbers].map((n) => n.toString(16)).join('-');
    keep({ out: [...out, { cid, body }] });
    input.value = '';
    lastActive = now();
    fatal = '';
    resize();
    render();
    flush();
    toEnd();
  };

  const resize = () => {
    input.style.height = '';
    input.style.height = `${input.scrollHeight + 2}px`;
    drawState();
  };

  const fit = () => {
    const { height, offsetTop } = /** @type {VisualViewport} */ (window.visualViewport);
    host.style.setProperty('--dm-height', `${height}px`);
    host.style.setProperty('--dm-top', `${offsetTop}px`);
  };

  const listen = () => {
    launcher.onclick = () => toggle(!isOpen, false);
    close.onclick = () => toggle(false, false);
    panel.onclose = () => panel.open || toggle(false, false);
    pill.onclick = () => {
      toEnd();
      input.focus();
    };
    log.onscroll = () => {
      const was = atEnd;
      atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      if (atEnd !== was) render();
    };
    new ResizeObserver(() => atEnd && toEnd()).observe(log);
    input.oninput = resize;
    input.onkeydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229)
        return;
      event.preventDefault();
      submit();
    };
    form.onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      submit();
      input.focus();
    };
    panel.onkeydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Escape' && !event.isComposing) toggle(false, false);
    };
    // The page must not take what is typed here for its own shortcuts.
    for (const type of ['keydown', 'keyup', 'keypress']) {
      root.addEventListener(type, (event) => event.stopPropagation());
    }
    document.addEventListener('visibilitychange', resume);
    window.addEventListener('online', resume);
    window.addEventListener('offline', render);
    window.addEventListener('storage', ({ key }) => {
      if (key !== KEY || gone) return;
      follow(kept().conversation);
      if (!document.hidden) pollSoon();
      render();
    });
    window.visualViewport?.addEventListener('resize', fit);
    window.visualViewport?.addEventListener('scroll', fit);
  };

  const dressUp = () => {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(make('style', { nonce: script.nonce }, CSS));
    }
    root.append(frame);
  };

  const mount = () => {
    const { session, visitor, out, open } = kept();
    dressUp();
    listen();
    dress();
    // On <html>: a transform on the body would move it, and some libraries swap the whole body.
    document.documentElement.append(host);
    if (!session && !visitor && !out.length) return;
    configure();
    if (open && !small.matches) toggle(true, true);
    else resume();
  };

  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', mount);
  else mount();
})();
