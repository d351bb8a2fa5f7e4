/** Where the visitor writes. */
import { extras, more } from './extras.js';
import { post } from './outbox.js';
import { kept, kit, now, ui } from './page.js';
import { form, grid, hint, input, send, smile, unfold } from './parts.js';
import { words } from './speech.js';
import { state } from './state.js';
import { request } from './wire.js';

const DRAFT = `${kit.key}:draft`;
const AGAIN = 3000;
const IDLE = 5000;

let typedAt = -AGAIN;
/** @type {number | undefined} */
let idle;

const limit = () => state.config?.limits.max_message_length || 2000;

/** The draft belongs to this tab and lives as long as it does. */
const saveDraft = () => {
  try {
    sessionStorage.setItem(DRAFT, input.value);
  } catch {}
};

/** Let operators see that the visitor types; they need not know without a conversation. */
const tellTyping = (/** @type {boolean} */ on) => {
  clearTimeout(idle);
  const { session } = kept();
  if (!session || !state.config?.features?.typing || state.link.failures) return;
  if (on) idle = setTimeout(tellTyping, IDLE, false);
  if (on ? now() - typedAt < AGAIN : typedAt < 0) return;
  typedAt = on ? now() : -AGAIN;
  request('typing/', { widget_session_token: session, state: on ? 'on' : 'off' });
};

const resize = () => {
  input.style.height = '';
  input.style.height = `${input.scrollHeight + 2}px`;
  drawComposer();
};

/** How much room is left, and whether there is anything to send. */
export const drawComposer = () => {
  const left = limit() - [...input.value.normalize()].length;
  hint.classList.toggle('over', left < 0);
  input.setAttribute('aria-invalid', left < 0);
  hint.textContent =
    left < 0 ? words.text('over', -left) : left < 100 ? words.text('left', left) : '';
  send.disabled = left < 0 || !input.value.trim();
  smile.hidden = !!state.config && !state.config.features?.emoji;
};

/** Put a text where it can be read over before it is sent. @param {string} text */
export const suggest = (text) => {
  input.value = text;
  resize();
};

const submit = () => {
  const body = input.value.trim();
  if (send.disabled || extras?.isReady() === false) return;
  if (!post(body)) return ui.refused(words.text('failed'));
  input.value = '';
  tellTyping(false);
  saveDraft();
  resize();
  ui.posted();
};

const openGrid = (/** @type {import('./extras.js').Extras} */ { showGrid }) => showGrid();

export const startComposer = () => {
  try {
    input.value = sessionStorage.getItem(DRAFT) || '';
  } catch {}
  smile.onclick = () => {
    if (grid.hidden) return more(openGrid);
    unfold(grid, smile, false);
    input.focus();
  };
  input.oninput = () => {
    resize();
    saveDraft();
    tellTyping(!!input.value);
  };
  input.onblur = () => tellTyping(false);
  input.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  };
  form.onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    submit();
    if (!send.disabled) return;
    input.focus();
  };
};
