/** Where the visitor writes. */
import { make } from './make.js';
import { isReady } from './intro.js';
import { post } from './outbox.js';
import { kept, kit, now, ui } from './page.js';
import { form, grid, hint, input, send, smile } from './parts.js';
import { words } from './speech.js';
import { state } from './state.js';
import { request } from './wire.js';

const EMOJI =
  '😀 😄 😂 🙂 😉 😊 😍 😘 😎 🤔 😐 😕 😟 😢 😭 😡 😱 😴 🤗 🙈 👍 👎 👌 👋 🙏 👏 🤝 💪 ✌️ 🙌 👀 🔥 ❤️ 💔 🎉 🎁 ✨ ⭐ ☀️ 🌙 ☕ 🍰 🌹 🐱 🚀 🚗 🏠 📦 📷 📎 📞 💡 💳 ⏰ 📅 ✅ ❌ ❓'.split(
    ' ',
  );
const COLUMNS = 8;
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
    if (input.value) sessionStorage.setItem(DRAFT, input.value);
    else sessionStorage.removeItem(DRAFT);
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
    left < 0 ? words.count('over', -left) : left < 100 ? words.count('left', left) : '';
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
  if (send.disabled || !isReady()) return;
  if (!post(body)) return ui.refused(words.text('failed'));
  input.value = '';
  tellTyping(false);
  saveDraft();
  resize();
  ui.posted();
};

const insert = (/** @type {string} */ text) => {
  input.setRangeText(text, input.selectionStart, input.selectionEnd, 'end');
  showGrid(false);
  input.focus();
  input.oninput();
};

/** @param {boolean} open */
export const showGrid = (open) => {
  grid.hidden = !open;
  smile.setAttribute('aria-expanded', open);
  if (!open) return;
  if (!grid.firstChild) {
    for (const sign of EMOJI) {
      const onclick = () => insert(sign);
      grid.append(make('button', { type: 'button', tabIndex: -1, onclick }, sign));
    }
    grid.firstChild.tabIndex = 0;
  }
  grid.firstChild.focus();
};

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };

const walk = (/** @type {KeyboardEvent} */ event) => {
  const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
  const buttons = [...grid.children];
  const button = /** @type {HTMLElement} */ (event.target);
  const place = buttons.indexOf(button);
  const next = buttons[place + step * (words.dir === 'rtl' && Math.abs(step) === 1 ? -1 : 1)];
  if (!step || !next) return;
  event.preventDefault();
  button.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
};

export const startComposer = () => {
  try {
    input.value = sessionStorage.getItem(DRAFT) || '';
  } catch {}
  smile.onclick = () => {
    showGrid(grid.hidden);
    if (grid.hidden) input.focus();
  };
  grid.onkeydown = walk;
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
