/** Forms that are sent without leaving the page, and the short words that follow. */
import { ask, one, word } from './page.js';

const UNDO = 8000;
const SHORT = 4000;

/** @param {Element} toast @param {number} [life] milliseconds */
export const show = (toast, life = SHORT) => {
  const box = one('#dm-toasts');
  while (box.children.length > 2) box.firstElementChild.remove();
  box.append(toast);
  if (life) setTimeout(() => toast.remove(), life);
};

/** @param {string} words @param {boolean} [isProblem] @param {number} [life] @returns {Element} */
export const announce = (words, isProblem = false, life = SHORT) => {
  const toast = one('#dm-tpl-toast').content.firstElementChild.cloneNode(true);
  one('[data-dm-words]', toast).textContent = words;
  toast.classList.toggle('dm-toast--problem', isProblem);
  show(toast, life);
  return toast;
};

/**
 * Send a form as a browser would, and hand over the answer.
 *
 * @param {HTMLFormElement} form
 * @param {?HTMLElement} [submitter]
 * @param {Record<string, string>} [more] further fields
 */
export const send = (form, submitter, more = {}) => {
  const data = new FormData(form);
  const button = /** @type {?HTMLButtonElement} */ (submitter ?? null);
  if (button?.name) data.append(button.name, button.value);
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  const body = new URLSearchParams(/** @type {any} */ (data));
  return ask(form.getAttribute('action') || '', { method: 'POST', body });
};

/**
 * Do what a form of the panel asks for.
 *
 * @param {HTMLFormElement} form
 * @param {?HTMLElement} submitter
 * @returns {Promise<string>} where to go: `top`, `list`, or nothing if it failed
 */
export const act = async (form, submitter) => {
  const menu = form.closest('details');
  if (menu?.matches('.dm-menu')) menu.open = false;
  const { status, html, left } = await send(form, submitter);
  const toast = one('[data-dm-toast]', html);
  if (!toast) {
    if (!left) announce(word(status ? 'refused' : 'lost'), true);
    return '';
  }
  const isProblem = toast.getAttribute('role') === 'alert';
  if (!isProblem) {
    delete form.dataset.dmChanged; // until then, what was typed there stays
    if (menu) menu.open = false;
  }
  show(toast, one('form', toast) ? UNDO : SHORT);
  return isProblem ? 'top' : toast.dataset.dmGoto || 'top';
};
