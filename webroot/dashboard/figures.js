// The hub's figures, and in one sentence whether all is well.

import { element, node, put } from './page.js';
import { ago, bytes, count, millis, rate, several, span } from './words.js';

const LASTING = 3; // a reader that lags for a moment is no news; one that does for as many seconds is
const SILENT_MILLIS = 5000; // until that is worth a word
const NOTHING = '\u2013';

const FRESH_MILLIS = 60_000; // as long as a new loss is worth a look

let lagging = 0; // for how many seconds
let gaps = { count: 0, since: -Infinity }; // as of the last change
let newest = null;

const silence = setTimeout(() => put('well', 'The hub has not told its figures yet; where it is set up with stats: off, it never does.'), SILENT_MILLIS);

/** Of the newest moment. */
export function show(stats) {
  clearTimeout(silence);
  newest = stats;
  lagging = stats.lagging ? lagging + 1 : 0;
  headline(stats);
  put('in', rate(stats.in));
  put('in-bytes', `${bytes(stats.bytesIn)} a second`);
  put('in-apart', apart(stats.apart.in, 'of the clock'));
  put('out', rate(stats.out));
  put('out-bytes', `${bytes(stats.bytesOut)} a second`);
  put('out-apart', apart(stats.apart.out, 'of the clock and to dashboards'));
  put('p50', millis(stats.p50));
  put('p99', millis(stats.p99));
  put('streams', count(stats.streams));
  put('streams-more', `open on ${several(stats.nodes.length, 'node')}${dashboards(stats.apart.streams)}`);
  put('lagging', count(stats.lagging));
  put('lagging-more', stats.lagging ? `the slowest by ${several(stats.lag, 'event')}` : 'all hear what is new at once');
  mark('lagging', lagging >= LASTING);
  put('gaps', count(stats.gaps));
  put('gaps-more', stats.gaps ? 'streams told of a loss' : 'no stream has missed anything');
  if (stats.gaps !== gaps.count) gaps = { count: stats.gaps, since: Date.now() };
  mark('gaps', stats.gaps > 0 && Date.now() - gaps.since < FRESH_MILLIS);
  memory(stats.nodes);
  log(stats.log);
  nodes(stats.nodes);
  topics(stats.topics);
  slow(stats.slow);
}

/** The hub can't be reached, or can again: what was told of it before is not the truth now. */
export function reached(can) {
  if (can) {
    if (newest) headline(newest);
    return;
  }
  element('well').className = 'bad';
  put('well-aloud', 'The hub can\u2019t be reached.');
  put('well', 'The hub can\u2019t be reached. What is below is how it was.');
}

function headline({ nodes: all, gone = [], streams, log: { state }, lagging: behind, lag, cluster }) {
  const wrong = gone.map(({ name, heardSeconds }) => `${name} is gone: last heard ${ago(Date.now() - heardSeconds * 1000)}`);
  if (state !== 'up') wrong.push(`the log is ${state.replace('_', ' ')}`);
  for (const { name, ready } of all) if (ready === false) wrong.push(`${name} isn\u2019t ready`);
  if (lagging >= LASTING) wrong.push(`${several(behind, 'stream lags', 'streams lag')}, the slowest by ${several(lag, 'event')}`);
  const where = all.length === 1 ? 'one hub' : `${all.length} hubs${cluster ? ` (${cluster})` : ''}`;
  const well = `All is well: ${where}, ${streams ? several(streams, 'stream') : 'no streams'}.`;
  element('well').className = wrong.length ? 'bad' : 'good';
  // the number of streams changes all the time, and is no news to be read aloud
  put('well-aloud', wrong.length ? `To look at: ${wrong.map((what) => what.replace(/(, the slowest|: last heard).*/, '')).join('; ')}.` : 'All is well.');
  put('well', wrong.length ? `To look at: ${wrong.join('; ')}.` : well);
}

/** The hub's own traffic does not count. */
const apart = (a, what) => (a ? `(not counted: ${rate(a)} ${what})` : '');

const dashboards = (open) => (open ? ` (not counted: ${several(open, 'dashboard')})` : '');

function memory(all) {
  const used = sum(all, (one) => one.memory?.used ?? 0);
  const max = sum(all, (one) => one.memory?.max ?? 0);
  put('memory', bytes(used));
  put('memory-more', `of ${bytes(max)} of heap`);
  mark('memory', used > 0.9 * max);
}

function log({ kind, state, bytes: size, oldest }) {
  put('log', bytes(size));
  const where = state === 'up' ? kind : `${kind}, ${state.replace('_', ' ')}`;
  put('log-more', `${where}: ${oldest ? `oldest entry ${ago(oldest)}` : 'nothing in it'}`);
  mark('log', state !== 'up');
}

function nodes(all) {
  fill('nodes', all, (one) => (one.memory ? told(one) : [title(one.name), 'starting', ...new Array(10).fill(NOTHING)]));
}

function told(one) {
  return [
    title(one.name),
    one.ready ? 'ready' : { text: 'not ready', className: 'bad' },
    one.version,
    one.http ?? NOTHING,
    number(span(one.uptimeSeconds)),
    number(count(one.streams)),
    number(rate(one.in)),
    number(rate(one.out)),
    number(count(one.lagging), one.lagging > 0),
    number(`${millis(one.p50)} / ${millis(one.p99)}`),
    number(`${bytes(one.memory.used)} of ${bytes(one.memory.max)}`),
    number(one.behindSeconds >= 1 ? span(one.behindSeconds) : '0 s', one.behindSeconds >= 5),
  ];
}

function topics(busiest) {
  const most = Math.max(1e-9, ...busiest.map((one) => one.rate));
  fill('topics-now', busiest, ({ topic, rate: a }) => {
    const link = node('a', topic);
    link.href = `?${new URLSearchParams({ topic })}`;
    const bar = node('span', '', 'bar-of');
    bar.style.width = `${(100 * a) / most}%`;
    return [{ header: true, child: link }, { child: bar, className: 'bars' }, number(rate(a))];
  });
}

function slow(slowest) {
  fill('slow', slowest, (one) => [
    title(one.topics.join(' ')),
    number(several(one.lag, 'event')),
    number(span((Date.now() - Date.parse(one.since)) / 1000)),
    one.address,
    one.node,
  ]);
}

const title = (text) => ({ header: true, text });
const number = (text, bad = false) => ({ text, className: bad ? 'number bad' : 'number' });
const sum = (all, of) => all.reduce((so, one) => so + of(one), 0);

/** Fills a table's rows, those that are there already where they are: what has the focus or is selected stays so. */
function fill(id, items, cells) {
  const body = element(id);
  const wanted = items.map(cells);
  while (body.rows.length > wanted.length) body.deleteRow(-1);
  wanted.forEach((row, r) => {
    const at = body.rows[r] ?? body.insertRow();
    row.forEach((cell, c) => set(at, c, typeof cell === 'string' ? { text: cell } : cell));
  });
  body.closest('.table').classList.toggle('empty', !items.length);
}

function set(row, index, { text, child, header = false, className = '' }) {
  const cell = row.cells[index] ?? row.appendChild(node(header ? 'th' : 'td'));
  if (header) cell.scope = 'row';
  if (cell.className !== className) cell.className = className;
  if (!child) put(cell, text);
  else if (cell.firstChild?.outerHTML !== child.outerHTML) cell.replaceChildren(child);
}

function mark(id, bad) {
  element(id).closest('.figure').classList.toggle('bad', bad);
}
