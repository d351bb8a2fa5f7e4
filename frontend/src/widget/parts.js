/** The pieces of the panel. */
import { make } from './make.js';
import { kit } from './page.js';
import { worded } from './speech.js';
import css from './widget.css';

/** @typedef {import('./words.js').Key} Key */

const { icon } = kit;

/** A button with a picture. */
export const picture = (
  /** @type {string} */ kind,
  /** @type {Key} */ key,
  /** @type {string} */ shape,
  values = {},
) => worded(make(kind, values, icon(shape)), key);

/** Show or hide what a button opens. */
export const unfold = (
  /** @type {HTMLElement} */ box,
  /** @type {HTMLElement} */ button,
  /** @type {boolean} */ open,
) => {
  box.hidden = !open;
  button.setAttribute('aria-expanded', `${open}`);
};

export const badge = make('span.badge', { part: 'badge', hidden: true });
kit.launcher.append(icon('M6 9l6 6 6-6'), badge);

export const title = make('h2', { id: 'title' });
const sub = worded(make('p.sub'), 'online', 'textContent');
export const bell = picture(
  'button.bell',
  'settings',
  'M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20a2.2 2.2 0 0 0 4 0',
);
export const close = picture('button', 'close', 'M6 6l12 12M18 6L6 18');
export const menu = make('div.menu', { hidden: true });
export const bar = make('p.bar', { hidden: true });
export const greeting = worded(make('p.text', { dir: 'auto' }), 'greeting', 'textContent');
export const older = worded(make('button.older'), 'older', 'textContent');
export const log = worded(
  make('div.log', { role: 'log', tabIndex: 0, 'aria-live': 'off' }, older, make('div.row', {}, greeting)),
  'log',
);
export const pill = worded(make('button.pill', { hidden: true }), 'newer', 'textContent');
export const typing = make('span.typing', { dir: 'auto' });
export const hint = make('span.hint', { id: 'hint' });
export const smile = picture(
  'button.smile',
  'emoji',
  'M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8 14a4.5 4.5 0 0 0 8 0M9 9.5h.01M15 9.5h.01',
);
export const grid = worded(make('div.grid', { role: 'group', hidden: true }), 'emoji');
const writing = make('textarea.field.input', {
  rows: 1,
  dir: 'auto',
  enterKeyHint: 'send',
  'aria-describedby': 'hint',
});
export const input = worded(worded(writing, 'write'), 'write', 'placeholder');
export const send = picture('button.send', 'send', 'M12 19V5M5 12l7-7 7 7', {
  type: 'submit',
  disabled: true,
});
export const trap = make('input', { tabIndex: -1, autocomplete: 'off', name: 'website' });
export const form = make('form', {}, make('div.vh', { 'aria-hidden': 'true' }, trap), smile, input, send);
export const spoken = make('p.vh', { role: 'status' });
export const panel = make(
  'dialog.panel', { part: 'panel', 'aria-labelledby': 'title' },
  make('header', { part: 'header' }, make('div.name', {}, title, sub), bell, close),
  menu,
  bar,
  log,
  pill,
  make('p.line', {}, typing, hint),
  grid,
  form,
);

/** Put everything into the shadow root that the loader has made. */
export const assemble = () => {
  kit.style(kit.root, css, kit.nonce);
  kit.frame.append(panel, spoken);
};
