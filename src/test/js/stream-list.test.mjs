import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Polling } from '../../../webroot/dashboard/polling.js';
import { StreamList } from '../../../webroot/dashboard/stream-list.js';
import { Clock, until } from './clock.mjs';

const realFetch = globalThis.fetch;

let clock;
let requests; // those that are not answered yet
let all; // method and path of each
let changes;
let list;

beforeEach(() => {
  clock = new Clock();
  requests = [];
  all = [];
  changes = 0;
  globalThis.fetch = (path, { method = 'GET', signal } = {}) =>
    new Promise((resolve, reject) => {
      const request = { path, method, resolve, reject, aborted: false };
      signal?.addEventListener('abort', () => {
        request.aborted = true;
        requests.splice(requests.indexOf(request), 1);
        reject(new Error('aborted'));
      });
      requests.push(request);
      all.push(`${method} ${path}`);
    });
  list = new StreamList(() => changes++);
  list.start();
});

afterEach(() => {
  list.stop();
  clock.restore();
  globalThis.fetch = realFetch;
});

async function answer(json, status = 200) {
  await until(() => requests.length > 0);
  const before = changes;
  requests.shift().resolve(new Response(status === 204 ? null : JSON.stringify(json), { status }));
  await until(() => changes > before || requests.length > 0);
}

const stream = (handle) => ({ handle, topics: ['a'] });
const page = (handles, next) => ({ streams: handles.map(stream), missing: [], next });
const handles = () => list.streams.map(({ handle }) => handle);

test('the first page is fetched at once and then every five seconds', async () => {
  await answer(page(['a', 'b']));
  assert.deepEqual(handles(), ['a', 'b']);
  assert.deepEqual(all, ['GET streams?limit=50']);
  clock.advance(4999);
  assert.equal(all.length, 1);
  clock.advance(1);
  assert.equal(all.length, 2);
});

test('nothing is fetched once it is stopped', async () => {
  await answer(page(['a']));
  list.stop();
  clock.advance(60_000);
  assert.equal(all.length, 1);
  list.start();
  assert.equal(all.length, 2);
});

test('pages follow each other, and lead back', async () => {
  await answer(page(['a'], 'a'));
  list.forward();
  await answer(page(['b'], 'b'));
  list.forward();
  await answer(page(['c']));
  assert.equal(all.at(-1), 'GET streams?limit=50&after=b');
  assert.equal(list.next, '');
  list.forward();
  assert.equal(all.length, 3);
  list.back();
  assert.equal(all.at(-1), 'GET streams?limit=50&after=a');
  list.back();
  assert.equal(all.at(-1), 'GET streams?limit=50');
  assert.equal(list.first, true);
});

test('a page whose streams have all ended is left for the one before', async () => {
  await answer(page(['a'], 'a'));
  list.forward();
  await answer(page([]));
  assert.equal(all.at(-1), 'GET streams?limit=50');
});

test('a filter begins at the first page, and empty fields do not count', async () => {
  await answer(page(['a'], 'a'));
  list.forward();
  list.filter({ topic: 'orders.*', subject: '', behind: '0' });
  assert.equal(all.at(-1), 'GET streams?limit=50&topic=orders.*&behind=0');
  assert.equal(list.filtered, true);
  await answer(page(['b']));
  assert.deepEqual(handles(), ['b']);
});

test('an answer to an earlier filter is not shown', async () => {
  list.filter({ subject: 'alice' });
  assert.equal(requests.length, 1);
  await answer(page(['alice']));
  assert.deepEqual(handles(), ['alice']);
});

test('a stream is ended only after it was asked about', async () => {
  await answer(page(['a', 'b']));
  list.end('a');
  assert.equal(list.asked, 'a');
  assert.equal(all.length, 1);
  list.end('a');
  assert.equal(all.at(-1), 'DELETE streams/a');
  await answer(null, 204);
  await until(() => handles().length === 1);
  assert.deepEqual(handles(), ['b']);
  assert.equal(list.asked, '');
  await until(() => all.at(-1) === 'GET streams?limit=50');
});

test('asking about another stream forgets the first, and a question ends by itself', async () => {
  await answer(page(['a', 'b']));
  list.end('a');
  list.end('b');
  assert.equal(list.asked, 'b');
  clock.advance(4000);
  assert.equal(list.asked, 'b');
  clock.advance(1000);
  assert.equal(list.asked, '');
  assert.ok(!all.some((request) => request.startsWith('DELETE')));
});

test('a stream that has ended meanwhile is gone, and another failure is told', async () => {
  await answer(page(['a', 'b']));
  list.end('a');
  list.end('a');
  await answer({ detail: 'stream: not open' }, 404);
  await until(() => handles().length === 1);
  await answer(page(['b']));
  list.end('b');
  list.end('b');
  await answer({ detail: 'these nodes do not answer' }, 503);
  await until(() => list.problem === 'these nodes do not answer');
  assert.deepEqual(handles(), ['b']);
});

test('what was shown stays when the hub does not answer', async () => {
  await answer(page(['a']));
  clock.advance(5000);
  requests.shift().reject(new Error('refused'));
  await until(() => list.problem !== '');
  assert.deepEqual(handles(), ['a']);
  clock.advance(5000);
  await answer(page(['a']));
  assert.equal(list.problem, '');
});

test('a poll tells a refusal by its status', async () => {
  const answers = [];
  list.stop();
  const polling = new Polling(1000, () => 'x', (one) => answers.push(one));
  polling.start();
  await until(() => requests.length > 0);
  requests.shift().resolve(new Response('{}', { status: 403 }));
  await until(() => answers.length === 1);
  polling.stop();
  assert.deepEqual(answers, [{ status: 403 }]);
});
