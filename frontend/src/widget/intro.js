/** What an inbox wants to know before the first message. */
import { make } from './make.js';
import { keep, kept } from './page.js';
import { worded, words } from './speech.js';
import { state } from './state.js';
import { about } from './wire.js';

/** @typedef {'name' | 'email' | 'phone'} Name */

/** @type {{name: Name | 'consent', required: boolean, box: any, note: any}[]} */
let fields = [];
let drawn = '';
/** The card in the log. */
export const intro = make('div', { className: 'card', role: 'group', hidden: true });

/** Nobody is asked twice: neither with a session nor with a verified name. */
const asked = () => {
  const { fields = [], consent = null } = state.config?.pre_chat || {};
  const { session, visitor, claims } = kept();
  if (session || visitor || claims) return { fields: [], consent: null };
  return { fields: about.identity ? [] : fields, consent };
};

/** Whether the first message has to wait for answers, or for the questions. */
export const isAsking = () => {
  const { session, visitor } = kept();
  const { fields, consent } = asked();
  return !!(fields.length || consent || !(state.config || session || visitor));
};

const ask = (
  /** @type {Name | 'consent'} */ name,
  /** @type {boolean} */ required,
  /** @type {Record<string, string>} */ values,
) => {
  const id = `dm-${name}`;
  const note = make('span', { className: 'note', id: `${id}-note` });
  const box = make('input', { id, required, 'aria-describedby': note.id, ...values });
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
  const { id, box, note } = ask('consent', true, { type: 'checkbox' });
  const label = make('label', { htmlFor: id }, words.text('consent'));
  const link = make('a', { target: '_blank', rel: 'noopener' }, words.text('policy'));
  if (/^https?:/.test(url)) link.href = url;
  return make('p', { className: 'check' }, box, make('span', {}, label, ' ', link.href ? link : ''), note);
};

/** The text has been written already: then the answers send it. */
const go = worded(make('button', { type: 'button', className: 'main' }), 'send', 'textContent');

/** Draw the card where there is something to ask; what has been filled in stays. */
export const drawIntro = () => {
  const wanted = asked();
  go.hidden = !kept().out.length;
  const key = JSON.stringify([wanted, words.locale]);
  intro.hidden = !wanted.fields.length && !wanted.consent;
  if (intro.hidden || key === drawn) return;
  drawn = key;
  fields = [];
  const heading = make('p', { className: 'lead', id: 'dm-intro' }, words.text('intro'));
  intro.setAttribute('aria-labelledby', 'dm-intro');
  intro.replaceChildren(heading, ...wanted.fields.map(drawField));
  if (wanted.consent) intro.append(drawConsent(wanted.consent));
  intro.append(go);
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

/** @param {() => void} next what to do once all is answered */
export const startIntro = (next) => {
  go.onclick = () => isReady() && next();
};

/** The server does not take what was filled in: ask again. @param {Record<string, any>} errors */
export const askAgain = (errors) => {
  const wrong = fields.filter(({ name }) => errors[name]);
  if (!wrong.length || kept().session) return;
  keep({ claims: undefined });
  drawIntro();
  for (const field of fields) if (errors[field.name]) complain(field, words.text('invalid'));
  wrong[0].box.focus();
};
