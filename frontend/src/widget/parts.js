/** The pieces of the panel. */
import { make } from './make.js';
import { kit } from './page.js';
import { worded } from './speech.js';
import css from './widget.css';

/** @typedef {import('./words.js').Key} Key */

const { icon } = kit;

/** A button with a picture. */
export const picture = (
  /** @type {string} */ className,
  /** @type {string} */ shape,
  /** @type {Key} */ key,
) => worded(make('button', { type: 'button', className }, icon(shape)), key);

/** A button with a text. */
export const action = (/** @type {string} */ text, /** @type {() => void} */ onclick) =>
  make('button', { type: 'button', onclick }, text);

export const badge = make('span', { className: 'badge', part: 'badge', hidden: true });
kit.launcher.append(icon('M6 9l6 6 6-6'), badge);

export const title = make('h2', { id: 'title' });
const sub = worded(make('p', { className: 'sub' }), 'online', 'textContent');
export const bell = picture(
  'bell',
  'M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20a2.2 2.2 0 0 0 4 0',
  'settings',
);
export const close = picture('close', 'M6 6l12 12M18 6L6 18', 'close');
export const menu = make('div', { className: 'menu', hidden: true });
export const bar = make('p', { className: 'bar', hidden: true });
export const greeting = worded(
  make('p', { className: 'text', dir: 'auto' }),
  'greeting',
  'textContent',
);
export const older = worded(make('button', { type: 'button', className: 'older' }), 'older', 'textContent');
export const log = worded(
  make(
    'div',
    { className: 'log', role: 'log', tabIndex: 0, 'aria-live': 'off' },
    older,
    make('div', { className: 'row' }, greeting),
  ),
  'log',
);
export const pill = worded(
  make('button', { className: 'pill', type: 'button', hidden: true }),
  'newer',
  'textContent',
);
export const typing = make('span', { className: 'typing', dir: 'auto' });
export const hint = make('span', { className: 'hint', id: 'hint' });
export const smile = picture(
  'smile',
  'M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8 14a4.5 4.5 0 0 0 8 0M9 9.5h.01M15 9.5h.01',
  'emoji',
);
export const grid = worded(make('div', { className: 'grid', role: 'group', hidden: true }), 'emoji');
export const input = worded(
  worded(
    make('textarea', {
      className: 'input',
      rows: 1,
      dir: 'auto',
      enterKeyHint: 'send',
      'aria-describedby': 'hint',
    }),
    'write',
  ),
  'write',
  'placeholder',
);
export const send = worded(
  make('button', { className: 'send', disabled: true }, icon('M12 19V5M5 12l7-7 7 7')),
  'send',
);
export const trap = make('input', { tabIndex: -1, autocomplete: 'off', name: 'website' });
export const form = make(
  'form',
  {},
  make('div', { className: 'vh', 'aria-hidden': 'true' }, trap),
  smile,
  input,
  send,
);
export const spoken = make('p', { className: 'vh', role: 'status' });
export const panel = make(
  'dialog',
  { className: 'panel', part: 'panel', 'aria-labelledby': 'title' },
  make('header', { part: 'header' }, make('div', { className: 'name' }, title, sub), bell, close),
  menu,
  bar,
  log,
  pill,
  make('p', { className: 'line', 'aria-live': 'off' }, typing, hint),
  grid,
  form,
);

/** Put everything into the shadow root that the loader has made. */
export const assemble = () => {
  kit.style(kit.root, css, kit.nonce);
  kit.frame.append(panel, spoken);
};
