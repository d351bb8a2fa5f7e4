/** Addresses in messages. */
import { make } from './core.js';
import { linkify } from './linkify.js';

/** @param {string} text @returns {Node[]} */
export const linked = (text) =>
  linkify(text).map((part) =>
    typeof part === 'string'
      ? document.createTextNode(part)
      : make('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, part.text),
  );
