/**
 * The script that pages embed: draws the launcher, and fetches the chat when it is needed.
 *
 *   <script async src="https://crm.example/api/widget/loader.js" data-widget-token="…"></script>
 *
 * Nothing is stored and nothing else is requested until the visitor turns to the launcher.
 */
import { icon, style } from './dom.js';
import { drawLauncher } from './launcher.js';
import { addScript, world } from './scripts.js';

/** What loader and chunk agree on; another number means another agreement. */
const PROTOCOL = 1;
/** The server puts the addresses of the other files here: the chat by language, and what few chats need. */
const FILES = /** @type {any} */ ('__DJANGO_MESSENGER_FILES__');
/** These need no chunk by themselves: it hears of them when it comes. */
const PATIENT = ['close', 'identify', 'setAttributes'];

/** @returns {Record<string, any>} what a JSON text says; empty where there is none to be had */
const parse = (/** @type {() => string | null | undefined} */ read) => {
  try {
    return JSON.parse(read() || '{}');
  } catch {
    return {};
  }
};

/** @param {HTMLScriptElement} script the tag */
const begin = (script) => {
  const { dataset: data, nonce } = script;
  const token = data.widgetToken || '';
  const key = `dm:${token}`;
  const base = new URL('.', script.src).href;
  const { session, visitor, out, look } = parse(() => localStorage.getItem(key));
  /** @type {any[][]} */
  let waiting = [];
  /** @type {Record<string, Set<(detail?: any) => void>>} */
  const listeners = {};
  let busy = false;
  let failures = 0;

  const strings = parse(() => data.strings);
  const isRussian = /^ru\b/i.test(data.lang || navigator.language);
  const name = strings.open || (isRussian ? 'Открыть чат' : 'Open chat');
  const parts = drawLauncher(data, name, nonce);
  const { host, frame, launcher } = parts;

  const emit = (/** @type {string} */ name, /** @type {any} */ detail = {}) => {
    listeners[name]?.forEach((listener) => listener(detail));
    // Where a page keeps its chats to itself, other scripts hear that there is something, not what.
    if (detail.messages && 'private' in data) {
      detail = { messages: detail.messages.map((/** @type {{id: string}} */ { id }) => ({ id })) };
    }
    host.dispatchEvent(new CustomEvent(`messenger:${name}`, { detail, bubbles: true }));
  };

  // Some libraries replace all children of <html>.
  const watch = new MutationObserver(() => host.isConnected || mount());

  const leaving = new AbortController();

  const vanish = () => {
    kit.app?.destroy();
    world.__djangoMessenger[PROTOCOL] = 0; // for a chunk that is still on its way
    busy = true;
    watch.disconnect();
    leaving.abort();
    host.remove();
  };

  const destroy = () => {
    vanish();
    delete world.DjangoMessenger;
  };

  const fetch = (/** @type {string} */ which) =>
    addScript(new URL(FILES[which], script.src).href, nonce);

  /** @type {import('../shared/types.js').Kit} */
  const kit = { ...parts, token, base, key, nonce, data, strings, icon, style, emit, fetch, leaving, vanish };
  (world.__djangoMessenger ||= {})[PROTOCOL] = kit;

  /** Here the chat cannot run: the launcher leads to a page of the messenger's own. */
  const surrender = () => {
    busy = true;
    launcher.removeAttribute('aria-busy');
    launcher.onclick = () => world.open(`${base}chat/${token}/`, '_blank', 'noopener');
  };

  /** Loader and chunk are of different releases: take the newest loader, once. */
  const restart = () => {
    if ('again' in data) return surrender();
    destroy();
    world.DjangoMessenger = { q: waiting };
    addScript(new URL(`?${PROTOCOL}`, script.src).href, nonce, { ...data, again: '' });
  };

  const arrive = () => {
    if (!host.isConnected) return;
    busy = false;
    if (!kit.app) return restart();
    launcher.removeAttribute('aria-busy');
    for (const [name, ...values] of waiting.splice(0)) act(name, values);
  };

  const fail = () => {
    busy = false;
    if (!navigator.onLine) return; // the event "online" tries again
    if (++failures > 2) surrender();
    else setTimeout(again, 1000 * failures);
  };

  const again = () => waiting.length && load();

  const load = () => {
    if (busy || kit.app) return;
    busy = true;
    fetch(isRussian ? 'ru' : 'en').then(arrive, fail);
  };

  /** Have the chunk do something as soon as it is there. */
  const act = (/** @type {string} */ name, /** @type {any[]} */ values) => {
    if (kit.app) return /** @type {any} */ (kit.app)[name](...values);
    waiting.push([name, ...values]);
    if (PATIENT.includes(name)) return;
    launcher.setAttribute('aria-busy', 'true');
    load();
  };

  /** @type {Record<string, (...values: any[]) => any>} */
  const commands = {
    show: () => (launcher.hidden = false),
    hide: () => (launcher.hidden = true),
    on: (name, listener) => {
      (listeners[name] ||= new Set()).add(listener);
      if (name === 'ready' && host.isConnected) listener({});
      return () => listeners[name].delete(listener);
    },
    destroy,
  };
  for (const name of ['open', 'toggle', 'send', 'reset', ...PATIENT]) {
    commands[name] = (...values) => act(name, values);
  }

  const queue = world.DjangoMessenger?.q || [];
  const api = (/** @type {string} */ name, /** @type {any[]} */ ...values) =>
    commands[name]?.(...values);
  Object.defineProperties(Object.assign(api, commands, { v: PROTOCOL }), {
    unread: { get: () => kit.app?.unread() || 0 },
    isOpen: { get: () => !!kit.app?.isOpen() },
  });
  world.DjangoMessenger = api;

  // On <html>: a transform on the body would move it, and some libraries swap the whole body.
  const mount = () => {
    document.documentElement.append(host);
    if (data.layer !== 'top' || !frame.showPopover) return;
    frame.popover = 'manual';
    frame.showPopover();
  };

  const start = () => {
    parts.dress(look);
    mount();
    watch.observe(document.documentElement, { childList: true });
    launcher.onclick = () => act('toggle', []);
    launcher.onpointerenter = launcher.onfocus = load;
    addEventListener('online', again, leaving);
    const onClick = (/** @type {any} */ event) => {
      if (!event.target.closest?.(data.openOn)) return;
      event.preventDefault();
      act('open', []);
    };
    if (data.openOn) document.addEventListener('click', onClick, leaving);
    if (!('findLast' in Array.prototype)) surrender(); // a browser from before our time
    else if ('page' in data) act('open', []);
    else if (session || visitor || out?.length) load();
    emit('ready');
    for (const [name, ...values] of queue) api(name, ...values);
  };

  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start, leaving);
  else start();
};

const script = /** @type {?HTMLScriptElement} */ (
  document.currentScript || document.querySelector('script[data-widget-token]')
);
if (script?.dataset.widgetToken && !world.DjangoMessenger?.v) begin(script);
