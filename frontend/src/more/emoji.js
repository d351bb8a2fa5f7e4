/** A small choice of emoji. */
import { grid, input, make, smile, state, unfold, words } from './core.js';

const EMOJI =
  '😀 😄 😂 🙂 😉 😊 😍 😘 😎 🤔 😐 😕 😟 😢 😭 😡 😱 😴 🤗 🙈 👍 👎 👌 👋 🙏 👏 🤝 💪 ✌️ 🙌 👀 🔥 ❤️ 💔 🎉 🎁 ✨ ⭐ ☀️ 🌙 ☕ 🍰 🌹 🐱 🚀 🚗 🏠 📦 📷 📎 📞 💡 💳 ⏰ 📅 ✅ ❌ ❓'.split(
    ' ',
  );
const COLUMNS = 8;

const insert = (/** @type {string} */ text) => {
  input.setRangeText(text, input.selectionStart, input.selectionEnd, 'end');
  unfold(grid, smile, false);
  input.focus();
  input.oninput();
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

for (const sign of EMOJI) {
  const onclick = () => insert(sign);
  grid.append(make('button', { tabIndex: -1, onclick }, sign));
}
grid.firstChild.tabIndex = 0;
grid.onkeydown = walk;

export const showGrid = () => {
  if (!state.isOpen) return; // it has come too late
  unfold(grid, smile, true);
  grid.firstChild.focus();
};
