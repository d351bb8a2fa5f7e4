import { table } from '../words/table.js';

/**
 * Which language to speak, and how. Pure.
 *
 * @typedef {import('../shared/types.js').Text} Text
 * @typedef {import('../words/table.js').Key} Key
 * @typedef {object} Words
 * @property {string} locale of the texts, as exactly as it is known
 * @property {string} language of the texts
 * @property {'ltr' | 'rtl'} dir
 * @property {(key: Key, number?: number) => string} text in the form for a number, `#` being it
 * @property {(moment: Date) => string} time
 * @property {(moment: Date, today: Date) => string} day
 */

const BUILT_IN = ['en', 'ru'];
const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|iw|ps|sd|ug|ur|yi)\b/;
/** Rather in another language of the inbox than in ours. */
const OWN = ['title', 'greeting', 'consent'];
const DAY = 86400000;

/** @param {string} wish @returns {string} */
const canonical = (wish) => {
  try {
    return Intl.getCanonicalLocales(wish.replace('_', '-'))[0] || 'en';
  } catch {
    return 'en';
  }
};

/**
 * @param {string} wish a language, as `ru` or `pt-BR`
 * @param {Record<string, Record<string, Text>>} [texts] of the inbox: by key, then by language
 * @param {Record<string, Text>} [strings] of the page, by key
 * @param {() => void} [lack] called where a text is not there yet
 * @returns {Words}
 */
export const makeWords = (wish, texts = {}, strings = {}, lack = () => {}) => {
  const locale = canonical(wish);
  const [short] = locale.split('-');
  const spoken =
    Object.keys(strings).length > 0 || Object.values(texts).some((text) => locale in text || short in text);
  const language = BUILT_IN.includes(short) || spoken ? short : 'en';
  const basis = BUILT_IN.includes(short) ? short : 'en';
  const plurals = new Intl.PluralRules(language);
  const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
  const near = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });

  const find = (/** @type {Key} */ key) => {
    const theirs = texts[key] || {};
    const found =
      strings[key] ||
      theirs[locale] ||
      theirs[short] ||
      (OWN.includes(key) && Object.values(theirs)[0]) ||
      table[basis]?.[key];
    if (!found) lack();
    return found || Object.values(table)[0][key] || '';
  };
  return {
    // Dates follow the visitor; what is said of the texts is true of the texts.
    locale: language === short ? locale : language,
    language,
    dir: RIGHT_TO_LEFT.test(language) ? 'rtl' : 'ltr',
    text: (key, number) => {
      const found = find(key);
      const form =
        typeof found === 'string' ? found : found[plurals.select(Number(number))] || found.other || '';
      return number === undefined ? form : form.replace('#', `${number}`);
    },
    time: (moment) => clock.format(moment),
    day: (moment, today) => {
      const midnight = (/** @type {Date} */ date) => new Date(date).setHours(0, 0, 0, 0);
      const days = Math.round((midnight(moment) - midnight(today)) / DAY);
      const year = moment.getFullYear() === today.getFullYear() ? undefined : 'numeric';
      const name =
        days > -2
          ? near.format(Math.min(0, days), 'day')
          : moment.toLocaleDateString(language, { weekday: 'short', day: 'numeric', month: 'long', year });
      return name[0].toLocaleUpperCase(language) + name.slice(1);
    },
  };
};
