/** The panel: opening and closing it, and keeping what it shows up to date. */
import { asksFirst } from './asking.js';
import { call, drawBell } from './attention.js';
import { drawComposer, suggest } from './composer.js';
import { isDown } from './connection.js';
import { extras, isLacking, more } from './extras.js';
import { isFetching, loadOlder, resume } from './live.js';
import { isTheirs } from './merge.js';
import { post } from './outbox.js';
import { data, emit, keep, kept, kit, now, on, ui } from './page.js';
import {
  badge,
  bar,
  bell,
  close,
  greeting,
  grid,
  input,
  log,
  menu,
  older,
  panel,
  pill,
  smile,
  spoken,
  title,
  trap,
  typing,
  unfold,
} from './parts.js';
import { drawThread, forgetRows } from './rows.js';
import { learnWords, words } from './speech.js';
import { countUnread, isOver, state, stir, thread } from './state.js';
import { talk } from './wire.js';

const { frame, launcher } = kit;
/** The panel fills the screen. */
export const small = matchMedia('(max-width: 480px), (max-height: 480px)');
const dark = matchMedia('(prefers-color-scheme: dark)');
const viewport = /** @type {VisualViewport} */ (window.visualViewport);
const isPage = 'page' in data;
/** What Esc closes before the panel, and the button of each. */
const FOLDS = [[grid, smile], [menu, bell]];

let atEnd = true; // of the log
let endTop = 0; // where that was
let announced = 0; // unread messages
let notice = '';
let complaint = '';
let overflow = '';
let topmost = 0;
/** @type {?HTMLElement} */
let cameFrom = null;
/** @type {number | undefined} */
let barTimer;
/** @type {number | undefined} */
let typingTimer;

const say = (/** @type {string} */ text) => (spoken.textContent = text);

const toEnd = () => {
  atEnd = true;
  log.scrollTop = log.scrollHeight;
  endTop = log.scrollTop;
};

/** Put what depends on language and inbox into its place. */
export const dress = () => {
  const { appearance = {}, honeypot_field: name } = state.config || {};
  learnWords();
  frame.lang = words.language;
  frame.dir = words.dir;
  kit.dress(appearance);
  if (state.config && kept().session) keep({ look: appearance });
  const { theme } = appearance;
  frame.classList.toggle('dark', theme === 'dark' || (theme !== 'light' && dark.matches));
  title.textContent = data.title || words.text('title');
  if (name) trap.name = name;
  forgetRows();
  log.setAttribute('aria-live', 'off'); // nothing of it is new
  drawBell();
  render();
};

/** Bring the log to what is known, moving as little as possible. */
const drawLog = () => {
  const { hasOlder, loaded } = state;
  const fromEnd = log.scrollHeight - log.scrollTop;
  if (log.scrollTop < endTop - 40) atEnd = false; // the event is still on its way
  const grows = state.oldest !== topmost;
  topmost = state.oldest;
  // What comes in above has been read long ago.
  if (grows) log.setAttribute('aria-live', 'off');
  const welcome = greeting.parentNode;
  if (!extras && (asksFirst() || isOver())) more(render);
  const cards = [extras?.drawIntro(), ...drawThread(thread()), extras?.drawEnding()];
  let place = null;
  for (const node of [older, welcome, ...cards]) {
    if (!node) continue;
    const next = place ? place.nextSibling : log.firstChild;
    if (next !== node) log.insertBefore(node, next);
    place = node;
  }
  while (place.nextSibling) place.nextSibling.remove();
  older.hidden = !hasOlder;
  welcome.hidden = hasOlder || !loaded;
  if (atEnd) toEnd();
  else if (grows) log.scrollTop = log.scrollHeight - fromEnd;
  if (loaded) setTimeout(() => log.setAttribute('aria-live', 'polite'));
};

/** Note what the visitor has seen; count what they have not. */
const look = () => {
  const { messages, era } = state;
  if (state.isOpen && !document.hidden && atEnd && state.loaded) {
    const theirs = [...messages.values()].filter((message) => message.era === era && isTheirs(message));
    const last = Math.max(0, ...theirs.map(({ seq }) => seq));
    if (last > kept().seen) keep({ seen: last });
    if (last > state.reported) {
      state.reported = last;
      talk('read/', { read_seq: last }).then(({ ok }) => ok || (state.reported = 0));
    }
  }
  return countUnread();
};

const drawUnread = () => {
  const unread = look();
  const text = unread ? words.text('unread', unread) : '';
  if (unread > announced && !state.isOpen) say(text);
  if (unread !== announced) emit('unread', { count: unread });
  announced = unread;
  badge.hidden = !unread;
  badge.textContent = unread > 99 ? '99+' : unread;
  pill.hidden = !unread || atEnd || !extras;
  const name = words.text(state.isOpen ? 'close' : 'open');
  launcher.setAttribute('aria-label', text && !state.isOpen ? `${name}. ${text}` : name);
  launcher.setAttribute('aria-expanded', `${state.isOpen}`);
  if (extras) extras.showInTitle(unread);
  else if (unread && document.hidden) more(render);
};

/** Trouble in words, above the log. */
const drawBar = () => {
  clearTimeout(barTimer);
  const seconds = Math.ceil((state.limitedUntil - now()) / 1000);
  let text = complaint;
  const isStuck = isLacking() && asksFirst();
  if (isDown(state.link) || isStuck || !navigator.onLine) text = words.text('offline');
  else if (seconds > 0) {
    const patient = state.limit === 'too_many_unanswered';
    text = patient ? words.text('unanswered') : words.text('busy', seconds);
    barTimer = setTimeout(drawBar, 1000);
  }
  const kind = text.replace(/\d+/, '');
  if (state.isOpen && kind && kind !== notice) say(text);
  notice = kind;
  bar.hidden = !text;
  bar.textContent = text;
};

/** Who types, below the log. */
const drawTyping = () => {
  clearTimeout(typingTimer);
  const left = state.typingUntil - now();
  const who = left > 0 ? state.typing : null;
  if (who) typingTimer = setTimeout(drawTyping, left);
  const loading = isFetching() && !state.loaded ? words.text('loading') : '';
  typing.textContent = who
    ? words.text('typing').replace('#', who.name || words.text('team'))
    : loading;
  typing.classList.toggle('busy', !!who);
};

const render = () => {
  if (state.gone) return;
  drawLog();
  drawUnread();
  drawBar();
  drawTyping();
  drawComposer();
};

/** @param {boolean} open @param {boolean} [quiet] leave the focus where it is */
export const toggle = (open, quiet) => {
  if (open === state.isOpen || state.gone || (isPage && !open)) return;
  state.isOpen = open;
  frame.classList.toggle('opened', open);
  (open ? panel : frame).append(spoken); // a modal panel silences what is outside of it
  if (kept().session && !isPage) keep({ open });
  if (open) show(quiet);
  else hide();
  render();
  emit(open ? 'open' : 'close');
};

const show = (/** @type {boolean | undefined} */ quiet) => {
  cameFrom = /** @type {?HTMLElement} */ (document.activeElement);
  if (small.matches && !isPage) {
    panel.showModal();
    overflow = document.documentElement.style.overflow;
    document.documentElement.style.overflow = 'hidden';
  } else panel.open = true;
  stir();
  resume();
  toEnd();
  if (!quiet) input.focus();
};

const hide = () => {
  if (panel.matches(':modal')) document.documentElement.style.overflow = overflow;
  panel.close();
  for (const [box, button] of FOLDS) unfold(box, button, false);
  if (launcher.hidden) cameFrom?.focus?.();
  else launcher.focus();
};

/** Send a text as if the visitor had typed it. @param {string} text */
export const sendText = (text) => {
  if (!asksFirst()) return post(text.trim());
  suggest(text);
  toggle(true);
};

const openMenu = (/** @type {import('./extras.js').Extras} */ { showMenu }) => showMenu();

const fit = () => {
  const { height, offsetTop } = viewport;
  frame.style.setProperty('--height', `${height}px`);
  frame.style.setProperty('--top', `${offsetTop}px`);
};

const onScroll = () => {
  const was = atEnd;
  atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  if (log.scrollTop < 40 && !atEnd) loadOlder();
  if (atEnd !== was) render();
};

const onKey = (/** @type {KeyboardEvent} */ event) => {
  if (event.key !== 'Escape' || event.isComposing) return;
  event.preventDefault();
  const fold = FOLDS.find(([box]) => !box.hidden);
  if (!fold) return toggle(false);
  unfold(fold[0], fold[1], false);
  fold[1].focus();
};

/** Connect the panel with the conversation and with the visitor's hands. */
export const startView = () => {
  Object.assign(ui, {
    render,
    dress,
    say,
    heard: (/** @type {any[]} */ fresh) => call(fresh, () => toggle(true)),
    refused: (/** @type {string} */ text, /** @type {Record<string, any>} */ errors) => {
      complaint = text;
      if (errors && !kept().session) more(({ askAgain }) => askAgain(errors));
    },
    posted: () => {
      complaint = '';
      toEnd();
    },
    trap: () => ({ [trap.name]: trap.value }),
  });
  close.onclick = () => toggle(false);
  close.hidden = isPage;
  frame.classList.toggle('page', isPage);
  bell.onclick = () => (menu.hidden ? more(openMenu) : unfold(menu, bell, false));
  older.onclick = loadOlder;
  panel.onclose = () => panel.open || toggle(false);
  panel.onkeydown = onKey;
  pill.onclick = () => {
    toEnd();
    render();
    input.focus();
  };
  log.onscroll = onScroll;
  new ResizeObserver(() => atEnd && toEnd()).observe(log);
  on(dark, 'change', dress);
  // The page must not take what is typed here for its own shortcuts.
  on(kit.root, 'keydown keyup keypress', (event) => event.stopPropagation());
  on(viewport, 'resize scroll', fit);
};
