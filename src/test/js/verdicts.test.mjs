import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as verdicts from '../../../webroot/probe/verdicts.js';

const arrivals = (...arrived) => arrived.map((at, n) => ({ n, left: n * 100, arrived: at }));
const prompt = arrivals(5, 105, 207, 305);
const request = { stamps: 4, version: 'HTTP/1.1', host: 'hub.example', scheme: 'https', address: '10.0.0.1', client: '192.0.2.7', headers: {}, trustedProxy: false };
const page = { protocol: 'https:', host: 'hub.example', pathname: '/probe.html' };

const marks = (...all) => all.map(({ mark }) => mark);

test('delays are relative to the fastest stamp', () => {
  assert.deepEqual(verdicts.delaysMillis(prompt), [0, 0, 2, 0]);
});

test('stamps that arrive one by one are good, unless the stream was cut', () => {
  const whole = verdicts.buffering({ stamps: prompt, request, complete: true });
  const cut = verdicts.buffering({ stamps: prompt, request, complete: false });
  assert.deepEqual(marks(whole, cut), ['good', 'bad']);
});

test('skipped stamps of a complete stream are reported', () => {
  const { more } = verdicts.buffering({ stamps: prompt.slice(1), request, complete: true });
  assert.match(more, / 1 were skipped/);
});

test('stamps in one burst mean that something buffers', () => {
  const { mark, more } = verdicts.buffering({ stamps: arrivals(...Array.from({ length: 20 }, (_, n) => 2000 + n)), request: { ...request, stamps: 20 }, complete: true });
  assert.equal(mark, 'bad');
  assert.match(more, /^20 stamps arrived in one burst/);
});

test('delays below a second, each stamp by itself, are a note', () => {
  assert.equal(verdicts.buffering({ stamps: arrivals(0, 500, 600, 700), request, complete: true }).mark, 'note');
});

test('no stamp at all is bad', () => {
  assert.equal(verdicts.buffering({ stamps: [], complete: false }).mark, 'bad');
});

test('compression is bad only together with buffering', () => {
  const none = verdicts.compression({ encoding: '' }, true);
  const alone = verdicts.compression({ encoding: 'gzip' }, false);
  const both = verdicts.compression({ encoding: 'gzip' }, true);
  assert.deepEqual(marks(none, alone, both), ['good', 'note', 'bad']);
});

test('the HTTP version is given for the browser and for the hub', () => {
  assert.equal(verdicts.version({ protocol: 'h2', request }).text, 'HTTP/2 from this browser; HTTP/1.1 at the hub.');
  assert.equal(verdicts.version({ protocol: 'http/1.1', request }).text, 'HTTP/1.1 from this browser, and at the hub.');
  assert.deepEqual(marks(verdicts.version({ protocol: 'h2', request }), verdicts.version({ protocol: '', request })), ['good', 'note']);
});

const between = (changes, location = page) =>
  verdicts.between({ request: { ...request, ...changes }, server: '', via: '', protocol: 'http/1.1' }, location);

test('without any sign of a proxy nothing is in between', () => {
  assert.equal(between({ scheme: 'http' }, { ...page, protocol: 'http:' }).text, 'Nothing detectable.');
});

test('a proxy that hides the host is bad', () => {
  const { mark, more } = between({ host: 'backend' });
  assert.equal(mark, 'bad');
  assert.match(more, /not publish/);
});

test('a trusted proxy is good, one that is not trusted a note', () => {
  const headers = { 'X-Forwarded-For': '192.0.2.7' };
  assert.deepEqual(marks(between({ headers, trustedProxy: true }), between({ headers })), ['good', 'note']);
});

test('a path prefix is evidence of a proxy', () => {
  assert.match(between({}, { ...page, pathname: '/push/probe.html' }).more, /path prefix: \/push\//);
});

test('fewer streams than wanted are a note, a single one is bad', () => {
  assert.deepEqual(marks(verdicts.tabs(7, 7), verdicts.tabs(6, 7), verdicts.tabs(1, 7)), ['good', 'note', 'bad']);
});

test('an idle stream that is cut is bad unless heartbeats come well before', () => {
  const cut = { survived: false, seconds: 60 };
  const survived = verdicts.idle({ survived: true, seconds: 75.2, heartbeatMillis: 15_000 });
  const early = verdicts.idle({ ...cut, heartbeatMillis: 15_000 });
  const late = verdicts.idle({ ...cut, heartbeatMillis: 55_000 });
  const off = verdicts.idle({ ...cut, heartbeatMillis: 0 });
  assert.deepEqual(marks(survived, early, late, off), ['good', 'note', 'bad', 'bad']);
  assert.match(off.more, /is off/);
});
