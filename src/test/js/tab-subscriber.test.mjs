import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Cursor } from '../../../webroot/dashboard/cursor.js';
import { TabSubscriber } from '../../../webroot/dashboard/tab-subscriber.js';
import { Clock } from './clock.mjs';
import { line, position } from './fake-hub.mjs';

const UPDATE_INTERVAL = 100;

let clock;
let updates;
let tab;

beforeEach(() => {
  clock = new Clock();
  updates = [];
  tab = new TabSubscriber({ postMessage: (update) => updates.push(structuredClone(update)) });
  tab.join({ session: 1, patterns: ['a.*'], filter: '' }, [], null);
});

afterEach(() => clock.restore());

const receive = (topic, offset, fields, replayed = false) => tab.receive({ ...line(topic, offset, fields), topics: [topic] }, replayed);

function pull(maxEvents = 25) {
  tab.pull(maxEvents);
  clock.advance(UPDATE_INTERVAL);
  return updates.at(-1);
}

const data = (update) => update.events.map((event) => event.data);

test('nothing is sent before the tab pulls', () => {
  receive('a.b', 1);
  clock.advance(10 * UPDATE_INTERVAL);
  assert.deepEqual(updates, []);
});

test('a pull is answered by one update, at once when anything is new', () => {
  receive('a.b', 1);
  assert.deepEqual(data(pull()), ['a.b 1']);
  receive('a.b', 2);
  clock.advance(10 * UPDATE_INTERVAL);
  assert.equal(updates.length, 1);
});

test('a pull waits until something is new', () => {
  pull();
  tab.pull(25);
  clock.advance(10 * UPDATE_INTERVAL);
  assert.equal(updates.length, 1);
  receive('a.b', 1);
  clock.advance(0);
  assert.deepEqual(data(updates[1]), ['a.b 1']);
});

test('updates are at least 100 ms apart', () => {
  pull();
  receive('a.b', 1);
  tab.pull(25);
  clock.advance(0);
  receive('a.b', 2);
  tab.pull(25);
  clock.advance(UPDATE_INTERVAL - 1);
  assert.equal(updates.length, 2);
  clock.advance(1);
  assert.equal(updates.length, 3);
});

test('only events that match the patterns are received', () => {
  receive('b', 1);
  receive('a.b', 2);
  const update = pull();
  assert.deepEqual(data(update), ['a.b 2']);
  assert.equal(update.received, 1);
});

test('events that the tab has already are not received again, later ones are', () => {
  tab.cursor = new Cursor().after(line('a.b', 5));
  for (const offset of [4, 5, 6, 7]) receive('a.b', offset);
  assert.deepEqual(data(pull()), ['a.b 6', 'a.b 7']);
});

test('no more events are sent than were pulled, and the others stay queued', () => {
  for (let offset = 1; offset <= 5; offset++) receive('a.b', offset);
  const update = pull(2);
  assert.deepEqual(data(update), ['a.b 1', 'a.b 2']);
  assert.equal(update.queued, 3);
  assert.equal(update.position, position(2));
  assert.deepEqual(data(pull(25)), ['a.b 3', 'a.b 4', 'a.b 5']);
});

test('beyond 500 queued events the oldest are skipped and counted', () => {
  for (let offset = 1; offset <= 600; offset++) receive('a.b', offset);
  const update = pull(25);
  assert.equal(update.received, 600);
  assert.equal(update.skipped, 100);
  assert.equal(data(update)[0], 'a.b 101');
  assert.equal(update.queued, 475);
});

test('a filter applies to type, topic, data and id, in any case', () => {
  receive('a.type', 1, { type: 'Apple', data: '' });
  receive('a.apple', 2, { data: '' });
  receive('a.data', 3, { data: 'an APPLE' });
  receive('a.id', 4, { id: 'apple-4', position: position(4), data: '' });
  receive('a.none', 5, { data: 'pear' });
  tab.filter('apple');
  const update = pull();
  assert.ok(update.reset);
  assert.deepEqual(update.events.map(({ topics }) => topics[0]), ['a.type', 'a.apple', 'a.data', 'a.id']);
});

test('a removed filter brings back the retained events', () => {
  receive('a.b', 1);
  tab.filter('nothing has this');
  assert.deepEqual(data(pull()), []);
  tab.filter('');
  assert.deepEqual(data(pull(1)), ['a.b 1']);
});

test('a notice passes patterns and filter, and is not counted as received', () => {
  tab.filter('nothing has this');
  tab.notice({ ...line('hub', 1, { type: 'hub.gap', data: '{}' }), topics: [] });
  const update = pull();
  assert.deepEqual(update.events.map(({ type }) => type), ['hub.gap']);
  assert.equal(update.received, 0);
});

test('long data is cut, and its length reported', () => {
  receive('a.b', 1, { data: 'x'.repeat(10_000) });
  const [event] = pull().events;
  assert.equal(event.data.length, 8000);
  assert.equal(event.length, 10_000);
});

test('replayed events are counted', () => {
  receive('a.b', 1, {}, true);
  receive('a.b', 2, {}, false);
  assert.equal(pull().connection.replayed, 1);
});

test('statistics are sent once', () => {
  tab.stats([{ at: 1 }], { in: 5 });
  let update = pull();
  assert.deepEqual([update.samples, update.stats], [[{ at: 1 }], { in: 5 }]);
  receive('a.b', 1);
  update = pull();
  assert.deepEqual([update.samples, update.stats], [[], null]);
});

test('at most half an hour of samples waits for a tab', () => {
  tab.stats(Array.from({ length: 2000 }, (_, at) => ({ at })), {});
  const { samples } = pull();
  assert.equal(samples.length, 1800);
  assert.equal(samples.at(-1).at, 1999);
});

test('a new session starts with new counts and an empty queue', () => {
  receive('a.b', 1);
  tab.join({ session: 2, patterns: ['b'], filter: '' }, [{ at: 1 }], { in: 1 });
  const update = pull();
  assert.deepEqual([update.session, update.received, update.events], [2, 0, []]);
  assert.deepEqual(update.samples, [{ at: 1 }]);
});

test('reconnects add up', () => {
  tab.reconnected(300);
  tab.reconnected(200);
  const { connection } = pull();
  assert.deepEqual([connection.reconnects, connection.downMillis], [2, 500]);
});

test('a tab that asks for it gets updates less often, until it asks otherwise', () => {
  receive('a.b', 1);
  pull(0);
  receive('a.b', 2);
  tab.pull(0, 1000);
  clock.advance(999 - UPDATE_INTERVAL);
  assert.equal(updates.length, 1);
  tab.pull(25);
  clock.advance(0);
  assert.deepEqual(data(updates[1]), ['a.b 1', 'a.b 2']);
});

test('what was sent before a clear is not sent again for another filter', () => {
  receive('a.b', 1);
  pull();
  receive('a.b', 2);
  tab.clear();
  tab.filter('a.b');
  assert.deepEqual(data(pull()), ['a.b 2']);
});
