/** Title, sound and notifications, for a visitor who looks elsewhere; and the choice between them. */
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

/** Two soft tones, made here: no file is fetched. */
const ring = () => {
  if (performance.now() - rang < PAUSE || !navigator.userActivation?.hasBeenActive) return;
  rang = performance.now();
  const context = new AudioContext();
  const volume = context.createGain();
  const start = context.currentTime;
  volume.connect(context.destination);
  volume.gain.setValueAtTime(0.08, start);
  volume.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
  [660, 880].forEach((frequency, index) => {
    const tone = context.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(volume);
    tone.start(start + index * 0.12);
    tone.stop(start + 0.5);
    tone.onended = () => index && context.close();
  });
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
