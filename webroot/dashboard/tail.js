// The live tail: the newest events of a selection, bounded, each to be opened.

import { indented, isJson } from './json.js';
import { element, node, put } from './page.js';
import { count, several } from './words.js';

const NEWEST = 500; // rows that stay on the page
const AT_ONCE = 25; // rows of one answer; what comes faster than that is skipped, and counted
const COLOURS = 8;
const ONE_LINE = 300; // characters of data in a row that is not opened
const KEPT = 100; // rows that outlive a reload
const KEPT_LENGTH = 2000; // characters of each

const GAP = 'hub.gap';
const NOTHING_YET = element('nothing').textContent;

export class Tail {
  paused = false;
  #list = element('events');
  #rows = []; // what they show, newest first
  #skipped = 0; // as last told
  #skippedBefore = 0; // when it was paused
  #earlier = { heard: 0, skipped: 0 }; // before the page was left
  #told = { heard: 0, skipped: 0, waiting: 0 };

  constructor() {
    this.#list.addEventListener('keydown', (event) => this.#walk(event));
    this.#list.addEventListener('toggle', (event) => this.#open(event.target), true);
  }

  /** How many rows it can take now. */
  get wants() {
    return this.paused ? 0 : AT_ONCE;
  }

  clear() {
    this.#rows = [];
    this.#list.replaceChildren();
    this.#earlier = { heard: 0, skipped: 0 };
    this.#begin();
    put('gap', '');
  }

  /** Goes on with what it has: the switchboard counts anew. */
  goOn() {
    this.#earlier = this.#shownCounts();
    this.#begin();
  }

  #begin() {
    this.#told = { heard: 0, skipped: 0, waiting: 0 };
    this.#skipped = 0;
    this.#skippedBefore = 0;
  }

  /** Without what will be heard again. */
  #shownCounts() {
    const { heard, skipped } = this.#counts();
    return { heard: heard - this.#told.waiting, skipped };
  }

  #counts() {
    return { heard: this.#earlier.heard + this.#told.heard, skipped: this.#earlier.skipped + this.#told.skipped };
  }

  /** An answer of the switchboard. */
  show({ again, rows, heard, skipped, waiting }) {
    if (again) {
      this.#skipped = skipped;
      this.#rows = [];
      this.#list.replaceChildren();
    }
    const missing = skipped - this.#skipped;
    const shown = rows.map((event) => this.#shown(event));
    if (missing > 0 && rows.length) {
      shown.unshift({ skipped: missing });
      this.#skipped = skipped;
    }
    this.#add(shown.reverse());
    this.#told = { heard, skipped, waiting };
    this.#say();
  }

  pause() {
    this.paused = !this.paused;
    this.#skippedBefore = this.#told.skipped;
    this.#say();
  }

  /** What is to be shown again after a reload. */
  kept() {
    const rows = this.#rows.slice(0, KEPT).map((row) => (row.data ? { ...row, data: row.data.slice(0, KEPT_LENGTH) } : row));
    return { rows, counts: this.#shownCounts() };
  }

  restore({ rows, counts }) {
    this.#earlier = counts;
    this.#add(rows);
    this.#say();
  }

  #add(newestFirst) {
    if (!newestFirst.length) return;
    this.#rows = [...newestFirst, ...this.#rows].slice(0, NEWEST);
    this.#list.prepend(...newestFirst.map(row));
    while (this.#list.childElementCount > NEWEST) this.#list.lastElementChild.remove();
  }

  #shown(event) {
    if (event.type !== GAP) return event;
    const text = missed(JSON.parse(event.data));
    put('gap', text);
    return { ...event, data: text, length: text.length };
  }

  #say() {
    const { heard, skipped } = this.#counts();
    put('count', heard ? `${count(heard)} heard` : 'none yet');
    put('skipped', skipped ? `${count(skipped)} of them skipped here: they came faster than can be read.` : '');
    const fresh = this.#told.waiting + this.#told.skipped - this.#skippedBefore;
    put('pause', !this.paused ? 'Pause' : fresh ? `Go on (${count(fresh)} new)` : 'Go on');
    element('nothing').hidden = this.#rows.length > 0;
    put('nothing', heard ? 'Nothing of what was heard has the filter\u2019s text in it.' : NOTHING_YET);
  }

  /** The arrow keys go through the rows; the tab key passes them by. */
  #walk(event) {
    const rows = [...this.#list.querySelectorAll('summary')];
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows.length || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (to < 0) this.#list.focus();
    else rows[Math.min(to, rows.length - 1)].focus();
  }

  #open(details) {
    if (!details.open || details.childElementCount > 1) return;
    const index = [...this.#list.children].indexOf(details.parentElement);
    details.append(opened(this.#rows[index]));
  }
}

function row(event) {
  const item = node('li');
  if (event.skipped) {
    item.className = 'skip';
    item.textContent = `${several(event.skipped, 'event')} skipped: too fast to be read`;
    return item;
  }
  if (event.type === GAP) {
    item.className = 'missed';
    item.append(node('p', event.data));
    return item;
  }
  const head = node('summary');
  head.tabIndex = -1;
  const line = event.data.length > ONE_LINE ? `${event.data.slice(0, ONE_LINE)}\u2026` : event.data;
  head.append(
    moment(event.at),
    node('span', event.topics.join(' '), 'topic'),
    node('span', event.type || 'message', event.type ? `type colour${colour(event.type)}` : 'type plain'),
    line ? node('span', line, 'data') : node('span', 'no data', 'data none'),
  );
  const details = node('details');
  details.append(head);
  item.append(details);
  return item;
}

function moment(millis) {
  const at = new Date(millis);
  const time = node('time', at.toLocaleTimeString('en-GB'));
  time.dateTime = at.toISOString();
  return time;
}

/** All of an event: its id, and its data, JSON indented. */
function opened({ id, data, length }) {
  const all = node('div', '', 'opened');
  const place = node('p', '', 'id');
  place.append('id ', node('code', id));
  const text = node('pre');
  if (isJson(data)) {
    for (const [kind, piece] of indented(data)) text.append(kind ? node('span', piece, kind) : piece);
  } else {
    text.textContent = data;
  }
  all.append(place, text);
  if (length > data.length) {
    all.append(node('p', `The first ${count(data.length)} of ${count(length)} characters.`, 'help'));
  }
  return all;
}

/** The same type has the same colour, on every page. */
function colour(type) {
  let hash = 0;
  for (const letter of type) hash = (hash * 37 + letter.codePointAt(0)) % 65_521;
  return hash % COLOURS;
}

function missed({ reason, after, next }) {
  const why = {
    forgotten: `what came after ${after ?? 'that time'} is no longer remembered`,
    lost: `what came after ${after} was damaged where the hub keeps it`,
    epoch: `${after} is of another log than this hub has`,
    unknown: `${after} is not an id that the hub knows`,
  }[reason] ?? reason;
  return `Events may have been missed: ${why}. ${next ? `It goes on with ${next}.` : 'There is nothing to go on with yet.'}`;
}
