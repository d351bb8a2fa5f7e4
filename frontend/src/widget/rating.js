/** After a conversation: a rating, and the way on. */
import { make } from './make.js';
import { kit, ui } from './page.js';
import { action, input } from './parts.js';
import { words } from './speech.js';
import { note, state } from './state.js';
import { talk } from './wire.js';

const STAR = 'm12 3 2.8 5.7 6.2.9-4.5 4.4 1.1 6.2-5.6-2.9-5.6 2.9L7.5 14 3 9.6l6.2-.9z';

let drawn = '';
let thanked = '';
/** The card at the end of the log. */
export const ending = make('div', { className: 'card ending' });

/** Whether the conversation is over; then the card is up to date. */
export const drawEnding = () => {
  const { status, rating, config, conversation = '' } = state;
  if (status !== 'resolved' && status !== 'closed') {
    drawn = thanked = '';
    return false;
  }
  const asks = config?.features?.rating && rating === null;
  const key = [conversation, !!asks, thanked, words.locale].join();
  if (key === drawn) return true;
  drawn = key;
  ending.replaceChildren(make('p', {}, words.text('ended')));
  if (asks) ending.append(drawStars());
  if (thanked) ending.append(make('p', { className: 'lead' }, words.text('rated')));
  ending.append(action(words.text('again'), () => input.focus()));
  return true;
};

const drawStars = () => {
  const comment = make('textarea', {
    rows: 2,
    maxLength: state.config?.limits.max_comment_length || 1000,
    placeholder: words.text('comment'),
    'aria-label': words.text('comment'),
  });
  const button = make('button', { type: 'submit', className: 'main' }, words.text('send'));
  const rest = make('div', { hidden: true }, comment, button);
  const stars = [1, 2, 3, 4, 5].map((value) => {
    const box = make('input', { type: 'radio', name: 'score', className: 'vh', value });
    box.setAttribute('aria-label', words.count('star', value));
    box.onchange = () => {
      rest.hidden = false;
      stars.forEach((star, index) => star.classList.toggle('lit', index < value));
    };
    return make('label', { className: 'star' }, box, kit.icon(STAR));
  });
  const legend = make('legend', { className: 'lead' }, words.text('rate'));
  const form = make('form', {}, make('fieldset', {}, legend, ...stars), rest);
  form.onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const score = new FormData(form).get('score');
    button.disabled = true;
    const { ok, status, data } = await talk('rate/', { score, comment: comment.value.trim() || null });
    button.disabled = false;
    if (ok) {
      thanked = 'yes';
      note(data.conversation);
      input.focus();
    } else if (status === 409) state.status = '';
    ui.render();
  };
  return form;
};
