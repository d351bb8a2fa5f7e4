/** After a conversation: a rating, and the way on. */
import { action } from './action.js';
import { icon, input, isOver, make, note, state, talk, ui, words } from './core.js';

const STAR = 'm12 3 2.8 5.7 6.2.9-4.5 4.4 1.1 6.2-5.6-2.9-5.6 2.9L7.5 14 3 9.6l6.2-.9z';

let drawn = '';
let thanked = '';
/** The card at the end of the log. */
const ending = make('div.card.ending');

/** @returns {?Element} the card, up to date, if the conversation is over */
export const drawEnding = () => {
  const { rating, config, conversation = '' } = state;
  if (!isOver()) {
    drawn = thanked = '';
    return null;
  }
  const asks = config?.features?.rating && rating === null;
  const key = [conversation, !!asks, thanked, words.locale].join();
  if (key === drawn) return ending;
  drawn = key;
  ending.replaceChildren(make('p', {}, words.text('ended')));
  if (asks) ending.append(drawStars());
  if (thanked) ending.append(make('p.lead', {}, words.text('rated')));
  ending.append(action(words.text('again'), () => input.focus()));
  return ending;
};

const drawStars = () => {
  const comment = make('textarea.field', {
    rows: 2,
    maxLength: state.config?.limits.max_comment_length || 1000,
    placeholder: words.text('comment'),
    'aria-label': words.text('comment') });
  const button = make('button.main', { type: 'submit' }, words.text('send'));
  const rest = make('div', { hidden: true }, comment, button);
  const stars = [1, 2, 3, 4, 5].map((value) => {
    const box = make('input.vh', { type: 'radio', name: 'score', value });
    box.setAttribute('aria-label', words.text('star', value));
    box.onchange = () => {
      rest.hidden = false;
      rest.scrollIntoView({ block: 'nearest' });
      stars.forEach((star, index) => star.classList.toggle('lit', index < value));
    };
    return make('label.star', {}, box, icon(STAR));
  });
  const legend = make('legend.lead', {}, words.text('rate'));
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
