/** The words of this widget, and where they stand. */
import { extras, more } from './extras.js';
import { put } from './make.js';
import { data, kit, ui } from './page.js';
import { state } from './state.js';
import { makeWords } from './words.js';

/** @typedef {import('./words.js').Key} Key */

const dress = () => ui.dress();
const lack = () => extras || more(dress);

export const words = makeWords(data.lang || navigator.language, {}, kit.strings, lack);

/** @type {[any, string, Key][]} */
const places = [];

/**
 * Keep a property or an attribute of a node in the language of the widget.
 *
 * @template {Element} T
 * @param {T} node @param {Key} key @param {string} [name]
 * @returns {T}
 */
export const worded = (node, key, name = 'aria-label') => {
  places.push([node, name, key]);
  put(node, name, words.text(key));
  return node;
};

/** Choose the language again, now that the inbox is known. */
export const learnWords = () => {
  const { locale, texts = {}, name = '' } = state.config || {};
  const title = { ...texts.title, '': name }; // where there is none in any language
  const wish = data.lang || locale || navigator.language;
  Object.assign(words, makeWords(wish, { ...texts, title }, kit.strings, lack));
  for (const [node, place, key] of places) put(node, place, words.text(key));
};
