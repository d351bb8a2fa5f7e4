import assert from 'node:assert/strict';
import test from 'node:test';
import { pollDelay, retryDelay } from '../src/shared/backoff.js';
import { FRESH, isDown, lost, mayStream, opened, pollOnly, unopened, well } from '../src/widget/connection.js';

const after = (...events) => events.reduce((link, event) => event(link, 1000), FRESH);

test('one failure is not worth a word, two are, and any answer heals', () => {
  assert.equal(isDown(after(well, lost)), false);
  assert.equal(isDown(after(well, lost, lost)), true);
  assert.deepEqual(after(well, lost, lost, well), after(well));
  assert.equal(after(lost, lost, opened).failures, 0);
});

test('a stream is tried while all is well, and left for ten minutes after three refusals', () => {
  assert.equal(mayStream(after(well, lost), 0), false);
  assert.equal(mayStream(after(well, unopened, unopened), 1000), true);
  const polling = after(well, unopened, unopened, unopened);
  assert.equal(mayStream(polling, 600_999), false);
  assert.equal(mayStream(polling, 601_000), true);
  assert.equal(mayStream(after(well, pollOnly), 1001), false);
  assert.equal(mayStream(after(well, unopened, unopened, opened, unopened), 1000), true);
});

test('retries wait longer and longer, never more than a minute, never all at once', () => {
  assert.deepEqual([1, 2, 3, 4].map((n) => retryDelay(n, 1)), [1000, 2000, 4000, 8000]);
  assert.deepEqual([1, 2, 30].map((n) => retryDelay(n, 0)), [500, 1000, 30000]);
  assert.equal(retryDelay(1000, 1), 60000);
});

test('questions come as often as somebody looks', () => {
  const seconds = (open, hidden, minutes) =>
    pollDelay({ open, hidden, idle: minutes * 60000, chance: 0.5 }) / 1000;
  assert.deepEqual([0, 2, 9].map((idle) => seconds(true, false, idle)), [3, 8, 20]);
  assert.deepEqual([0, 2, 9].map((idle) => seconds(false, false, idle)), [20, 20, 60]);
  assert.deepEqual([seconds(true, true, 0), seconds(false, true, 0)], [30, 60]);
  assert.ok(Math.abs(pollDelay({ open: true, hidden: false, idle: 0, chance: 1 }) - 3300) < 1);
});
