/** Buttons that copy what stands beside them. */
const SHORT = 2000;

/** @param {Element} text what to select where the clipboard is closed to us */
const select = (text) => getSelection()?.selectAllChildren(text);

/** @param {HTMLButtonElement} button */
const copy = async (button) => {
  const text = document.getElementById(button.dataset.dmCopy || '');
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text.textContent || '');
  } catch {
    select(text); // no HTTPS, or not allowed: Ctrl+C does the rest
    return;
  }
  const before = button.textContent;
  button.textContent = button.dataset.dmCopied || '';
  setTimeout(() => (button.textContent = before), SHORT);
};

export const startCopying = () => {
  for (const node of document.querySelectorAll('[data-dm-copy]')) {
    const button = /** @type {HTMLButtonElement} */ (node);
    button.hidden = false;
    button.addEventListener('click', () => copy(button));
  }
};
