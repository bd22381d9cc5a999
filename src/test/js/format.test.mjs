import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ago, bytes, count, duration, millis, plural, rate } from '../../../webroot/dashboard/format.js';
import { Clock } from './clock.mjs';

let clock;
beforeEach(() => (clock = new Clock()));
afterEach(() => clock.restore());

const table = (format, rows) => {
  for (const [value, text] of rows) assert.equal(format(value), text);
};

test('counts are whole and grouped', () => table(count, [[0, '0'], [999.6, '1,000'], [1234567, '1,234,567']]));

test('rates have a decimal below ten only', () => table(rate, [[0, '0'], [2, '2'], [2.25, '2.3'], [9.96, '10.0'], [10.4, '10'], [1500, '1,500']]));

test('sizes are in decimal units', () =>
  table(bytes, [[0, '0 B'], [999, '999 B'], [1000, '1.0 KB'], [123_456, '123 KB'], [1.5e6, '1.5 MB'], [2e15, '2000 TB']]));

test('latencies are in ms below a second', () =>
  table(millis, [[null, '\u2013'], [undefined, '\u2013'], [0.123, '0.12 ms'], [2, '2 ms'], [2.5, '2.5 ms'], [12.4, '12 ms'], [1234, '1.2 s']]));

test('durations have the one or two largest units', () =>
  table(duration, [[-1, '0 s'], [59.9, '59 s'], [60, '1 min'], [3599, '59 min'], [3600, '1 h'], [3660, '1 h 1 min'], [90_000, '1 d 1 h'], [86_400, '1 d']]));

test('a time in the past is given by its age', () => {
  assert.equal(ago(clock.now - 61_000), '1 min ago');
  assert.equal(ago(new Date(clock.now - 5000).toISOString()), '5 s ago');
});

test('a noun follows its number', () => {
  assert.equal(plural(1, 'event'), '1 event');
  assert.equal(plural(0, 'event'), '0 events');
  assert.equal(plural(2000, 'stream lags', 'streams lag'), '2,000 streams lag');
});
