const ADDRESS = /\b(?:https?:\/\/|mailto:)[^\s<>"]+/gi;
/** What ends a sentence rather than an address. */
const MARKS = '.,;:!?\'»”';
/** Two alphabets in one name may imitate another. */
const MIXED = /[a-z][^\0-\x7f]|[^\0-\x7f][a-z]/i;

/**
 * Find the addresses in a text. Pure; only `http`, `https` and `mailto` are ever links.
 *
 * @param {string} text
 * @returns {(string | {href: string, text: string})[]} together they show all of the text
 */
export const linkify = (text) => {
  /** @type {(string | {href: string, text: string})[]} */
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const around = found.includes('(') ? MARKS : `${MARKS})]`;
    let length = found.length;
    while (around.includes(found[length - 1])) length--;
    const href = found.slice(0, length);
    let url;
    try {
      url = new URL(href);
    } catch {
      continue;
    }
    if (url.username || !(url.host || url.pathname.includes('@'))) continue;
    const shown = MIXED.test(href.split('/')[2] || '') ? url.href : href;
    parts.push(text.slice(end, index), { href, text: shown });
    end = index + length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
};
