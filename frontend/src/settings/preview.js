/** Tells the frame with the widget what stands in the form, while it is being entered. */
const PAUSE = 250;

/** @typedef {{color?: string, position?: string, theme?: string}} Look */
/** @typedef {{is: 'dm-wish', look: Look, texts: Record<string, Record<string, string>>, lang: string}} Wish */

/**
 * What the fields of the form say; what is not among them stays as it is stored.
 *
 * @param {HTMLFormElement} form
 * @param {string} lang language of the field that was entered last
 * @returns {Wish}
 */
export const readForm = (form, lang) => {
  /** @type {Wish} */
  const wish = { is: 'dm-wish', look: {}, texts: {}, lang };
  for (const [name, value] of new FormData(form)) {
    const text = String(value);
    const [key, code] = name.split('__');
    if (code) (wish.texts[key] ||= {})[code] = text;
    else if (name === 'color' || name === 'position' || name === 'theme') wish.look[name] = text;
  }
  return wish;
};

export const startPreview = () => {
  const frame = /** @type {?HTMLIFrameElement} */ (document.querySelector('[data-dm-preview]'));
  const form = /** @type {?HTMLFormElement} */ (document.querySelector('[data-dm-form]'));
  if (!frame || !form) return;
  let lang = '';
  /** @type {number | undefined} */
  let timer;
  const tell = () => frame.contentWindow?.postMessage(readForm(form, lang), location.origin);
  form.addEventListener('input', ({ target }) => {
    lang = /** @type {HTMLElement} */ (target).lang || lang;
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE);
  });
  addEventListener('message', ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== location.origin || data !== 'dm-stage') return;
    // Only now is it sure that no policy forbids the frame.
    frame.hidden = false;
    for (const node of document.querySelectorAll('[data-dm-without-preview]')) node.remove();
    for (const node of document.querySelectorAll('[data-dm-with-preview]')) node.removeAttribute('hidden');
    tell();
  });
  frame.src = frame.dataset.dmPreview || '';
};
