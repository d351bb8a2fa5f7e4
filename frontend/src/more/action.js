import { make } from './core.js';

/** A button with a text. */
export const action = (/** @type {string} */ text, /** @type {() => void} */ onclick) =>
  make('button', { onclick }, text);
