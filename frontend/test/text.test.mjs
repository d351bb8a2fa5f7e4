import assert from 'node:assert/strict';
import test from 'node:test';
import { isColor, onColor } from '../src/loader/contrast.js';
import { linkify } from '../src/more/linkify.js';
import { makeReader } from '../src/shared/sse.js';
import { en } from '../src/words/en.js';
import { enMore } from '../src/words/en-more.js';
import { ru } from '../src/words/ru.js';
import { ruMore } from '../src/words/ru-more.js';
import { makeWords } from '../src/widget/words.js';

const links = (text) => linkify(text).filter((part) => part.href).map(({ href }) => href);
const shown = (text) => linkify(text).map((part) => part.text ?? part).join('');

test('addresses become links without the sentence around them', () => {
  assert.deepEqual(links('See https://example.com/a?b=1&c=2, (http://example.com/x).'), [
    'https://example.com/a?b=1&c=2',
    'http://example.com/x',
  ]);
  assert.deepEqual(links('https://en.example/wiki/A_(b)'), ['https://en.example/wiki/A_(b)']);
  assert.deepEqual(links('«https://пример.рф»'), ['https://пример.рф']);
  assert.deepEqual(links('HTTPS://EXAMPLE.COM/Q! mailto:anna@example.com'), [
    'HTTPS://EXAMPLE.COM/Q',
    'mailto:anna@example.com',
  ]);
});

test('nothing else does', () => {
  for (const text of [
    'javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'ftp://example.com/',
    'https://bank.example@evil.example/', 'http://', 'https://[', 'mailto:', 'xhttps://example.com',
    '<a href="javascript:alert(1)">x</a>',
  ]) {
    assert.deepEqual(links(text), [], text);
    assert.equal(shown(text), text);
  }
});

test('a name in two alphabets is shown as the machine reads it', () => {
  assert.equal(shown('https://раypal.example/'), 'https://xn--ypal-43d9g.example/');
  assert.equal(shown('https://пример.example/'), 'https://пример.example/');
});

test('long runs do not take long', () => {
  const started = performance.now();
  linkify('https://'.repeat(20000));
  linkify(`https://example.com/${')'.repeat(50000)}x`);
  assert.ok(performance.now() - started < 500);
});

const relative = (color) =>
  [1, 3, 5]
    .map((place) => parseInt(color.slice(place, place + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);

test('letters can be read on every colour', () => {
  for (let red = 0; red < 256; red += 15) {
    for (let green = 0; green < 256; green += 15) {
      for (let blue = 0; blue < 256; blue += 51) {
        const color = `#${[red, green, blue].map((c) => c.toString(16).padStart(2, '0')).join('')}`;
        const ground = relative(color) + 0.05;
        const letters = onColor(color) === '#000' ? 0.05 : 1.05;
        const contrast = Math.max(ground, letters) / Math.min(ground, letters);
        assert.ok(contrast >= 4.58, `${color} ${contrast}`);
      }
    }
  }
});

test('only six digits are a colour', () => {
  assert.deepEqual(['#1d4ed8', '#FFF000', '#fff', 'red', '#12345g', undefined].map(isColor), [
    true, true, false, false, false, false,
  ]);
});

test('events are read wherever the network cuts them', () => {
  const stream =
    'retry: 3000\n: open\n\nevent: hint\r\ndata: {"revision":1}\r\n\r\n: hb\n\ndata:a\ndata: b\n\nevent: hint\ndata: 2\n\nevent: cut';
  for (let size = 1; size < stream.length; size++) {
    const heard = [];
    const read = makeReader((event, data) => heard.push([event, data]));
    for (let at = 0; at < stream.length; at += size) read(stream.slice(at, at + size));
    assert.deepEqual(heard, [['hint', '{"revision":1}'], ['message', 'a\nb'], ['hint', '2']]);
  }
});

test('both languages are complete', () => {
  const english = { ...en, ...enMore };
  const russian = { ...ru, ...ruMore };
  assert.deepEqual(Object.keys(russian), Object.keys(english));
  for (const [key, text] of Object.entries(russian)) {
    const forms = typeof text === 'string' ? { other: text } : text;
    for (const form of Object.values(forms)) assert.match(form, /[а-я]/i, key);
    assert.equal(typeof text, typeof english[key], key);
    if (typeof text !== 'string') assert.deepEqual(Object.keys(text), ['one', 'few', 'other'], key);
    const holes = (value) => JSON.stringify(value).includes('#');
    assert.equal(holes(text), holes(english[key]), key);
  }
});

test('numbers have their forms', () => {
  const words = makeWords('ru-RU');
  assert.deepEqual([1, 2, 5, 11, 21, 104].map((n) => words.text('over', n)), [
    'Длиннее на 1 символ', 'Длиннее на 2 символа', 'Длиннее на 5 символов',
    'Длиннее на 11 символов', 'Длиннее на 21 символ', 'Длиннее на 104 символа',
  ]);
  assert.equal(makeWords('en').text('unread', 1), '1 unread message');
});

test('the page beats the inbox, the inbox beats us, and a language we lack is English', () => {
  const texts = { send: { en: 'Go', ru: 'Вперёд' }, title: { de: 'Hallo' } };
  assert.equal(makeWords('ru', texts).text('send'), 'Вперёд');
  assert.equal(makeWords('en-GB', texts, { send: 'Now' }).text('send'), 'Now');
  assert.equal(makeWords('en', texts).text('title'), 'Hallo');
  assert.equal(makeWords('fr').language, 'en');
  assert.equal(makeWords('fr').text('send'), 'Send');
  assert.equal(makeWords('no such language!').text('send'), 'Send');
  assert.equal(makeWords('en', {}, { unread: '# new' }).text('unread', 3), '3 new');
});

test('it runs from right to left only where it speaks such a language', () => {
  assert.equal(makeWords('ar', {}, { send: 'أرسل' }).dir, 'rtl');
  assert.equal(makeWords('he', { send: { he: 'שלח' } }).dir, 'rtl');
  assert.equal(makeWords('ar').dir, 'ltr');
  assert.equal(makeWords('arn', {}, { send: 'x' }).dir, 'ltr');
});

test('days have names', () => {
  const words = makeWords('ru');
  const today = new Date(2026, 10, 22, 0, 30);
  assert.equal(words.day(new Date(2026, 10, 22, 23, 59), today), 'Сегодня');
  assert.equal(words.day(new Date(2026, 10, 21, 23, 59), today), 'Вчера');
  assert.match(words.day(new Date(2026, 2, 8), today), /8 марта$/);
  assert.match(words.day(new Date(2025, 11, 31), today), /31 декабря 2025/);
  assert.equal(makeWords('en').day(new Date(2026, 10, 23), today), 'Today'); // a clock that is late
});
