import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { StreamMultiplexer } from '../../../webroot/dashboard/multiplexer.js';
import { Clock, until } from './clock.mjs';
import { FakeHub, line, opening, position } from './fake-hub.mjs';

const MAX_BACKOFF = 10_000;

let clock;
let hub;
let multiplexer;
let tabs;

beforeEach(() => {
  clock = new Clock();
  hub = new FakeHub();
  multiplexer = new StreamMultiplexer('http://hub/');
  tabs = [];
});

afterEach(() => {
  tabs.forEach((tab) => tab.send('leave'));
  hub.restore();
  clock.restore();
});

/** A tab's end of the port: it pulls after each update, as pages do. */
class Tab {
  received = [];
  connection = {};
  #port = { postMessage: (update) => queueMicrotask(() => this.#update(update)) }; // asynchronous, as real ports

  constructor() {
    multiplexer.connect(this.#port);
    tabs.push(this);
  }

  join(patterns, start = {}) {
    this.send('join', { session: 1, patterns, start, filter: '' });
    this.send('pull', { maxEvents: 1000 });
    return this;
  }

  send(command, fields = {}) {
    this.#port.onmessage({ data: { command, ...fields } });
  }

  crash() {
    this.#port.onclose();
  }

  #update({ events, connection }) {
    this.received.push(...events.map(({ data, type }) => type || data));
    this.connection = { ...connection };
    this.send('pull', { maxEvents: 1000 });
  }
}

const eventStreams = () => hub.open('/events');
const topics = () => eventStreams().map((request) => request.topics);

/** Lets promises and the tabs' updates proceed. */
async function deliverMessages() {
  for (let i = 0; i < 5; i++) {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
  }
}

/** A tab whose stream is open at an offset. */
async function tabAt(offset, ...patterns) {
  const tab = new Tab().join(patterns);
  await accepted(patterns, offset);
  return tab;
}

/** Accepts the newest request for the patterns. */
async function accepted(patterns, offset) {
  const wanted = () => eventStreams().filter((request) => request.topics.join() === patterns.join()).at(-1);
  await until(wanted);
  const request = wanted().accept();
  if (offset !== undefined) request.send(opening(offset));
  await deliverMessages();
  return request;
}

test('a tab receives the events of its patterns, and its stream does not count as traffic', async () => {
  const tab = await tabAt(10, 'a');
  const [request] = eventStreams();
  assert.ok(request.url.searchParams.has('uncounted'));
  request.send(line('a', 11), line('a', 12, { type: 'note' }));
  await deliverMessages();
  assert.deepEqual(tab.received, ['a 11', 'note']);
});

test('a hub that is cut off from its cluster adds no event to the tail', async () => {
  const tab = await tabAt(10, 'a');
  const [request] = eventStreams();
  request.send({ id: '', topic: 'hub', type: 'hub.stale', time: new Date().toISOString(), data: '{"since":"2026-05-01T10:20:30.456Z"}' });
  request.send(line('a', 11));
  await deliverMessages();
  assert.deepEqual(tab.received, ['a 11']);
});

test('a tab begins at the position that it requests', async () => {
  new Tab().join(['a'], { since: '10m' });
  await until(() => eventStreams().length === 1);
  assert.equal(eventStreams()[0].url.searchParams.get('since'), '10m');
});

test('two streams near each other become one, which resumes from the one further behind', async () => {
  await tabAt(10, 'a');
  await tabAt(12, 'b');
  await until(() => eventStreams().length === 1);
  assert.deepEqual(topics(), [['a', 'b']]);
  assert.equal(eventStreams()[0].lastEventId, position(10));
});

test('after a merge no event is lost or received twice', async () => {
  const a = await tabAt(10, 'a');
  eventStreams()[0].send(line('a', 11), line('a', 13));
  await deliverMessages();
  const all = await tabAt(12, '*');
  assert.deepEqual(topics(), [['a', '*']]);
  const merged = await accepted(['a', '*'], 12);
  merged.send(line('a', 13), line('b', 14), line('a', 15));
  await deliverMessages();
  assert.deepEqual(a.received, ['a 11', 'a 13', 'a 15']);
  assert.deepEqual(all.received, ['a 13', 'b 14', 'a 15']);
});

test('tabs receive the number of tabs that share their stream', async () => {
  const a = await tabAt(10, 'a');
  assert.equal(a.connection.tabs, 1);
  const b = await tabAt(10, 'b');
  assert.deepEqual([a.connection.tabs, b.connection.tabs], [2, 2]);
});

test('a stream that has all the patterns already is kept by a merge', async () => {
  await tabAt(10, 'a');
  const [first] = eventStreams();
  await tabAt(20, 'a');
  assert.deepEqual(eventStreams(), [first]);
});

test('streams far from each other stay two until one catches up', async () => {
  await tabAt(10, 'a');
  await tabAt(20_000, 'b');
  assert.equal(eventStreams().length, 2);
  eventStreams()[0].send(line('a', 15_000));
  await deliverMessages();
  assert.deepEqual(topics(), [['b', 'a']]);
});

test('streams with more than 100 patterns together stay two', async () => {
  const many = (name) => Array.from({ length: 60 }, (_, i) => `${name}${i}`);
  await tabAt(10, ...many('a'));
  await tabAt(10, ...many('b'));
  assert.equal(eventStreams().length, 2);
});

test('a tab that leaves takes its patterns along', async () => {
  const a = await tabAt(10, 'a');
  const b = await tabAt(10, 'b');
  await accepted(['a', 'b'], 10);
  a.send('leave');
  await deliverMessages();
  assert.deepEqual(topics(), [['b']]);
  (await accepted(['b'], 10)).send(line('b', 11));
  await deliverMessages();
  assert.deepEqual(b.received, ['b 11']);
  assert.equal(b.connection.tabs, 1);
});

test('the last tab that leaves, or crashes, closes all streams', async () => {
  const tab = await tabAt(10, 'a');
  assert.equal(hub.open('/stats').length, 1);
  tab.crash();
  assert.deepEqual(hub.requests.filter(({ ended }) => !ended), []);
});

test('a tab whose user has signed in or out gets statistics by the new rights', async () => {
  const a = await tabAt(10, 'a');
  await tabAt(1_000_000, 'b');
  const [before] = hub.open('/stats');
  a.send('join', { session: 2, patterns: ['a'], start: {}, filter: '', renewed: true });
  await until(() => hub.open('/stats').length === 1 && hub.open('/stats')[0] !== before);
  assert.ok(before.ended);
});

test('if the hub refuses the merged stream each tab gets its own again, for good', async () => {
  await tabAt(10, 'a');
  await tabAt(10, 'b');
  await until(() => eventStreams().length === 1);
  eventStreams()[0].refuse(400, 'topic: too many');
  await until(() => eventStreams().length === 2);
  assert.deepEqual(topics(), [['a'], ['b']]);
  await accepted(['a'], 10);
  await accepted(['b'], 10);
  assert.equal(eventStreams().length, 2);
});

test('a refused stream of one tab is closed with the reason', async () => {
  const tab = new Tab().join(['a**']);
  await until(() => eventStreams().length === 1);
  eventStreams()[0].refuse(400, 'topic: must have * only as a whole part');
  await deliverMessages();
  assert.deepEqual([tab.connection.state, tab.connection.reason], ['closed', 'topic: must have * only as a whole part']);
});

test('every tab of a stream gets its gap, whatever its patterns', async () => {
  const a = await tabAt(10, 'a');
  const b = await tabAt(10, 'b');
  const merged = await accepted(['a', 'b'], 10);
  merged.send({ id: position(0, '1111abcd'), topic: 'hub', type: 'hub.gap', time: new Date().toISOString(), data: '{}' });
  await deliverMessages();
  assert.deepEqual([a.received, b.received], [['hub.gap'], ['hub.gap']]);
});

test('after a gap the smaller offsets of another epoch are received', async () => {
  const a = await tabAt(1000, 'a');
  await tabAt(1000, 'b');
  const merged = await accepted(['a', 'b'], 1000);
  merged.send({ id: position(0, '1111abcd'), topic: 'hub', type: 'hub.gap', time: new Date().toISOString(), data: '{}' });
  merged.send(line('a', 1, { id: position(1, '1111abcd') }));
  await deliverMessages();
  assert.deepEqual(a.received, ['hub.gap', 'a 1']);
});

test('a reconnect is counted, with the time it took and what was replayed', async () => {
  const tab = await tabAt(10, 'a');
  eventStreams()[0].fail();
  await deliverMessages();
  assert.equal(tab.connection.state, 'down');
  clock.advance(MAX_BACKOFF);
  const request = await accepted(['a'], 10);
  request.send(line('a', 11), line('a', 12, { time: new Date(clock.now + 1000).toISOString() }));
  await deliverMessages();
  assert.equal(tab.connection.reconnects, 1);
  assert.ok(tab.connection.downMillis > 0);
  assert.equal(tab.connection.replayed, 1);
});
