import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TicketSource } from '../../../webroot/ticket-source.js';
import { Clock, until } from './clock.mjs';

const URL_OF_STREAM = 'https://hub.example/push/events/orders.**?topic=news';
const MAX_FIRST_BACKOFF = 500;
const realFetch = globalThis.fetch;

let clock;
let requests; // for tickets
let streams; // each one an EventSource
let source;
let events;

class FakeEventSource extends EventTarget {
  readyState = 0;
  closed = false;

  constructor(url, options) {
    super();
    this.url = new URL(url);
    this.options = options;
    streams.push(this);
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  send(type, lastEventId, data = '') {
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin: this.url.origin }));
  }

  /** The connection is lost, and the browser reconnects; or the hub's answer was not 200, and it does not. */
  lose(readyState = 0) {
    this.readyState = readyState;
    this.onerror();
  }

  close() {
    this.closed = true;
    this.readyState = 2;
  }
}

function begin(options = { token: 't1' }) {
  source = new TicketSource(URL_OF_STREAM, options);
  for (const type of ['message', 'order', 'error', 'open']) source.addEventListener(type, (event) => events.push(event));
}

beforeEach(() => {
  clock = new Clock();
  requests = [];
  streams = [];
  events = [];
  globalThis.EventSource = FakeEventSource;
  globalThis.fetch = (url, options) =>
    new Promise((resolve, reject) => {
      requests.push({
        url: String(url),
        options,
        answer: (ticket, reconnect) => resolve(Response.json({ ticket, reconnect }, { status: 201 })),
        refuse: (status, headers = {}) => resolve(Response.json({ detail: 'why' }, { status, headers })),
        fail: () => reject(new TypeError('no connection')),
      });
    });
});

afterEach(() => {
  source.close();
  globalThis.fetch = realFetch;
  delete globalThis.EventSource;
  clock.restore();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const types = () => events.map(({ type }) => type);

/** Answers the next request for a ticket, and opens the stream. */
async function opened(reconnect) {
  const index = streams.length;
  await until(() => requests.length > index);
  requests[index].answer(`ticket ${index + 1}`, reconnect);
  await until(() => streams.length > index);
  streams[index].open();
  return streams[index];
}

test('the token is exchanged for a ticket for the topics of the stream, and is not in its URL', async () => {
  begin();
  const stream = await opened(true);
  const [{ url, options }] = requests;
  assert.equal(url, 'https://hub.example/push/tickets');
  assert.equal(options.method, 'POST');
  assert.equal(options.headers.Authorization, 'Bearer t1');
  assert.deepEqual(JSON.parse(options.body), { topics: ['news', 'orders.**'] });
  assert.equal(stream.url.pathname, '/push/events/orders.**');
  assert.equal(stream.url.searchParams.get('ticket'), 'ticket 1');
  assert.equal(stream.url.searchParams.get('topic'), 'news');
  assert.ok(!stream.url.href.includes('t1'));
  assert.equal(stream.url.searchParams.get('last_event_id'), null);
  assert.deepEqual(stream.options, { withCredentials: true });
});

test('events are passed on with their types and ids', async () => {
  begin();
  const stream = await opened(true);
  source.onmessage = ({ data }) => events.push({ type: `onmessage ${data}` });
  source.addEventListener('late', (event) => events.push(event));
  stream.send('message', 'a~1', 'one');
  stream.send('order', 'a~2', 'two');
  stream.send('late', 'a~3', 'three');
  assert.deepEqual(types(), ['open', 'onmessage one', 'message', 'order', 'late']);
  assert.deepEqual([events[3].data, events[3].lastEventId, events[3].origin], ['two', 'a~2', 'https://hub.example']);
  assert.equal(source.lastEventId, 'a~3');
  assert.equal(source.readyState, 1);
});

test('while the browser reconnects by itself no other ticket is asked for', async () => {
  begin();
  const stream = await opened(true);
  stream.lose();
  clock.advance(60_000);
  await settled();
  assert.equal(requests.length, 1);
  assert.equal(source.readyState, 0);
  stream.open();
  assert.equal(source.readyState, 1);
  assert.deepEqual(types(), ['open', 'error', 'open']);
});

test('where the browser can not reconnect, a new ticket is got and the stream resumes', async () => {
  begin();
  const stream = await opened(false);
  stream.send('order', 'a~1');
  stream.send('hub.beat', 'a~7');
  stream.lose();
  assert.ok(stream.closed, 'the browser must not try the used ticket');
  clock.advance(MAX_FIRST_BACKOFF);
  const next = await opened(false);
  assert.equal(next.url.searchParams.get('ticket'), 'ticket 2');
  assert.equal(next.url.searchParams.get('last_event_id'), 'a~7');
  next.send('order', 'a~8');
  assert.deepEqual(types(), ['open', 'order', 'error', 'open', 'order']);
});

test('a stream that the hub refuses gets a new ticket, with the token of then', async () => {
  let tokens = 0;
  begin({ token: async () => `t${++tokens}` });
  const stream = await opened(true);
  stream.send('message', 'a~1');
  stream.lose(); // the token has ended, and the browser tries the ticket again
  stream.lose(2);
  clock.advance(MAX_FIRST_BACKOFF);
  const next = await opened(true);
  assert.equal(requests[1].options.headers.Authorization, 'Bearer t2');
  assert.equal(next.url.searchParams.get('last_event_id'), 'a~1');
});

test('a session needs no token, and another origin may be asked without cookies', async () => {
  begin({ withCredentials: false });
  const stream = await opened(true);
  assert.equal(requests[0].options.headers.Authorization, undefined);
  assert.equal(requests[0].options.credentials, 'same-origin');
  assert.deepEqual(stream.options, { withCredentials: false });
  stream.lose();
  assert.ok(stream.closed, 'without the cookie the ticket opens one stream only');
});

for (const status of [400, 401, 403, 404]) {
  test(`a response of ${status} to the request for a ticket is final, with the hub's reason`, async () => {
    begin();
    await until(() => requests.length === 1);
    requests[0].refuse(status);
    await until(() => source.readyState === 2);
    assert.equal(source.reason, 'why');
    assert.deepEqual(types(), ['error']);
    clock.advance(60_000);
    await settled();
    assert.equal(requests.length, 1);
  });
}

for (const status of [429, 500, 503]) {
  test(`after a response of ${status} a ticket is asked for when the hub says`, async () => {
    begin();
    await until(() => requests.length === 1);
    requests[0].refuse(status, { 'Retry-After': '7' });
    await settled();
    await settled();
    clock.advance(6999);
    await settled();
    assert.equal(requests.length, 1);
    clock.advance(1);
    await until(() => requests.length === 2);
  });
}

test('the backoff grows while the hub can not be reached, up to ten seconds', async () => {
  begin();
  for (let failures = 0; failures < 8; failures++) {
    await until(() => requests.length > failures);
    requests[failures].fail();
    await settled();
    await settled();
    const longest = Math.min(10_000, 500 * 2 ** failures);
    clock.advance(longest / 2 - 1);
    await settled();
    assert.equal(requests.length, failures + 1, 'at least half of the backoff is waited for');
    clock.advance(longest / 2 + 1);
  }
  await until(() => requests.length === 9);
  assert.deepEqual(types(), []);
});

for (const type of ['hub.drain', 'hub.busy']) {
  test(`after ${type} the stream comes back when the hub says`, async () => {
    begin();
    const stream = await opened(false);
    stream.send(type, '', '{"retry":3000}');
    stream.lose();
    clock.advance(2999);
    await settled();
    assert.equal(requests.length, 1);
    clock.advance(1);
    await opened(false);
  });
}

test('a source that is closed opens nothing, whatever it was waiting for', async () => {
  begin();
  await until(() => requests.length === 1);
  source.close();
  requests[0].answer('late', true);
  await settled();
  await settled();
  assert.equal(streams.length, 0);
  begin();
  await until(() => requests.length === 2);
  requests[1].answer('ticket', true);
  await until(() => streams.length === 1);
  source.close();
  assert.ok(streams[0].closed);
  streams[0].send('message', 'a~1');
  streams[0].lose();
  clock.advance(60_000);
  await settled();
  assert.deepEqual(types(), []);
  assert.equal(requests.length, 2);
});
