import { isColor, onColor } from './contrast.js';
import { icon, style } from './dom.js';
import css from './loader.css';

/**
 * Draw the button that opens the chat, in a shadow root of its own.
 *
 * @param {DOMStringMap} data attributes of the tag
 * @param {string} name what the button is called
 * @param {string} nonce
 */
export const drawLauncher = (data, name, nonce) => {
  const host = document.createElement('django-messenger');
  const root = host.attachShadow({ mode: 'open' });
  const frame = document.createElement('div');
  const launcher = document.createElement('button');
  frame.className = 'dm';
  launcher.className = 'launcher';
  launcher.setAttribute('part', 'launcher');
  launcher.setAttribute('aria-haspopup', 'dialog');
  launcher.setAttribute('aria-label', name);
  launcher.hidden = 'hideLauncher' in data || 'page' in data;
  launcher.append(icon('M21 12a8 8 0 0 1-8 8H4l1.8-3.6A8 8 0 1 1 21 12ZM9 12h.01M13 12h.01M17 12h.01'));
  frame.append(launcher);
  style(root, css, nonce);
  root.append(frame);

  /** @param {import('../shared/types.js').Look} look of the inbox; it knows better than the tag */
  const dress = ({ color = data.color, on_color, position } = {}) => {
    frame.classList.toggle('left', (data.position || position) === 'left');
    if (!isColor(color)) return;
    frame.style.setProperty('--look', color);
    frame.style.setProperty('--on-look', on_color || onColor(color));
  };

  return { host, root, frame, launcher, dress };
};
