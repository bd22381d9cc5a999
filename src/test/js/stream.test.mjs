import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Stream } from '../../../webroot/dashboard/stream.js';
import { Clock, until } from './clock.mjs';
import { FakeHub, line, opening, position } from './fake-hub.mjs';

const MAX_FIRST_BACKOFF = 500;
const SILENCE = 40_000;

let clock;
let hub;
let lines;
let states;
let stream;

beforeEach(() => {
  clock = new Clock();
  hub = new FakeHub();
  lines = [];
  states = [];
  stream = new Stream((lastId) => `http://hub/events?last_event_id=${lastId}`, {
    onLine: (from, received) => lines.push(received),
    onState: ({ state }) => states.push(state),
  });
});

afterEach(() => {
  stream.close();
  hub.restore();
  clock.restore();
});

async function opened(index = 0) {
  await until(() => hub.requests.length > index);
  const request = hub.requests[index].accept();
  await until(() => stream.state === 'open');
  return request;
}

test('lines are passed on in their order, however they arrive', async () => {
  const request = await opened();
  const text = [line('a', 1), line('a', 2)].map((one) => `${JSON.stringify(one)}\n`).join('');
  request.sendText(text.slice(0, 10));
  request.sendText(text.slice(10, 150));
  request.sendText(text.slice(150));
  await until(() => lines.length === 2);
  assert.deepEqual(lines.map(({ data }) => data), ['a 1', 'a 2']);
});

test('a stream that breaks resumes after the last id', async () => {
  const request = await opened();
  request.send(line('a', 1), line('a', 2));
  await until(() => lines.length === 2);
  request.fail();
  await until(() => stream.state === 'down');
  clock.advance(MAX_FIRST_BACKOFF);
  await opened(1);
  assert.equal(hub.requests[1].lastEventId, position(2));
  assert.deepEqual(states, ['open', 'down', 'open']);
});

test('a stream that ends without a drain reconnects too', async () => {
  (await opened()).end();
  await until(() => stream.state === 'down');
  clock.advance(MAX_FIRST_BACKOFF);
  await opened(1);
});

test('the backoff grows with each failure, up to ten seconds', async () => {
  for (let failures = 0; failures < 8; failures++) {
    await until(() => hub.requests.length > failures);
    hub.requests[failures].fail();
    await until(() => stream.state === 'down');
    await new Promise((resolve) => setImmediate(resolve));
    const longest = Math.min(10_000, 500 * 2 ** failures);
    clock.advance(longest / 2 - 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hub.requests.length, failures + 1, 'at least half of the backoff is waited for');
    clock.advance(longest / 2 + 1);
  }
  await until(() => hub.requests.length === 9);
});

test('the time since the connection was lost is that of the first failure', async () => {
  (await opened()).fail();
  await until(() => stream.state === 'down');
  const lost = clock.now;
  clock.advance(MAX_FIRST_BACKOFF);
  await until(() => hub.requests.length === 2);
  hub.requests[1].fail();
  await until(() => states.length === 3);
  assert.equal(stream.downSince, lost);
});

test('a retry can be forced at once', async () => {
  (await opened()).fail();
  await until(() => stream.state === 'down');
  await new Promise((resolve) => setImmediate(resolve));
  stream.retryNow();
  await until(() => hub.requests.length === 2);
});

for (const status of [400, 401, 403, 404]) {
  test(`a response of ${status} is final, with the hub's reason`, async () => {
    await until(() => hub.requests.length === 1);
    hub.requests[0].refuse(status, 'topic: must be given');
    await until(() => stream.state === 'closed');
    assert.equal(stream.reason, 'topic: must be given');
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hub.requests.length, 1);
  });
}

for (const status of [408, 425, 429, 500, 503]) {
  test(`after a response of ${status} the stream tries again`, async () => {
    await until(() => hub.requests.length === 1);
    hub.requests[0].refuse(status, 'later');
    await until(() => stream.state === 'down');
    clock.advance(MAX_FIRST_BACKOFF);
    await opened(1);
  });
}

test('a hub that drains sets the delay, and the reason is shown', async () => {
  const request = await opened();
  request.send({ id: position(3), topic: 'hub', type: 'hub.drain', data: '{"retry":3000}' });
  await until(() => stream.lastId === position(3));
  request.end();
  await until(() => stream.state === 'down');
  assert.equal(stream.reason, 'the hub asked to reconnect');
  assert.deepEqual(lines, []);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(2999);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hub.requests.length, 1);
  clock.advance(1);
  await until(() => hub.requests.length === 2);
});

test('a connection without a byte for 40 seconds is given up, each line extends that', async () => {
  const request = await opened();
  clock.advance(SILENCE - 1);
  request.send(opening(1));
  await until(() => lines.length === 1);
  clock.advance(SILENCE - 1);
  assert.equal(stream.state, 'open');
  clock.advance(1);
  await until(() => stream.state === 'down');
});

test('a closed stream makes no more requests and passes no more lines on', async () => {
  const request = await opened();
  stream.close();
  clock.advance(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(request.ended);
  assert.equal(hub.requests.length, 1);
  assert.deepEqual(states, ['open']);
});
