/** What most chats never show: questions before the first message, a rating, links, emoji, sound. */
import { kit } from './core.js';
import { call, showInTitle, showMenu } from './attention.js';
import { showGrid } from './emoji.js';
import { drawActions } from './failed.js';
import { askAgain, drawIntro, isReady } from './intro.js';
import { linked } from './links.js';
import css from './more.css';
import { drawEnding } from './rating.js';

const extras = { askAgain, call, drawActions, drawEnding, drawIntro, isReady, linked, showGrid, showInTitle, showMenu };
/** @typedef {typeof extras} Extras */

kit.style(kit.root, css, kit.nonce);
kit.extras = extras;
