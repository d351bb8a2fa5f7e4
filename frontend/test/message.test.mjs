import assert from 'node:assert/strict';
import test from 'node:test';
import { absorb, inOrder, unreadOf } from '../src/widget/merge.js';
import { hasRoom, move, verdict } from '../src/shared/message.js';

const live = (...events) => events.reduce(move, 'queued');

test('a message goes out, is lost on the way, goes out again and is seen', () => {
  assert.equal(live('start', 'again', 'start', 'ok'), 'sent');
  assert.equal(live('start', 'session', 'start', 'ok', 'seen'), 'seen');
  assert.equal(live('start', 'fatal'), 'failed');
  assert.equal(live('start', 'fatal', 'retry', 'start', 'ok'), 'sent');
  assert.equal(live('start', 'fatal', 'discard'), 'removed');
});

test('what has arrived never goes back', () => {
  for (const event of ['start', 'again', 'fatal', 'session', 'retry', 'discard']) {
    assert.equal(live('start', 'ok', event), 'sent');
    assert.equal(live('start', 'ok', 'seen', event), 'seen');
    assert.equal(live('discard', event), 'removed');
  }
});

test('which answers are worth another try', () => {
  for (const status of [0, 408, 425, 429, 500, 502, 503]) assert.equal(verdict(status), 'again');
  for (const status of [400, 409, 413, 415]) assert.equal(verdict(status), 'fatal');
  assert.deepEqual([200, 201].map(verdict), ['ok', 'ok']);
  assert.equal(verdict(401), 'session');
});

test('fifty texts may wait, and not too much of them', () => {
  const waiting = (count, length) => Array(count).fill({ cid: '', body: 'x'.repeat(length) });
  assert.equal(hasRoom(waiting(49, 1), 'x'), true);
  assert.equal(hasRoom(waiting(50, 1), 'x'), false);
  assert.equal(hasRoom(waiting(30, 2000), 'x'), true);
  assert.equal(hasRoom(waiting(33, 2000), 'x'), false);
});

const message = (seq, values = {}) => ({
  id: `id-${seq}`, seq, revision: seq, kind: 'operator', body: `Message ${seq}`, removed: false,
  ...values,
});

test('hearing the same twice, or older, changes nothing', () => {
  const known = new Map();
  const edited = message(1, { revision: 5, body: 'Better' });
  assert.deepEqual(absorb(known, [message(2), edited], 0).map(({ seq }) => seq), [2, 1]);
  assert.deepEqual(absorb(known, [message(1), message(2), edited], 0), []);
  assert.deepEqual(inOrder(known).map(([, { body }]) => body), ['Better', 'Message 2']);
});

test('an own message is the same by its client_id', () => {
  const known = new Map();
  absorb(known, [message(1, { client_id: 'mine', kind: 'visitor' })], 0);
  absorb(known, [message(1, { client_id: 'mine', kind: 'visitor', revision: 9, body: 'x' })], 0);
  assert.deepEqual([...known.keys()], ['mine']);
  assert.equal(known.get('mine').body, 'x');
});

test('messages of an earlier conversation stay before those of the next', () => {
  const known = new Map();
  absorb(known, [message(7, { id: 'old' })], 0);
  absorb(known, [message(1, { id: 'new' })], 1);
  absorb(known, [message(7, { id: 'old', revision: 9 })], 1);
  assert.deepEqual(inOrder(known).map(([key]) => key), ['old', 'new']);
});

test('unread is what others have said since, in this conversation', () => {
  const known = new Map();
  absorb(known, [message(9, { id: 'old' })], 0);
  absorb(
    known,
    [message(1), message(2), message(3, { removed: true }), message(4, { kind: 'visitor' }), message(5)],
    1,
  );
  assert.deepEqual(unreadOf(known.values(), 1, 1).map(({ seq }) => seq), [2, 5]);
});
