/**
 * Every text of the widget, by language and key, as far as it is there. An inbox or a page may
 * replace any of them by its key.
 *
 * @typedef {import('../shared/types.js').Text} Text
 * @typedef {keyof typeof import('./en.js').en | keyof typeof import('./en-more.js').enMore} Key
 * @typedef {Partial<Record<Key, Text>>} Texts
 */

/** @type {Record<string, Texts>} */
export const table = {};

/** @param {string} language @param {Texts} texts */
export const learn = (language, texts) => {
  table[language] = { ...table[language], ...texts };
};
