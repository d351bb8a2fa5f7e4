/** The keyboard: single keys, the list of all commands, and where each key leads. */
import { send } from './forms.js';
import { all, config, listQuery, one, openId, word } from './page.js';
import { toggleNote, write } from './composer.js';
import { go, neighbour } from './nav.js';

/** Keys by place, for layouts whose letters are not Latin. @param {KeyboardEvent} event */
const letterOf = ({ key, code }) =>
  key.length === 1 && /[^\0-\x7f]/.test(key) && /^Key[A-Z]$/.test(code) ? code[3].toLowerCase() : key;

/** @param {EventTarget | null} target */
const isWriting = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !['radio', 'checkbox'].includes(/** @type {any} */ (target).type);

/** Press the button for a command, if it is there. @param {string} key */
const press = (key) => {
  const button = one(`[data-dm-cmd="${key}"]`);
  if (!button) return;
  button.click();
  const menu = button.closest('details');
  if (button.tagName === 'SUMMARY' && menu.open) one('button, input, select', menu)?.focus();
};

/** @param {string} view */
const toView = (view) => go(`${config.list}?view=${view}`, { focus: '#dm-rows .dm-row__link' });

/** Go to a field of the details, wherever they are. @param {string} selector */
const toField = (selector) => {
  const field = one(selector);
  if (field && getComputedStyle(field).visibility === 'hidden') one('.dm-head__details').click();
  field?.focus();
};

/** Put the open conversation back among those that nobody has read, and leave it. */
const unread = async () => {
  const id = openId();
  if (!id) return;
  const { ok } = await send(one('#dm-bulk'), null, { bulk: 'unread', ids: id });
  if (ok) go(`${config.list}${listQuery()}`, { focus: `[data-dm-key="${id}"] .dm-row__link` });
};

/** @type {Record<string, () => void>} */
const COMMANDS = {
  j: () => step(1),
  k: () => step(-1),
  r: () => write(false),
  n: () => write(true),
  e: () => press('e'),
  o: () => press('o'),
  m: () => press('m'),
  s: () => press('s'),
  a: () => toField('#dm-assignee'),
  l: () => toField('#dm-side [name=labels]'),
  x: () => one('#dm-rows li:has([aria-current]) .dm-row__check')?.click(),
  u: unread,
  '/': () => one('#dm-q')?.focus(),
  '?': () => open('dm-keys'),
};
/** @type {Record<string, () => void>} */
const PLACES = {
  i: () => toView('all'),
  m: () => toView('mine'),
  u: () => toView('unassigned'),
  w: () => toView('waiting'),
};

/** @param {number} by */
const step = (by) => {
  const href = neighbour(by);
  if (href) go(href);
};

let gAt = 0;

/** @param {KeyboardEvent} event @returns {boolean} whether it was one of ours */
export const onKey = (event) => {
  const letter = letterOf(event);
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.altKey && letter.toLowerCase() === 'k') return done(event, () => open('dm-palette'));
  if (command && event.shiftKey && letter.toLowerCase() === 'n') return done(event, toggleNote);
  if (event.key === 'Escape' && isWriting(event.target)) {
    /** @type {HTMLElement} */ (event.target).blur();
    return true;
  }
  const bare = !command && !event.altKey && !event.isComposing;
  if (!bare || isWriting(event.target) || one('dialog[open]') || !config.prefs.keys) return false;
  const inside = event.target instanceof Element && event.target.closest('.dm-app, .dm-rail, body') !== null;
  if (!inside) return false;
  const after = Date.now() - gAt < 1500;
  gAt = letter === 'g' ? Date.now() : 0;
  const job = after ? PLACES[letter] : COMMANDS[letter];
  return job ? done(event, job) : false;
};

/** @param {Event} event @param {() => void} job */
const done = (event, job) => {
  event.preventDefault();
  job();
  return true;
};

/** @param {string} id of a dialog */
export const open = (id) => {
  const dialog = one(`#${id}`);
  if (dialog.open) return dialog.close();
  if (id === 'dm-palette') fill('');
  dialog.showModal();
};

/* All commands. They are read off the page: what cannot be done is not there. */

/** @type {{name: string, key: string, run: () => void}[]} */
let found = [];
let at = 0;

const commands = () => [
  ...all('[data-dm-cmd]').map((node) => ({
    name: node.textContent.trim(),
    key: node.dataset.dmCmd,
    run: () => press(node.dataset.dmCmd),
  })),
  ...all('.dm-menu__item').filter((node) => node.closest('#dm-talk') && node.textContent.trim()).map((node) => ({
    name: [one('summary', node.closest('details')).textContent.trim(), node.textContent.trim()]
      .filter(Boolean)
      .join(': '),
    key: '',
    run: () => node.click(),
  })),
  ...all('.dm-kind__name').map((node, place) => ({
    name: node.textContent.trim(),
    key: 'rn'[place],
    run: () => {
      node.click();
      one('#dm-text')?.focus();
    },
  })),
  ...all('.dm-view').map((node) => ({
    name: node.textContent.trim().replace(/\s+/g, ' '),
    key: '',
    run: () => go(node.href),
  })),
  ...all('#dm-rows .dm-row__link').map((node) => ({
    name: node.textContent.trim(),
    key: '',
    run: () => go(node.href),
  })),
];

/** @param {string} typed */
const fill = (typed) => {
  const input = one('#dm-palette-q');
  input.value = typed;
  found = commands()
    .filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()))
    .slice(0, 12);
  at = 0;
  draw();
};

const draw = () => {
  const list = one('#dm-palette-list');
  list.replaceChildren(
    ...found.map(({ name, key }, place) => {
      const item = document.createElement('li');
      item.className = 'dm-option';
      item.id = `dm-command-${place}`;
      item.setAttribute('role', 'option');
      item.setAttribute('aria-selected', String(place === at));
      item.textContent = name;
      if (key) item.append(Object.assign(document.createElement('kbd'), { textContent: key }));
      item.onclick = () => run(place);
      return item;
    }),
  );
  if (!found.length) {
    const none = document.createElement('li');
    none.className = 'dm-option';
    none.setAttribute('role', 'option');
    none.setAttribute('aria-disabled', 'true');
    none.textContent = word('empty');
    list.append(none);
  }
  const input = one('#dm-palette-q');
  if (found.length) input.setAttribute('aria-activedescendant', `dm-command-${at}`);
  else input.removeAttribute('aria-activedescendant');
  one(`#dm-command-${at}`)?.scrollIntoView({ block: 'nearest' });
};

/** @param {number} place */
const run = (place) => {
  one('#dm-palette').close();
  found[place]?.run();
};

export const startPalette = () => {
  const input = one('#dm-palette-q');
  input.addEventListener('input', () => fill(input.value));
  input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && found.length) {
      at = (at + by + found.length) % found.length;
      draw();
    } else if (event.key === 'Enter' && !event.isComposing) run(at);
    else return;
    event.preventDefault();
  });
};
