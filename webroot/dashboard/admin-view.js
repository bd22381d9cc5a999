// What administrators see: the open streams, each with buttons that end it and revoke its tokens, the publishers of the last minute, and
// the revocations in force.

import { element, node, setText } from './dom.js';
import { bytes, count, duration, plural, rate } from './format.js';
import { Polling } from './polling.js';
import { Presence } from './presence.js';
import { described, shown } from './revocation.js';
import * as revokeDialog from './revoke-dialog.js';
import { hubTime } from './stats-view.js';
import { StreamList } from './stream-list.js';
import { fillByKey, number } from './table.js';

const PUBLISHERS_EVERY_MILLIS = 5000;
const REVOCATIONS_EVERY_MILLIS = 15_000;
const REVOKED_MILLIS = 1000;
const MAX_REVOCATIONS = 20; // rows
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
let revocations;
let presence;
let allowed = false;
let present = false; // whether one sees who is present
let self = {};
let typing;

export function start() {
  streams = new StreamList(showStreams);
  publishers = new Polling(PUBLISHERS_EVERY_MILLIS, () => 'publishers?limit=20', showPublishers);
  revocations = new Polling(REVOCATIONS_EVERY_MILLIS, () => `revocations?limit=${MAX_REVOCATIONS}`, showRevocations);
  presence = new Presence(showPresence);
  element('streams-filter').addEventListener('submit', (event) => event.preventDefault());
  element('streams-filter').addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(filter, TYPING_MILLIS);
  });
  element('open-streams').addEventListener('click', ({ target }) => {
    const handle = target.closest('tr')?.dataset.key;
    if (target.closest('.end')) streams.end(handle);
    else if (target.closest('.revoke')) askToRevoke(streams.streams.find((stream) => stream.handle === handle));
  });
  element('publishers-now').addEventListener('click', ({ target }) => {
    if (!target.closest('.revoke')) return;
    const [issuer, subject] = target.closest('tr').dataset.key.split('\n');
    askToRevoke({ issuer, subject });
  });
  element('open-streams').addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget?.closest('tr')?.dataset.key !== streams.asked) streams.forget();
  });
  element('streams-back').addEventListener('click', () => streams.back());
  element('streams-next').addEventListener('click', () => streams.forward());
  revokeDialog.start(onRevoked);
  document.addEventListener('visibilitychange', run);
  addEventListener('pagehide', pause);
  addEventListener('pageshow', run);
}

/** Shows the tables to who has the right to see them: admin, and who that is. */
export function allow({ admin, issuer, subject, presence: seesPresent }) {
  allowed = admin;
  present = seesPresent;
  self = { issuer, subject };
  element('admin').hidden = !admin;
  run();
}

function askToRevoke(holder) {
  if (holder) revokeDialog.open(holder, hubTime(), holder.issuer === self.issuer && holder.subject === self.subject);
}

/** The hub ends the streams within a second; the table is renewed after that. */
function onRevoked() {
  revocations.now();
  setTimeout(() => streams.refresh(), REVOKED_MILLIS);
}

function run() {
  if (!allowed || document.hidden) {
    pause();
    return;
  }
  streams.start();
  publishers.start();
  revocations.start();
  presence.start();
}

function pause() {
  streams.stop();
  publishers.stop();
  revocations.stop();
  presence.stop();
}

function filter() {
  const behind = element('streams-behind').checked ? '0' : '';
  const topic = element('streams-topic').value.trim();
  presence.ask(present ? topic : '');
  streams.filter({ topic, subject: element('streams-subject').value.trim(), behind });
}

function showPresence() {
  setText('streams-presence', presence.text);
  element('streams-presence').hidden = !presence.text;
}

function showStreams() {
  const rows = fillByKey('open-streams', streams.streams, ({ handle }) => handle, streamRow);
  rows.forEach((row, r) => buttons(row, streams.streams[r]));
  setText('streams-none', streams.filtered ? 'No stream matches.' : 'No stream is open.');
  setText('streams-problem', streams.problem || missing(streams.missing, 'streams'));
  element('streams-back').disabled = streams.first;
  element('streams-next').disabled = !streams.next;
  element('streams-pages').classList.toggle('unneeded', streams.first && !streams.next); // it keeps its place
}

function streamRow({ subject, issuer, address, topics, more_topics: more, format, since, expires, behind, node: at }) {
  const who = node('span', subject ?? NOBODY, subject ? '' : 'quiet');
  if (issuer) who.title = `as ${issuer} says`;
  return [
    { header: true, child: who },
    address,
    { text: topics.join(' ') + (more ? ` and ${count(more)} more` : ''), className: 'wide' },
    format,
    number(duration((hubTime() - Date.parse(since)) / 1000)),
    number(expires ? `in ${duration((Date.parse(expires) - hubTime()) / 1000)}` : '\u2013'),
    behind.entries ? number(`${plural(behind.entries, 'event')}, ${duration(behind.seconds)}`, behind.seconds >= 3) : number('live'),
    at,
  ];
}

/** The buttons stay the same elements, so that they keep the focus, and the first while it asks. */
function buttons(row, { handle, subject }) {
  const button = actionButton(row, 8, 'end');
  const asks = streams.asked === handle;
  button.classList.toggle('asks', asks);
  setText(button, asks ? 'Really end?' : 'End');
  const label = asks ? `Really end the stream of ${subject ?? NOBODY}?` : `End the stream of ${subject ?? NOBODY}`;
  if (button.getAttribute('aria-label') !== label) button.setAttribute('aria-label', label);
  revokeButton(row, 8, subject);
}

function revokeButton(row, cell, subject) {
  const button = actionButton(row, cell, 'revoke');
  button.hidden = !subject; // a stream without a token has none that could be revoked
  setText(button, 'Revoke\u2026');
  button.setAttribute('aria-label', `Revoke tokens of ${subject}`);
}

/** The button of that class in a cell of the row, which is made if it is missing. */
function actionButton(row, cell, name) {
  const last = row.cells[cell] ?? row.appendChild(node('td', '', 'action'));
  const button = last.querySelector(`.${name}`) ?? last.appendChild(node('button', '', name));
  button.type = 'button';
  return button;
}

function showPublishers({ json }) {
  if (!json) return; // the streams' table says so
  const rows = fillByKey('publishers-now', json.publishers, ({ issuer, subject, address }) => [issuer, subject, address].join('\n'), publisherRow);
  rows.forEach((row, r) => revokeButton(row, 5, json.publishers[r].subject));
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

function showRevocations({ json }) {
  if (!json) return;
  fillByKey('revocations', json.revocations, JSON.stringify, revocationRow);
  const others = json.total - json.revocations.length;
  setText('revocations-more', others > 0 ? `and ${plural(others, 'earlier one')}` : '');
}

function revocationRow(revocation) {
  const { whose, which } = described(revocation);
  return [{ header: true, text: whose }, { text: which, className: 'wide' }, revocation.issuer, shown(new Date(revocation.until))];
}

const missing = (nodes, what) => (nodes.length ? `${nodes.join(', ')} did not answer: the ${what} there are not shown.` : '');
