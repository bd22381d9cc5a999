import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { choices, described, revoke } from '../../../webroot/dashboard/revocation.js';

const realFetch = globalThis.fetch;
const NOW = new Date('2030-01-31T12:00:00.250Z');
const ALICE = { issuer: 'https://id.example', subject: 'alice' };

afterEach(() => {
  globalThis.fetch = realFetch;
});

/** A hub that answers each request so. */
function hub(answer) {
  const requests = [];
  globalThis.fetch = async (path, request) => {
    requests.push({ path, ...request });
    return answer();
  };
  return requests;
}

test('the first choice lets its subject come back, by the time of the hub', () => {
  const [first] = choices({ ...ALICE, jti: 'x', expires: '2030-01-31T13:00:00Z' }, NOW);
  assert.deepEqual(first.body, { ...ALICE, before: '2030-01-31T12:00:00.250Z' });
  assert.match(first.effect, /may come back with a new token/);
});

test('the second keeps its subject out', () => {
  const [, second] = choices(ALICE, NOW);
  assert.deepEqual(second.body, ALICE);
  assert.match(second.effect, /kept out/);
});

test('one token is offered where its id is known, until it ends', () => {
  const expires = '2030-01-31T13:00:00Z';
  const all = choices({ ...ALICE, jti: 'x', expires, handle: 'h', topics: ['a'] }, NOW);
  assert.deepEqual(all.at(-1).body, { issuer: ALICE.issuer, jti: 'x', until: expires });
  assert.equal(all.length, 3);
  assert.equal(choices({ ...ALICE, expires }, NOW).length, 2);
});

test('a revocation says whose tokens it is about, and which', () => {
  const { issuer } = ALICE;
  assert.deepEqual(described({ issuer, jti: 'x' }), { whose: 'one token', which: 'the id is x' });
  assert.deepEqual(described(ALICE), { whose: 'alice', which: 'all' });
  assert.match(described({ ...ALICE, before: '2030-01-31T12:00:00Z' }).which, /^issued before .*2030/);
  assert.equal(described({ issuer, before: '2030-01-31T12:00:00Z' }).whose, 'everybody');
});

test('the hub is sent the revocation as JSON, without a name', async () => {
  const requests = hub(() => new Response('{}', { status: 201 }));
  assert.equal(await revoke(ALICE), '');
  assert.equal(requests.length, 1);
  assert.equal(`${requests[0].method} ${requests[0].path}`, 'POST revocations');
  assert.deepEqual(JSON.parse(requests[0].body), ALICE);
});

test('what the hub says against it is told', async () => {
  hub(() => new Response(JSON.stringify({ detail: 'not stored: no majority' }), { status: 503 }));
  assert.equal(await revoke(ALICE), 'not stored: no majority');
});

test('without an answer it is not known whether the tokens are revoked', async () => {
  hub(() => {
    throw new TypeError('fetch failed');
  });
  assert.match(await revoke(ALICE), /not known/);
});
