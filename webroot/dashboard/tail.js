// The live tail: the newest events of the subscription, in a bounded list whose items can be opened.

import { indented, isJson } from './json.js';
import { element, node, setText } from './dom.js';
import { count, plural } from './format.js';

const MAX_ROWS = 500;
const MAX_ROWS_PER_UPDATE = 25; // events beyond that are queued, then skipped and counted
const MAX_HIGHLIGHTED = 3; // fresh rows of one update; more of them would be drawn in every frame, and no reader follows them
const COLOURS = 8;
const PREVIEW_LENGTH = 300; // characters of data in a row that is not open
const SAVED_ROWS = 100; // kept over a reload
const SAVED_LENGTH = 2000; // characters of data of each

const GAP = 'hub.gap';
const NO_EVENTS = element('nothing').textContent;

export class Tail {
  paused = false;
  flooded = false; // events arrive faster than they can be shown
  #list = element('events');
  #rows = []; // the events shown, newest first
  #skipped = 0; // of the last update whose skipped events got a row
  #skippedAtPause = 0;
  #earlier = { received: 0, skipped: 0 }; // counts of sessions before this one
  #latest = { received: 0, skipped: 0, queued: 0 };

  constructor() {
    this.#list.addEventListener('keydown', (event) => this.#moveFocus(event));
    this.#list.addEventListener('toggle', (event) => this.#open(event.target), true);
  }

  /** How many events it can show now. */
  get demand() {
    return this.paused ? 0 : MAX_ROWS_PER_UPDATE;
  }

  clear() {
    this.#rows = [];
    this.#list.replaceChildren();
    this.#earlier = { received: 0, skipped: 0 };
    this.#resetCounts();
    setText('gap', '');
  }

  /** Removes the events that are shown, and counts anew. */
  clearShown() {
    const { received, skipped, queued } = this.#latest;
    this.#rows = [];
    this.#list.replaceChildren();
    this.#earlier = { received: queued - received, skipped: -skipped };
    this.#skipped = skipped;
    setText('gap', '');
    this.#showCounts();
  }

  /** Keeps its rows for a new session, whose counts begin at 0. */
  resume() {
    this.#earlier = this.#shownCounts();
    this.#resetCounts();
  }

  #resetCounts() {
    this.#latest = { received: 0, skipped: 0, queued: 0 };
    this.#skipped = 0;
    this.#skippedAtPause = 0;
  }

  /** Without the events that are still queued: they will be received again. */
  #shownCounts() {
    const { received, skipped } = this.#counts();
    return { received: received - this.#latest.queued, skipped };
  }

  #counts() {
    return { received: this.#earlier.received + this.#latest.received, skipped: this.#earlier.skipped + this.#latest.skipped };
  }

  /** Shows an update of the multiplexer. */
  show({ reset, events, received, skipped, queued }) {
    if (reset) {
      this.#skipped = skipped;
      this.#rows = [];
      this.#list.replaceChildren();
    }
    const newlySkipped = skipped - this.#skipped;
    const rows = events.map((event) => this.#withGapText(event));
    if (newlySkipped > 0 && events.length) {
      rows.unshift({ skipped: newlySkipped });
      this.#skipped = skipped;
    }
    this.#add(rows.reverse(), true);
    this.flooded = skipped > this.#latest.skipped;
    this.#latest = { received, skipped, queued };
    this.#showCounts();
  }

  pause() {
    this.paused = !this.paused;
    this.#skippedAtPause = this.#latest.skipped;
    this.#showCounts();
  }

  /** The state to restore after a reload. */
  saved() {
    const rows = this.#rows.slice(0, SAVED_ROWS).map((row) => (row.data ? { ...row, data: row.data.slice(0, SAVED_LENGTH) } : row));
    return { rows, counts: this.#shownCounts() };
  }

  restore({ rows, counts }) {
    this.#earlier = counts;
    this.#add(rows, false);
    this.#showCounts();
  }

  #add(newestFirst, highlight) {
    if (!newestFirst.length) return;
    this.#rows = [...newestFirst, ...this.#rows].slice(0, MAX_ROWS);
    const items = newestFirst.map(item);
    if (highlight && items.length <= MAX_HIGHLIGHTED) for (const one of items) one.classList.add('fresh');
    this.#list.prepend(...items);
    while (this.#list.childElementCount > MAX_ROWS) this.#list.lastElementChild.remove();
  }

  #withGapText(event) {
    if (event.type !== GAP) return event;
    const text = gapText(JSON.parse(event.data));
    setText('gap', text);
    return { ...event, data: text, length: text.length };
  }

  #showCounts() {
    const { received, skipped } = this.#counts();
    setText('count', received ? `${count(received)} received` : 'none yet');
    setText('skipped', skipped ? `${count(skipped)} of them skipped here: they arrived faster than they can be read.` : '');
    const fresh = this.#latest.queued + this.#latest.skipped - this.#skippedAtPause;
    setText('pause', !this.paused ? 'Pause' : fresh ? `Resume (${count(fresh)} new)` : 'Resume');
    element('nothing').hidden = this.#rows.length > 0;
    const filtered = received && element('filter').value;
    setText('nothing', filtered ? 'None of the received events contains the filter text.' : received ? 'No event since the list was cleared.' : NO_EVENTS);
  }

  /** The arrow keys move the focus along the rows; the tab key skips the list. */
  #moveFocus(event) {
    const rows = [...this.#list.querySelectorAll('summary')];
    const index = rows.indexOf(document.activeElement);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows.length || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (to < 0) this.#list.focus();
    else rows[Math.min(to, rows.length - 1)].focus();
  }

  #open(details) {
    if (!details.open || details.childElementCount > 1) return;
    const index = [...this.#list.children].indexOf(details.parentElement);
    details.append(content(this.#rows[index]));
  }
}

function item(event) {
  const li = node('li');
  if (event.skipped) {
    li.className = 'skip';
    li.textContent = `${plural(event.skipped, 'event')} skipped: too fast to read`;
    return li;
  }
  if (event.type === GAP) {
    li.className = 'missed';
    li.append(node('p', event.data));
    return li;
  }
  const head = node('summary');
  head.tabIndex = -1;
  const preview = event.data.length > PREVIEW_LENGTH ? `${event.data.slice(0, PREVIEW_LENGTH)}\u2026` : event.data;
  head.append(
    timeOf(event.at),
    node('span', event.topics.join(' '), 'topic'),
    node('span', event.type || 'message', event.type ? `type colour${colour(event.type)}` : 'type plain'),
    preview ? node('span', preview, 'data') : node('span', 'no data', 'data none'),
  );
  const details = node('details');
  details.append(head);
  li.append(details);
  return li;
}

function timeOf(millis) {
  const at = new Date(millis);
  const time = node('time', at.toLocaleTimeString('en-GB'));
  time.dateTime = at.toISOString();
  return time;
}

/** The content of an open row: the id and the data, JSON indented. */
function content({ id, data, length }) {
  const all = node('div', '', 'opened');
  const idLine = node('p', '', 'id');
  idLine.append('id ', node('code', id));
  const text = node('pre');
  if (isJson(data)) {
    for (const [kind, piece] of indented(data)) text.append(kind ? node('span', piece, kind) : piece);
  } else {
    text.textContent = data;
  }
  all.append(idLine, text);
  if (length > data.length) {
    all.append(node('p', `The first ${count(data.length)} of ${count(length)} characters.`, 'help'));
  }
  return all;
}

/** A type has the same colour on every page. */
function colour(type) {
  let hash = 0;
  for (const letter of type) hash = (hash * 37 + letter.codePointAt(0)) % 65_521;
  return hash % COLOURS;
}

function gapText({ reason, after, next }) {
  const cause = {
    removed: `the hub no longer retains what followed ${after ?? 'that time'}`,
    lost: `the hub\u2019s storage of what followed ${after} was damaged`,
    epoch: `${after} belongs to another log than this hub\u2019s`,
    unknown: `the hub does not know the id ${after}`,
  }[reason] ?? reason;
  return `Events may have been missed: ${cause}. ${next ? `The stream continues with ${next}.` : 'No later event exists yet.'}`;
}
