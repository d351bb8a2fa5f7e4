/** One's own preferences: a sound to hear, and the browser's leave to show notifications. */
import { chime } from '../shared/chime.js';

const showState = (/** @type {HTMLElement} */ box) => {
  for (const node of box.querySelectorAll('[data-dm-when]')) {
    const line = /** @type {HTMLElement} */ (node);
    line.hidden = line.dataset.dmWhen !== Notification.permission;
  }
};

const show = (/** @type {HTMLElement} */ button) => {
  try {
    new Notification(document.title, { body: button.dataset.dmText });
  } catch {} // some phones allow it to service workers only
};

export const startOwn = () => {
  const bell = /** @type {?HTMLButtonElement} */ (document.querySelector('[data-dm-chime]'));
  if (bell) {
    bell.hidden = false;
    bell.addEventListener('click', chime);
  }
  const box = /** @type {?HTMLElement} */ (document.querySelector('[data-dm-notify]'));
  if (!box || !('Notification' in window)) return;
  box.hidden = false;
  showState(box);
  box.addEventListener('click', async ({ target }) => {
    const button = /** @type {HTMLElement} */ (target);
    if (button.matches('[data-dm-allow]')) await Notification.requestPermission();
    else if (button.matches('[data-dm-try]')) show(button);
    showState(box);
  });
};
