/** The list under the text: prepared answers after a slash, colleagues after an `@` in a note. */
import { all, ask, listQuery, one, openId, urlOf } from './page.js';

const WORDS = {
  '/': /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u,
  '@': /(?:^|\s)@([\p{L}\p{N}_. -]{0,40})$/u,
};

let asked = '';
/** @type {Element[]} */
let offers = [];

export const field = () => one('#dm-text');
export const isNote = () => !!one('#dm-kind-note')?.checked;
const picker = () => one('#dm-picker');

/** @param {string} text in the place of what is selected @param {number} [back] so many characters before it go, too */
export const put = (text, back = 0) => {
  const area = field();
  area.focus();
  area.setRangeText(text, area.selectionStart - back, area.selectionEnd, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
};

/** The sign and the word after it before the cursor. @returns {?{sign: string, typed: string}} */
const wanted = () => {
  const area = field();
  const before = area.value.slice(0, area.selectionStart);
  for (const sign of isNote() ? ['/', '@'] : ['/']) {
    const found = WORDS[/** @type {'/'} */ (sign)].exec(before);
    if (found) return { sign, typed: found[1] };
  }
  return null;
};

/** Offer what fits the word before the cursor. */
export const suggest = async () => {
  if (!wanted()) return closePicker();
  const id = openId();
  if (asked !== id) {
    asked = id;
    const { ok, html } = await ask(`${urlOf('canned', id)}${listQuery()}`);
    offers = ok ? all('[role=option]', html) : [];
  }
  const now = id === openId() && wanted();
  if (!now) return;
  const low = now.typed.toLowerCase();
  const textOf = (/** @type {Element} */ node) => (node.textContent || '').toLowerCase();
  const found = offers
    .filter((node) => (node.getAttribute('data-dm-sign') || '/') === now.sign && textOf(node).includes(low))
    .sort((a, b) => Number(textOf(b).startsWith(now.sign + low)) - Number(textOf(a).startsWith(now.sign + low)));
  picker().replaceChildren(...found.map((node) => node.cloneNode(true)));
  picker().hidden = !found.length;
  point(0);
};

/** @param {number} place */
const point = (place) => {
  const options = all('[role=option]', picker());
  options.forEach((node, at) => node.setAttribute('aria-selected', String(at === place)));
  options[place]?.scrollIntoView({ block: 'nearest' });
  const area = field();
  if (options[place] && !picker().hidden) area.setAttribute('aria-activedescendant', options[place].id);
  else area.removeAttribute('aria-activedescendant');
};

/** @returns {boolean} whether it was open */
export const closePicker = () => {
  if (!picker() || picker().hidden) return false;
  picker().hidden = true;
  field().removeAttribute('aria-activedescendant');
  return true;
};

/** @param {any} option */
const choose = (option) => {
  const text = option?.dataset.dmText;
  const now = wanted();
  closePicker();
  if (text !== undefined) put(text, now ? now.typed.length + 1 : 0);
};

/** Open the prepared answers by the button. */
export const openPicker = () => {
  field().focus();
  if (wanted()) return suggest();
  put(/\S$/.test(field().value.slice(0, field().selectionStart)) ? ' /' : '/');
};

/** @param {any} event a press of the mouse in the list */
export const onPick = (event) => {
  event.preventDefault(); // the text keeps the focus
  choose(event.target.closest('[role=option]'));
};

/** Keys in the text while the list is open. @param {KeyboardEvent} event @returns {boolean} whether it was one of ours */
export const pickKey = (event) => {
  if (picker().hidden) return false;
  const options = all('[role=option]', picker());
  const at = options.findIndex((node) => node.getAttribute('aria-selected') === 'true');
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const isEnter = event.key === 'Enter' && !event.isComposing && !event.ctrlKey;
  if (step) point((at + step + options.length) % options.length);
  else if (isEnter || event.key === 'Tab') choose(options[at]);
  else return false;
  event.preventDefault();
  return true;
};
