import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { StatsStream } from '../../../webroot/dashboard/stats-stream.js';
import { Clock, until } from './clock.mjs';
import { FakeHub } from './fake-hub.mjs';

const HALF_AN_HOUR = 1_800_000;

let clock;
let hub;
let updates;
let stats;

beforeEach(() => {
  clock = new Clock();
  hub = new FakeHub();
  updates = [];
  stats = new StatsStream('http://hub/', (samples, latest) => updates.push({ samples, latest }));
  stats.open();
});

afterEach(() => {
  stats.close();
  hub.restore();
  clock.restore();
});

const times = (samples) => samples.map(({ at }) => at);
const ofHub = (type, data) => ({ id: '', topic: 'hub', type, data: JSON.stringify(data) });
const now = (at, fields = {}) => ofHub('hub.stats', { time: new Date(at).toISOString(), in: 1, out: 2, p50: null, p99: 3, ...fields });
const history = (...at) => ofHub('hub.history', { columns: ['out', 'time', 'in', 'p99', 'p50'], rows: at.map((time) => [2, time, 1, 3, null]) });

async function send(...lines) {
  const [request] = hub.open('/stats');
  const before = updates.length;
  request.send(...lines);
  await until(() => updates.length === before + lines.length);
}

async function connected() {
  await until(() => hub.open('/stats').length === 1);
  hub.open('/stats')[0].accept();
  await new Promise((resolve) => setImmediate(resolve));
}

test('the history becomes samples, by the names of its columns', async () => {
  await connected();
  await send(history(1000, 2000));
  assert.deepEqual(stats.samples, [
    { at: 1000, in: 1, out: 2, p50: null, p99: 3 },
    { at: 2000, in: 1, out: 2, p50: null, p99: 3 },
  ]);
});

test('each second adds a sample, and the statistics in full', async () => {
  await connected();
  await send(history(1000), now(2000, { streams: 7 }));
  assert.deepEqual(times(stats.samples), [1000, 2000]);
  assert.equal(updates[1].latest.streams, 7);
  assert.deepEqual(times(updates[1].samples), [2000]);
});

test('a history that comes again with a reconnect adds only samples that are missing', async () => {
  await connected();
  await send(history(1000, 2000));
  await send(history(1000, 2000, 3000));
  assert.deepEqual(times(stats.samples), [1000, 2000, 3000]);
  assert.deepEqual(times(updates[1].samples), [3000]);
});

test('earlier samples are added before those that are there', async () => {
  await connected();
  await send(now(5000));
  await send(history(1000, 5000));
  assert.deepEqual(times(stats.samples), [1000, 5000]);
});

test('samples are retained for half an hour', async () => {
  await connected();
  await send(history(1000, 2000), now(2000 + HALF_AN_HOUR));
  assert.deepEqual(times(stats.samples), [2000, 2000 + HALF_AN_HOUR]);
});

test('samples later than the newest are void, as after a clock that was set back', async () => {
  await connected();
  await send(history(1000, 8000, 9000), now(5000));
  assert.deepEqual(times(stats.samples), [1000, 5000]);
});

test('the skew of the clocks is measured', async () => {
  await connected();
  await send(now(clock.now + 1500));
  assert.equal(stats.clockSkewMillis, 1500);
});

test('opening twice makes one request, closing ends it', async () => {
  stats.open();
  await connected();
  assert.equal(hub.requests.length, 1);
  stats.close();
  assert.equal(hub.open('/stats').length, 0);
});
