import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { described, Presence } from '../../../webroot/dashboard/presence.js';
import { Clock, until } from './clock.mjs';

const realFetch = globalThis.fetch;
const NOBODY = { topic: 'chat.a', count: 0, principals: 0, anonymous: 0, members: [], missing: [] };

let clock;
let asked;
let answer;
let presence;

beforeEach(() => {
  clock = new Clock();
  asked = [];
  answer = () => new Response(JSON.stringify({ ...NOBODY, count: 1, anonymous: 1 }));
  globalThis.fetch = async (path) => {
    asked.push(path);
    return answer();
  };
  presence = new Presence(() => {});
  presence.start();
});

afterEach(() => {
  presence.stop();
  clock.restore();
  globalThis.fetch = realFetch;
});

test('nothing is asked without a topic, and nothing about a glob', () => {
  presence.ask('');
  presence.ask('chat.*');
  assert.deepEqual(asked, []);
});

test('the topic that is looked at is asked about every five seconds', async () => {
  presence.ask('chat.a/b');
  await until(() => presence.text);
  assert.equal(presence.text, 'Present at chat.a: 1: 1 without a token');
  assert.deepEqual(asked, ['presence/chat.a%2Fb?limit=10']);
  clock.advance(5000);
  await until(() => asked.length === 2);
});

test('a hub that does not know who is there is asked once', async () => {
  answer = () => new Response('{}', { status: 404 });
  presence.ask('news');
  await until(() => asked.length === 1);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(60_000);
  assert.equal(asked.length, 1);
  assert.equal(presence.text, '');
});

test('what was said of one topic is not said of the next', async () => {
  presence.ask('chat.a');
  await until(() => presence.text);
  presence.ask('chat.b');
  assert.equal(presence.text, '');
});

test('members are called by the name of their payload, otherwise by their subject', () => {
  const members = [
    { subject: 'ann', payload: { name: 'Ann' }, streams: 2 },
    { subject: 'bob', payload: 'admin', streams: 1 },
    { subject: 'cy', streams: 1 },
  ];
  const text = described({ ...NOBODY, count: 17, principals: 15, anonymous: 2, members });
  assert.equal(text, 'Present at chat.a: 17: Ann, bob, cy, 12 others, 2 without a token');
});

test('without the grant the numbers are said alone', () => {
  const text = described({ topic: 'chat.a', count: 3, principals: 2, anonymous: 1, missing: ['node3'] });
  assert.equal(text, 'Present at chat.a: 3: 2 people, 1 without a token (without node3, which did not answer)');
});

test('nobody is there', () => assert.equal(described(NOBODY), 'Present at chat.a: 0'));
