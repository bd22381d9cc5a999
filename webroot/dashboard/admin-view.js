// What administrators see: the open streams, each with a button that ends it, and the publishers of the last minute.

import { element, node, setText } from './dom.js';
import { bytes, count, duration, plural, rate } from './format.js';
import { Polling } from './polling.js';
import { StreamList } from './stream-list.js';
import { fillByKey, number, title } from './table.js';

const PUBLISHERS_EVERY_MILLIS = 5000;
const TYPING_MILLIS = 300;
const NOBODY = 'no token';
const EVENT_BUS = 'event bus, no token';
const REASONS = {
  publish: 'not granted',
  publishes: 'above the limit of events',
  bytes: 'above the limit of bytes',
  no_token: 'without a token',
  token: 'token not valid',
  logins: 'too many failed logins',
  origin: 'page of another origin',
  host: 'another host',
};

let streams;
let publishers;
let allowed = false;
let typing;

export function start() {
  streams = new StreamList(showStreams);
  publishers = new Polling(PUBLISHERS_EVERY_MILLIS, () => 'publishers?limit=20', showPublishers);
  element('streams-filter').addEventListener('submit', (event) => event.preventDefault());
  element('streams-filter').addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(filter, TYPING_MILLIS);
  });
  element('open-streams').addEventListener('click', ({ target }) => {
    const button = target.closest('button');
    if (button) streams.end(button.closest('tr').dataset.key);
  });
  element('open-streams').addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget?.closest('tr')?.dataset.key !== streams.asked) streams.forget();
  });
  element('streams-back').addEventListener('click', () => streams.back());
  element('streams-next').addEventListener('click', () => streams.forward());
  document.addEventListener('visibilitychange', run);
  addEventListener('pagehide', pause);
  addEventListener('pageshow', run);
}

/** Shows the tables to who has the right to see them. */
export function allow(admin) {
  allowed = admin;
  element('admin').hidden = !admin;
  run();
}

function run() {
  if (!allowed || document.hidden) {
    pause();
    return;
  }
  streams.start();
  publishers.start();
}

function pause() {
  streams.stop();
  publishers.stop();
}

function filter() {
  const behind = element('streams-behind').checked ? '0' : '';
  streams.filter({ topic: element('streams-topic').value.trim(), subject: element('streams-subject').value.trim(), behind });
}

function showStreams() {
  const rows = fillByKey('open-streams', streams.streams, ({ handle }) => handle, streamRow);
  rows.forEach((row, r) => endButton(row, streams.streams[r]));
  setText('streams-none', streams.filtered ? 'No stream matches.' : 'No stream is open.');
  setText('streams-problem', streams.problem || missing(streams.missing, 'streams'));
  element('streams-back').disabled = streams.first;
  element('streams-next').disabled = !streams.next;
  element('streams-pages').hidden = streams.first && !streams.next;
}

function streamRow({ subject, issuer, address, topics, more_topics: more, format, since, behind, node: at }) {
  const who = node('span', subject ?? NOBODY, subject ? '' : 'quiet');
  if (issuer) who.title = `as ${issuer} says`;
  return [
    { header: true, child: who },
    address,
    { text: topics.join(' ') + (more ? ` and ${count(more)} more` : ''), className: 'wide' },
    format,
    number(duration((Date.now() - Date.parse(since)) / 1000)),
    behind.entries ? number(`${plural(behind.entries, 'event')}, ${duration(behind.seconds)}`, behind.seconds >= 3) : number('live'),
    at,
  ];
}

/** The button stays the same element, so that it keeps the focus while it asks. */
function endButton(row, { handle, subject }) {
  const last = row.cells[7] ?? row.appendChild(node('td', '', 'action'));
  const button = last.firstChild ?? last.appendChild(node('button'));
  button.type = 'button';
  const asks = streams.asked === handle;
  button.classList.toggle('asks', asks);
  setText(button, asks ? 'Really end?' : 'End');
  const label = asks ? `Really end the stream of ${subject ?? NOBODY}?` : `End the stream of ${subject ?? NOBODY}`;
  if (button.getAttribute('aria-label') !== label) button.setAttribute('aria-label', label);
}

function showPublishers({ json }) {
  if (!json) return; // the streams' table says so
  fillByKey('publishers-now', json.publishers, ({ issuer, subject, address }) => [issuer, subject, address].join('\n'), publisherRow);
  setText('publishers-problem', missing(json.missing, 'publishers'));
}

function publisherRow({ subject, issuer, address, events, bytes: size, refusals, nodes }) {
  const who = node('span', subject ?? (address || EVENT_BUS));
  if (issuer) who.title = `as ${issuer} says`;
  const refused = Object.entries(refusals).map(([reason, times]) => `${count(times)} ${REASONS[reason] ?? reason}`);
  return [
    { header: true, child: who },
    number(events < 0.1 && events > 0 ? 'under 0.1' : rate(events)),
    number(bytes(size)),
    number(refused.join(', ') || '\u2013', refused.length > 0),
    nodes.join(' '),
  ];
}

const missing = (nodes, what) => (nodes.length ? `${nodes.join(', ')} did not answer: the ${what} there are not shown.` : '');
