/** What an inbox wants to know before the first message. */
import { about, asked, flush, input, keep, kept, make, ui, worded, words } from './core.js';

/** @typedef {'name' | 'email' | 'phone'} Name */

/** @type {{name: Name | 'consent', required: boolean, box: any, note: any}[]} */
let fields = [];
let drawn = '';
/** The card in the log. */
const intro = make('div.card', { role: 'group', hidden: true });

const ask = (
  /** @type {Name | 'consent'} */ name,
  /** @type {boolean} */ required,
  /** @type {Record<string, string>} */ values,
) => {
  const id = `dm-${name}`;
  const note = make('span.note', { id: `${id}-note` });
  const box = make('input.field', { id, required, 'aria-describedby': note.id, ...values });
  fields.push({ name, required, box, note });
  return { id, box, note };
};

const drawField = (/** @type {{name: Name, required: boolean}} */ { name, required }) => {
  const type = name === 'phone' ? 'tel' : name;
  const value = about.claims[name] || '';
  const { id, box, note } = ask(name, required, { type, autocomplete: type, value });
  const label = words.text(name) + (required ? '' : ` (${words.text('optional')})`);
  return make('p', {}, make('label', { htmlFor: id }, label), box, note);
};

const drawConsent = (/** @type {{url: string}} */ { url }) => {
  const { id, box, note } = ask('consent', true, { type: 'checkbox', className: '' });
  const label = make('label', { htmlFor: id }, words.text('consent'));
  const link = make('a', { target: '_blank', rel: 'noopener' }, words.text('policy'));
  if (/^https?:/.test(url)) link.href = url;
  return make('p.check', {}, box, make('span', {}, label, ' ', link.href ? link : ''), note);
};

/** The text has been written already: then the answers send it. */
const go = worded(make('button.main'), 'send', 'textContent');

/** Draw the card where there is something to ask; what has been filled in stays. */
export const drawIntro = () => {
  const wanted = asked();
  go.hidden = !kept().out.length;
  const key = JSON.stringify([wanted, words.locale]);
  intro.hidden = !wanted.fields.length && !wanted.consent;
  if (intro.hidden || key === drawn) return intro;
  drawn = key;
  fields = [];
  const heading = make('p.lead', { id: 'dm-intro' }, words.text('intro'));
  intro.setAttribute('aria-labelledby', 'dm-intro');
  intro.replaceChildren(heading, ...wanted.fields.map(drawField));
  if (wanted.consent) intro.append(drawConsent(wanted.consent));
  intro.append(go);
  return intro;
};

const complain = (/** @type {(typeof fields)[0]} */ { box, note }, /** @type {string} */ text) => {
  note.textContent = text;
  box.setAttribute('aria-invalid', !!text);
};

/** @returns {string} what is wrong with a field */
const problemOf = (/** @type {(typeof fields)[0]} */ { name, box }) => {
  const { valueMissing, valid } = box.validity;
  if (name === 'consent') return valid ? '' : words.text('agree');
  if (valueMissing || (box.required && !box.value.trim())) return words.text('required');
  return valid ? '' : words.text('invalid');
};

/** Whether the first message may go out; if not, the visitor is led to what is missing. */
export const isReady = () => {
  if (intro.hidden) return true;
  for (const field of fields) complain(field, problemOf(field));
  const first = fields.find(({ note }) => note.textContent);
  if (first) {
    first.box.focus();
    return false;
  }
  const claims = fields.map(({ name, box }) => [name, name === 'consent' ? 'on' : box.value.trim()]);
  keep({ claims: Object.fromEntries(claims.filter(([, value]) => value)) });
  return true;
};

go.onclick = () => {
  if (!isReady()) return;
  flush();
  input.focus();
};

/** The server does not take what was filled in: ask again. @param {Record<string, any>} errors */
export const askAgain = (errors) => {
  const { claims, session } = kept();
  if (session || !claims || !Object.keys(claims).some((name) => errors[name])) return;
  keep({ claims: undefined });
  ui.render();
  const wrong = fields.filter(({ name }) => errors[name]);
  for (const field of wrong) complain(field, words.text('invalid'));
  wrong[0]?.box.focus();
};
