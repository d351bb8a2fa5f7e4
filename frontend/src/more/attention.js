/** Title, sound and notifications, for a visitor who looks elsewhere; and the choice between them. */
import { chime } from '../shared/chime.js';
import { bell, keep, kept, make, mayAsk, menu, state, unfold, worded, words } from './core.js';

/** @typedef {import('../shared/types.js').Message} Message */

const PAUSE = 3000;

let rang = -PAUSE;
let ourTitle = '';
let theirTitle = '';

/** "(2) Title" while the tab is hidden; the page's own title comes back as it was. */
export const showInTitle = (/** @type {number} */ unread) => {
  if (ourTitle && document.title === ourTitle) document.title = theirTitle;
  ourTitle = '';
  if (!unread || !document.hidden) return;
  theirTitle = document.title;
  document.title = ourTitle = `(${unread}) ${theirTitle}`;
};

/** A sound, but not for each of many. */
const ring = () => {
  if (performance.now() - rang < PAUSE) return;
  rang = performance.now();
  chime();
};

const notifies = () => mayAsk() && Notification.permission === 'granted' && !kept().discreet;

const notify = (/** @type {Message} */ message, /** @type {() => void} */ open) => {
  try {
    const title = message.author?.name || words.text('title');
    const note = new Notification(title, { body: message.body, tag: 'django-messenger' });
    note.onclick = () => {
      window.focus();
      open();
      note.close();
    };
  } catch {} // some browsers leave that to service workers
};

/** @param {Message} message that has just come in @param {() => void} open */
export const call = (message, open) => {
  if (state.config?.features?.sound && !kept().silent && (document.hidden || !state.isOpen)) ring();
  if (document.hidden && notifies()) notify(message, open);
};

const choice = (
  /** @type {'sound' | 'notify'} */ key,
  /** @type {(on: boolean) => unknown} */ choose,
) => {
  const box = make('input', { type: 'checkbox' });
  box.onchange = async () => {
    await choose(box.checked);
    drawMenu();
  };
  const label = make('label', {}, box, worded(make('span'), key, 'textContent'));
  menu.append(label);
  return { box, label };
};

const sound = choice('sound', (on) => keep({ silent: !on }));
// The browser asks for permission here and nowhere else.
const notice = choice('notify', async (on) => {
  if (on && Notification.permission === 'default') await Notification.requestPermission();
  keep({ discreet: !on });
});

/** What there is to choose. */
const drawMenu = () => {
  const { silent } = kept();
  sound.label.hidden = !state.config?.features?.sound;
  sound.box.checked = !silent;
  notice.label.hidden = !mayAsk();
  notice.box.checked = notifies();
};

export const showMenu = () => {
  drawMenu();
  unfold(menu, bell, true);
};
