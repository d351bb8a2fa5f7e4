/** Putting fresh pieces into the page without disturbing what people do there. */
import { Idiomorph } from 'idiomorph';

/**
 * Make `old` look like `fresh`; what has the focus, and what was typed into it, stays.
 *
 * @param {Element} old @param {Element} fresh
 */
export const morph = (old, fresh) => {
  const typed = old.contains(document.activeElement) ? document.activeElement : null;
  Idiomorph.morph(old, fresh, {
    morphStyle: 'outerHTML',
    ignoreActiveValue: true,
    callbacks: {
      // A menu that stands open, and a form in which somebody has changed something, are in use.
      beforeNodeMorphed: (/** @type {Node} */ node) =>
        !(node instanceof HTMLDetailsElement && node.open) &&
        !(node instanceof HTMLFormElement && 'dmChanged' in node.dataset) &&
        !(node instanceof HTMLSelectElement && node === typed),
    },
  });
};

/** @param {Element} node @param {string} name */
const number = (node, name) => Number(node.getAttribute(name) ?? 0);

/** Whether a piece that is shown is newer than one that has just come. @param {Element} old @param {Element} fresh */
export const isOlder = (old, fresh) => number(fresh, 'data-dm-rev') < number(old, 'data-dm-rev');

/** @param {Element} root @returns {Map<string, any>} its children by key */
export const byKey = (root) =>
  new Map(
    [...root.children].flatMap((node) => {
      const key = node.getAttribute('data-dm-key');
      return key ? [/** @type {[string, any]} */ ([key, node])] : [];
    }),
  );

/**
 * Put a node among its siblings, which stand in the order of a number.
 *
 * @param {Element} root @param {Element} node @param {string} name attribute with the number
 */
export const insert = (root, node, name) => {
  const place = number(node, name);
  const next = [...root.children].find(
    (other) => other !== node && other.hasAttribute(name) && number(other, name) > place,
  );
  if (next ? node.nextElementSibling !== next : root.lastElementChild !== node) {
    root.insertBefore(node, next ?? null);
  }
};
