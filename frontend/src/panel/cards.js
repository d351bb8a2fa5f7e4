/** Cards of the host beside the thread: each comes by itself, and stays when the side is made anew. */
import { all, ask, kept, one, openId } from './page.js';

const PATIENCE = 5000;

/** The insides of the cards of one conversation, by address. @type {Map<string, DocumentFragment>} */
const insides = new Map();
let shownFor = '';

/** @param {HTMLElement} slot */
const fill = async (slot) => {
  const url = slot.dataset.dmCard || '';
  const inside = one('[data-dm-inside]', slot);
  slot.dataset.dmLoaded = '';
  const known = insides.get(url);
  if (known) return inside.replaceChildren(known.cloneNode(true));
  inside.setAttribute('aria-busy', 'true');
  const { ok, html } = await ask(url, { signal: AbortSignal.timeout(PATIENCE) });
  inside.removeAttribute('aria-busy');
  if (ok) {
    insides.set(url, html);
    inside.replaceChildren(html.cloneNode(true));
  } else if (!one('[data-dm-lost]', inside)) {
    const sorry = Object.assign(document.createElement('p'), { textContent: slot.dataset.dmSorry });
    sorry.dataset.dmLost = '';
    inside.prepend(sorry);
  }
};

/** Fill what is new in the page; what somebody has closed stays closed, and is not asked for. */
const look = () => {
  if (shownFor !== openId()) {
    shownFor = openId();
    insides.clear();
  }
  for (const slot of all('[data-dm-card]:not([data-dm-met])')) {
    slot.dataset.dmMet = '';
    if (kept.get(`closed:${slot.id}`)) slot.open = false;
    else fill(slot);
  }
};

/** @param {Event} event */
const onToggle = ({ target }) => {
  const slot = /** @type {HTMLDetailsElement} */ (target);
  if (!slot.dataset?.dmCard) return;
  kept.set(`closed:${slot.id}`, slot.open ? null : true);
  if (slot.open && !('dmLoaded' in slot.dataset)) fill(slot);
};

/** What the host has just done may have changed what its cards show. @param {MutationRecord[]} changes */
const onToast = (changes) => {
  const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
  if (!added.some((node) => node instanceof HTMLElement && 'dmRenews' in node.dataset)) return;
  insides.clear();
  for (const slot of all('[data-dm-card][data-dm-loaded]')) fill(slot);
};

export const startCards = () => {
  new MutationObserver(look).observe(one('#dm-panes'), { childList: true, subtree: true, attributeFilter: ['data-dm-met'] });
  new MutationObserver(onToast).observe(one('#dm-toasts'), { childList: true });
  document.addEventListener('toggle', onToggle, true);
  look();
};
