/** What the first file has, and the texts that it has not. */
import '../words/en.js';
import '../words/en-more.js';
import '../words/ru.js';
import '../words/ru-more.js';
import { table } from '../words/table.js';

export const kit = /** @type {import('../shared/types.js').Kit} */ (
  /** @type {any} */ (window).__djangoMessenger[1]
);
const core = /** @type {import('../widget/core.js').Core} */ (kit.core);
Object.assign(core.table, table);

export const {
  about, asked, bell, flush, grid, input, isOver, keep, kept, make, mayAsk, menu, note, smile, state,
  talk, turnUnsent, ui, unfold, worded, words,
} = core;
export const { icon } = kit;
