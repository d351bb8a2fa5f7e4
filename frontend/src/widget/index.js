/** The chat itself, which the loader fetches when it is needed. */
import { startComposer } from './composer.js';
import { core } from './core.js';
import { extras, loadExtras } from './extras.js';
import { pollSoon, rest, resume } from './live.js';
import { flush } from './outbox.js';
import { kept, kit, on, ui } from './page.js';
import { assemble } from './parts.js';
import { countUnread, follow, state } from './state.js';
import { dress, sendText, small, startView, toggle } from './view.js';
import { forget, identify, recognise, reset, setAttributes } from './who.js';
import { request } from './wire.js';

/** @type {number | undefined} */
let timer;

/** Ask how the inbox wants to look. */
const configure = async () => {
  clearTimeout(timer);
  if (state.config || state.gone) return;
  const path = `config/?widget_token=${encodeURIComponent(kit.token)}`;
  const answer = await request(path, null);
  if (answer.ok) {
    state.config = answer.data;
    flush();
  }
  else timer = setTimeout(configure, answer.wait);
  // A site that is not on the list may not read the refusal, but it can tell it from silence.
  if (!answer.status && state.link.failures > 3 && !kept().session) {
    fetch(kit.base + path, { mode: 'no-cors' }).then(kit.vanish, () => {});
  }
  dress();
};

const wake = () => {
  if (document.hidden) return ui.render();
  if (state.isOpen) configure();
  resume();
  flush();
  loadExtras();
  ui.render();
};

const onStorage = (/** @type {StorageEvent} */ { key, newValue }) => {
  if (key !== kit.key || state.gone) return;
  if (!newValue) return forget(); // another tab has logged out
  follow(kept().conversation);
  if (!document.hidden) pollSoon();
  ui.render();
};

const open = () => {
  toggle(true);
  configure();
};

/** @type {import('../shared/types.js').App} */
const app = {
  open,
  close: () => toggle(false),
  toggle: () => (state.isOpen ? toggle(false) : open()),
  send: async (text) => {
    if (!kept().session) await configure();
    sendText(text);
  },
  identify,
  setAttributes,
  reset,
  destroy: () => {
    toggle(false);
    rest();
    state.gone = true;
    extras?.showInTitle(0);
  },
  unread: countUnread,
  isOpen: () => state.isOpen,
};

kit.core = core;
assemble();
startView();
startComposer();
recognise();
kit.launcher.onclick = app.toggle;
dress();
on(document, 'visibilitychange', wake);
on(window, 'online', wake);
on(window, 'offline', ui.render);
on(window, 'storage', onStorage);
on(window, 'pagehide', rest);
on(window, 'pageshow', ({ persisted }) => persisted && wake());
const { session, visitor, out, open: wasOpen } = kept();
if (session || visitor || out.length) {
  configure();
  if (wasOpen && !small.matches) toggle(true, true);
  else resume();
  flush();
}
kit.app = app;
