// The hub's statistics, and a one-sentence summary of its health.

import { element, node, setText } from './dom.js';
import { ago, bytes, count, duration, millis, plural, rate } from './format.js';
import * as nodeTable from './node-table.js';
import * as tabAlert from './tab-alert.js';
import { fill, fillByKey, number, title } from './table.js';

const LAGGING_SECONDS = 3; // streams that lag for less are not reported as a problem
const SILENCE_MILLIS = 5000; // without statistics, which come once a second, before the page reports it
const CHECK_MILLIS = 1000;
const NEW_GAP_MILLIS = 60_000; // how long a new gap is highlighted

let laggingSeconds = 0;
let gaps = { count: 0, since: -Infinity }; // since: time of the last change
let latest = null;
let latestAt = 0; // by performance.now()
let checkedAt = 0; // likewise
let unreachable = false; // as the page shows it
let connection = { state: 'connecting', statsRefused: false };
let clockSkewMillis = 0; // by which the hub's clock is ahead of the browser's

export function start() {
  nodeTable.start(() => {
    assess();
    nodeTable.show(latest);
  });
  setInterval(check, CHECK_MILLIS);
}

const NONE = 'No statistics received yet; a hub with stats: off sends none, nor to those who may not see its state.';
const silence = setTimeout(() => setText('health', NONE), SILENCE_MILLIS);

/** Forgets them: somebody else uses the page, who may not be meant to see them. */
export function forget() {
  if (!latest) return;
  latest = null;
  noStatistics();
}

/** Shows the newest statistics. */
export function show(stats) {
  clearTimeout(silence);
  latest = stats;
  latestAt = performance.now();
  clockSkewMillis = Date.parse(stats.time) - Date.now();
  laggingSeconds = stats.lagging ? laggingSeconds + 1 : 0;
  assess();
  setText('in', rate(stats.in));
  setText('in-bytes', `${bytes(stats.bytesIn)} per second`);
  setText('in-internal', excluded(stats.internal.in, 'of the clock'));
  setText('out', rate(stats.out));
  setText('out-bytes', `${bytes(stats.bytesOut)} per second`);
  setText('out-internal', excluded(stats.internal.out, 'of the clock and to dashboards'));
  setText('p50', millis(stats.p50));
  setText('p99', millis(stats.p99));
  setText('streams', count(stats.streams));
  setText('streams-more', `open on ${plural(stats.nodes.length, 'node')}${dashboards(stats.internal.streams)}`);
  setText('lagging', count(stats.lagging));
  setText('lagging-more', stats.lagging ? `the slowest by ${plural(stats.lag, 'event')}` : 'all are at the head of the log');
  mark('lagging', laggingSeconds >= LAGGING_SECONDS);
  setText('gaps', count(stats.gaps));
  setText('gaps-more', stats.gaps ? 'losses reported to streams' : 'no stream has missed an event');
  if (stats.gaps !== gaps.count) gaps = { count: stats.gaps, since: Date.now() };
  mark('gaps', stats.gaps > 0 && Date.now() - gaps.since < NEW_GAP_MILLIS);
  memory(stats.nodes);
  log(stats.log);
  nodeTable.show(stats);
  topics(stats.topics);
  slow(stats.slow);
}

/** The hub's clock, as far as its statistics have told it. */
export const hubTime = () => new Date(Date.now() + clockSkewMillis);

/** Shows what is known of the connection: its state, and whether the hub refuses statistics. */
export function setConnection({ state, statsRefused }) {
  connection = { state, statsRefused };
  assess();
}

/** Notices that nothing comes any more. A page that was frozen meanwhile first gets what waits for it. */
function check() {
  const now = performance.now();
  const frozen = now - checkedAt > 2 * CHECK_MILLIS;
  checkedAt = now;
  if (frozen) setTimeout(assess); // after what waits for the page
  else assess();
}

/** Why the statistics are out of date, in few words and in a sentence; null if they are not. */
function outdated() {
  if (connection.state === 'down') return ['not reachable', 'The hub can\u2019t be reached.'];
  if (!latest) return null;
  if (connection.statsRefused) return ['no statistics', 'The hub sends this page no statistics any more: its token has ended, or grants less than before.'];
  const silent = performance.now() - latestAt;
  return silent < SILENCE_MILLIS ? null : ['no statistics', `The hub has sent no statistics for ${duration(silent / 1000)}.`];
}

function noStatistics() {
  element('health').className = '';
  setText('health-announced', '');
  setText('health', NONE);
  tabAlert.show('');
}

function assess() {
  const reason = outdated();
  document.body.classList.toggle('stale', Boolean(reason));
  if (!reason) {
    if (latest) headline(latest);
    else if (unreachable) noStatistics();
    unreachable = false;
    return;
  }
  unreachable = connection.state === 'down';
  const [title, sentence] = reason;
  element('health').className = 'bad';
  setText('health-announced', sentence.replace(/ for .*/, '.'));
  setText('health', `${sentence} What is shown below is out of date.`);
  tabAlert.show(title);
}

function headline(stats) {
  const { nodes: all, streams, log: { state }, lagging: behind, lag, cluster } = stats;
  const problems = nodeTable.lostNodes(stats).map((one) => `${one.name} is lost: ${nodeTable.lastReport(one)}`);
  if (state !== 'up') problems.push(`the log is ${state.replace('_', ' ')}`);
  for (const { name, ready } of all) if (ready === false) problems.push(`${name} isn\u2019t ready`);
  if (laggingSeconds >= LAGGING_SECONDS) problems.push(`${plural(behind, 'stream lags', 'streams lag')}, the slowest by ${plural(lag, 'event')}`);
  const hubs = all.length === 1 ? 'one hub' : `${all.length} hubs${cluster ? ` (${cluster})` : ''}`;
  const healthy = `All is well: ${hubs}, ${streams ? plural(streams, 'stream') : 'no streams'}.`;
  element('health').className = problems.length ? 'bad' : 'good';
  // for screen readers, without the numbers that change all the time
  setText('health-announced', problems.length ? `Problems: ${problems.map((problem) => problem.replace(/(, the slowest|: last report).*/, '')).join('; ')}.` : 'All is well.');
  setText('health', problems.length ? `Problems: ${problems.join('; ')}.` : healthy);
  tabAlert.show(problems.length ? plural(problems.length, 'problem') : '');
}

/** The hub's own traffic, which is not counted. */
const excluded = (perSecond, source) => (perSecond ? `(not counted: ${rate(perSecond)} ${source})` : '');

const dashboards = (open) => (open ? ` (not counted: ${plural(open, 'dashboard')})` : '');

function memory(all) {
  const used = sum(all, (one) => one.memory?.used ?? 0);
  const max = sum(all, (one) => one.memory?.max ?? 0);
  setText('memory', bytes(used));
  setText('memory-more', `of ${bytes(max)} of heap`);
  mark('memory', used > 0.9 * max);
}

function log({ kind, state, bytes: size, oldest }) {
  setText('log', bytes(size));
  const status = state === 'up' ? kind : `${kind}, ${state.replace('_', ' ')}`;
  setText('log-more', `${status}: ${oldest ? `oldest entry ${ago(oldest)}` : 'empty'}`);
  mark('log', state !== 'up');
}

function topics(busiest) {
  const highest = Math.max(1e-9, ...busiest.map((one) => one.rate));
  // by key, so that a link is still there when the click on it ends
  fillByKey('topics-now', busiest, ({ topic }) => topic, ({ topic, rate: perSecond }) => {
    const link = node('a', topic);
    link.href = `?${new URLSearchParams({ topic })}`;
    const bar = node('span', '', 'bar-of');
    bar.style.width = `${(100 * perSecond) / highest}%`;
    return [{ header: true, child: link }, { child: bar, className: 'bars' }, number(rate(perSecond))];
  });
}

function slow(slowest) {
  fill('slow', slowest, (one) => [
    title(one.topics.join(' ')),
    number(plural(one.lag, 'event')),
    number(duration((Date.now() - Date.parse(one.since)) / 1000)),
    one.address,
    one.node,
  ]);
}

const sum = (all, of) => all.reduce((total, one) => total + of(one), 0);

function mark(id, bad) {
  element(id).closest('.figure').classList.toggle('bad', bad);
}
