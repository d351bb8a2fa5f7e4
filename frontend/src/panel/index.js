/** The operators' panel, live. Without this script it is the same panel, page by page. */
import { all, config, onLost, one, openId, word } from './page.js';
import { announce, act } from './forms.js';
import * as composer from './composer.js';
import { startCards } from './cards.js';
import { onKey, open, startPalette } from './keys.js';
import { startAttention } from './attention.js';
import { hurry, start } from './live.js';
import { go, isOurs, neighbour, onArrival, renew } from './nav.js';
import { refreshRows, showHeld, tickClocks } from './rows.js';
import { closePicker, onPick, openPicker } from './picker.js';
import { loadOlder, onScroll, refreshThread, toEnd, toUnread } from './thread.js';

let activeAt = Date.now();
let lookedAt = '';
/** @type {?Element} */
let bar = null;

/** A conversation or a list has come onto the page. */
const arrive = () => {
  if (lookedAt !== openId()) composer.leave(lookedAt);
  lookedAt = openId();
  one('#dm-scroll')?.addEventListener('scroll', onScroll, { passive: true });
  composer.arrive();
  toUnread();
  tickClocks();
  if (openId()) refreshRows([openId()]); // it has been read
};

/** @param {SubmitEvent} event */
const onSubmit = async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method === 'dialog' || 'dmPlain' in form.dataset || !form.closest('#dm-app, #dm-toasts')) return;
  event.preventDefault();
  const { submitter } = event;
  if (form.method === 'get') {
    const query = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    return go(`${form.action.split('?')[0]}?${query}`, { focus: '#dm-q' });
  }
  if (form.id === 'dm-bulk' || (form.getAttribute('action') || '').split('?')[0] === config.list) {
    const picked = all('.dm-row__check:checked');
    await act(form, submitter);
    for (const box of picked) box.checked = false;
    refreshRows(picked.map((box) => box.value));
    return hurry();
  }
  const id = openId();
  const next = neighbour(1) || neighbour(-1);
  const isUndo = 'dmUndo' in form.dataset;
  if (isUndo) form.closest('.dm-toast')?.remove();
  const where = form.id === 'dm-composer' ? await composer.submit(submitter) : await act(form, submitter);
  if (where === 'list' && id === openId() && !isUndo) {
    await go(next || config.list);
    refreshRows([id]);
  } else if (where) {
    refreshThread();
    refreshRows([id]);
  }
  hurry();
};

/** @param {MouseEvent} event */
const onClick = (event) => {
  const target = /** @type {Element} */ (event.target);
  for (const menu of all('details.dm-menu[open]')) if (!menu.contains(target)) menu.open = false;
  const opener = /** @type {?HTMLElement} */ (target.closest('[data-dm-open]'));
  if (opener) return open(opener.dataset.dmOpen || '');
  if (target.closest('#dm-news')) return showHeld();
  if (target.closest('#dm-below')) return toEnd();
  if (target.closest('[data-dm-pick]')) return openPicker();
  if (target instanceof HTMLDialogElement) return target.close(); // the ground around it
  const link = /** @type {?HTMLAnchorElement} */ (target.closest('a[href]'));
  const plain = !event.defaultPrevented && !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || !link.closest('#dm-app, .dm-rail')) return;
  const url = new URL(link.href);
  if (!isOurs(url) || (url.hash && url.pathname === location.pathname)) return;
  event.preventDefault();
  if (link.closest('#dm-older')) return loadOlder();
  go(link.href, { focus: link.closest('.dm-views') ? '.dm-view[aria-current]' : '#dm-name' });
};

const onKeydown = (/** @type {KeyboardEvent} */ event) => {
  activeAt = Date.now();
  if (event.key === 'Escape') {
    if (closePicker()) return event.preventDefault();
    const menu = one('details.dm-menu[open]');
    if (menu) {
      menu.open = false;
      return one('summary', menu).focus();
    }
  }
  const target = /** @type {Element} */ (event.target);
  if (target.id === 'dm-text' && composer.onKey(event)) return;
  onKey(event);
};

/** @param {'login' | 'lost' | 'back'} why */
const onTrouble = (why) => {
  if (bar?.isConnected && why !== 'back') return;
  bar?.remove();
  bar = why === 'back' ? null : announce(word(why), true, 0);
  if (why !== 'back') return;
  announce(word('back'));
  composer.hurry();
};

if (config && one('#dm-panes')) {
  document.documentElement.classList.add('dm-on');
  onLost(onTrouble);
  document.addEventListener('submit', onSubmit);
  document.addEventListener('click', onClick);
  document.addEventListener('keydown', onKeydown);
  document.addEventListener('pointerdown', (event) => {
    activeAt = Date.now();
    if (/** @type {Element} */ (event.target).closest('#dm-picker')) onPick(event);
  });
  document.addEventListener('input', ({ target }) => {
    const node = /** @type {Element} */ (target);
    if (node.closest('#dm-composer')) composer.onInput();
    else if (node.closest('#dm-talk, #dm-side')) node.closest('form')?.setAttribute('data-dm-changed', '');
  });
  document.addEventListener('change', ({ target }) => {
    const node = /** @type {HTMLSelectElement} */ (target);
    if (node.id === 'dm-status') node.form?.requestSubmit();
  });
  window.addEventListener('popstate', () => {
    if (!location.hash || location.hash === '#dm-talk') go(location.href, { push: false });
  });
  window.addEventListener('online', composer.hurry);
  window.addEventListener('pagehide', () => composer.leave(lookedAt));
  setInterval(tickClocks, 15000);
  setInterval(() => composer.keepLooking(activeAt), 5000);
  onArrival(arrive);
  startPalette();
  startCards();
  startAttention(go);
  arrive();
  start(renew);
}
