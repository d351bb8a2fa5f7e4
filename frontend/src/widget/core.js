/** What the second file needs of the first. */
import { table } from '../words/table.js';
import { asked } from './asking.js';
import { mayAsk } from './attention.js';
import { make } from './make.js';
import { flush, turn as turnUnsent } from './outbox.js';
import { keep, kept, ui } from './page.js';
import { bell, grid, input, menu, smile, unfold } from './parts.js';
import { worded, words } from './speech.js';
import { isOver, note, state } from './state.js';
import { about, talk } from './wire.js';

/** @typedef {typeof core} Core */

export const core = {
  about, asked, bell, flush, grid, input, isOver, keep, kept, make, mayAsk, menu, note, smile, state,
  table, talk, turnUnsent, ui, unfold, worded, words,
};
