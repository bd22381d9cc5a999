// The table of nodes: those that answer, and those that are lost, which stay in it.

import { element, node } from './dom.js';
import { ago, bytes, count, duration, millis, rate } from './format.js';
import { LostNodes, mayDismiss } from './lost-nodes.js';
import { fillByKey, number, title } from './table.js';

const NO_VALUE = '\u2013';
const COLUMNS = 12;
const TEXTS = 4; // of the columns
const LAGGING_SECONDS = 5; // a node that is behind the log for as long is marked
const HINT = 'If it will not come back, remove it: tidings cluster voters, with the others.';

const lost = new LostNodes(ownStorage());
let onDismiss = () => {};

/** change() is called when a lost node was dismissed. */
export function start(change) {
  onDismiss = change;
  element('nodes').addEventListener('click', ({ target }) => {
    if (!target.closest('.dismiss')) return;
    lost.dismiss(target.closest('tr').dataset.key);
    onDismiss();
    element('nodes-title').focus(); // the button is no more
  });
}

/** The nodes that are lost and not dismissed. */
export const lostNodes = (stats) => lost.shown(stats);

/** When a lost node has answered last, in words. */
export const lastReport = ({ reportAgeSeconds: age }) => (age === undefined ? 'no report yet' : `last report ${ago(Date.now() - age * 1000)}`);

export function show(stats) {
  const all = [...stats.nodes, ...lostNodes(stats).map((one) => ({ ...one, lost: true }))];
  const rows = fillByKey('nodes', all, ({ address, name }) => address ?? name, cells);
  rows.forEach((row, r) => row.classList.toggle('lost', Boolean(all[r].lost)));
}

function cells(one) {
  if (one.lost) return lostRow(one);
  return one.memory ? answeringRow(one) : padded([title(one.name), 'starting']);
}

/** What is not known of the node: its texts first, then its numbers. */
function padded(row) {
  return Array.from({ length: COLUMNS }, (none, c) => row[c] ?? (c < TEXTS ? NO_VALUE : number(NO_VALUE)));
}

function lostRow(one) {
  const state = node('span', `lost, ${lastReport(one)}`);
  if (!mayDismiss(one)) state.append(node('small', HINT));
  const row = padded([title(one.name), { child: state, className: 'bad' }, one.version ?? NO_VALUE, one.http ?? one.address]);
  row[COLUMNS - 1] = mayDismiss(one) ? { child: dismissButton(one), className: 'number' } : number(NO_VALUE);
  return row;
}

function dismissButton({ name }) {
  const button = node('button', 'Dismiss', 'dismiss');
  button.type = 'button';
  button.setAttribute('aria-label', `Dismiss ${name}`);
  return button;
}

function answeringRow(one) {
  return [
    title(one.name),
    one.ready ? 'ready' : { text: 'not ready', className: 'bad' },
    one.version,
    one.http ?? NO_VALUE,
    number(duration(one.uptimeSeconds)),
    number(count(one.streams)),
    number(rate(one.in)),
    number(rate(one.out)),
    number(count(one.lagging), one.lagging > 0),
    number(`${millis(one.p50)} / ${millis(one.p99)}`),
    number(`${bytes(one.memory.used)} of ${bytes(one.memory.max)}`),
    number(one.behindSeconds >= 1 ? duration(one.behindSeconds) : '0 s', one.behindSeconds >= LAGGING_SECONDS),
  ];
}

/** A browser that blocks storage throws at the very property. */
function ownStorage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
