/** What can be done with a message that the server did not want. */
import { action } from './action.js';
import { flush, input, turnUnsent, ui, words } from './core.js';

/** @param {string} cid */
export const drawActions = (cid) => {
  const settle = (/** @type {'retry' | 'discard'} */ event) => {
    input.focus(); // the button goes away
    turnUnsent(cid, event);
    ui.render();
    flush();
  };
  return [
    action(words.text('retry'), () => settle('retry')),
    action(words.text('drop'), () => settle('discard')),
  ];
};
