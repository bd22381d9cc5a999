// What one tab is to be told, until it asks. Bounded, however much is heard and however long the tab does not ask: of what it has
// no time to show, it is told the number.

import { select } from './selectors.js';

const NEWEST = 500; // events that wait for the tab, and that a new filter is tried on
const LONGEST = 8000; // characters of data that are kept
const MOST_MOMENTS = 1800; // half an hour of figures
const EVERY_MILLIS = 100; // answers to one tab

export class Seat {
  stream = null;
  selectors = [];
  has = null; // how far it has come, where that is further than its stream
  #port;
  #filter = '';
  #newest = []; // of all that was selected
  #waiting = []; // what also passed the filter, and was not told yet
  #counts = { heard: 0, skipped: 0 };
  #connection = { state: 'connecting', why: '', reconnects: 0, awayMillis: 0, awaySince: 0, replayed: 0, tabs: 1 };
  #plotted = []; // moments of the plots that were not told yet
  #now = null; // the newest figures
  #again = false; // the tab is to forget the rows that it has
  #place = '';
  #wants = null; // how many rows the tab asked for
  #news = false;
  #session = 0;
  #timer = 0;
  #answered = 0;

  constructor(port) {
    this.#port = port;
  }

  /** Begins anew; answers say of which session they are. Figures of the last minutes come along. */
  sit({ session, selectors, filter }, plotted, now) {
    this.selectors = selectors;
    this.has = null;
    this.#session = session;
    this.#counts = { heard: 0, skipped: 0 };
    Object.assign(this.#connection, { state: 'connecting', why: '', awaySince: 0 });
    this.#filter = filter.toLowerCase();
    this.#newest = [];
    this.#waiting = [];
    this.#plotted = [...plotted];
    this.#now = now;
    this.#place = '';
    this.#tell();
  }

  /** Hears an event, if it is selected, and not there already. */
  hear(line, replayed) {
    if (this.has?.has(line)) return;
    this.has = null;
    if (!select(this.selectors, line.topics)) return;
    this.#counts.heard++;
    if (replayed) this.#connection.replayed++;
    this.#keep(event(line));
  }

  /** A notice goes to every tab, whatever it selected. */
  notice(line) {
    this.#keep(event(line), true);
  }

  figures(moments, now) {
    this.#plotted = [...this.#plotted, ...moments].slice(-MOST_MOMENTS);
    this.#now = now;
    this.#tell();
  }

  /** Only the events that have the text in them, of what was heard already and from now on. */
  filter(text) {
    this.#filter = text.toLowerCase();
    this.#waiting = this.#newest.filter((event) => this.#passes(event));
    this.#again = true;
    this.#tell();
  }

  connection(changes) {
    Object.assign(this.#connection, changes);
    this.#tell();
  }

  cameBack(awayMillis) {
    this.#connection.reconnects++;
    this.#connection.awayMillis += awayMillis;
  }

  /** Answers with that many rows at most, as soon as there is anything new. */
  pull(rows) {
    this.#wants = rows;
    if (rows > 0 && this.#waiting.length) this.#news = true;
    this.#soon();
  }

  #keep(event, always = false) {
    push(this.#newest, event);
    if (always || this.#passes(event)) this.#counts.skipped += push(this.#waiting, event);
    this.#tell();
  }

  #passes({ type, topics, data, id }) {
    return !this.#filter || [type, topics.join(' '), data, id].some((text) => text.toLowerCase().includes(this.#filter));
  }

  #tell() {
    this.#news = true;
    this.#soon();
  }

  #soon() {
    if (!this.#news || this.#wants === null || this.#timer) return;
    const wait = Math.max(0, this.#answered + EVERY_MILLIS - Date.now());
    this.#timer = setTimeout(() => this.#answer(), wait);
  }

  #answer() {
    this.#timer = 0;
    const rows = this.#waiting.splice(0, this.#again ? NEWEST : this.#wants);
    const place = this.#waiting.length ? rows.at(-1)?.id : this.has?.id ?? this.stream?.at;
    this.#place = place || this.#place;
    this.#port.postMessage({
      session: this.#session,
      again: this.#again,
      rows,
      waiting: this.#waiting.length,
      place: this.#place,
      plotted: this.#plotted,
      now: this.#now,
      connection: this.#connection,
      ...this.#counts,
    });
    this.#plotted = [];
    this.#now = null;
    this.#again = false;
    this.#wants = null;
    this.#news = false;
    this.#answered = Date.now();
  }
}

/** How many had to go. */
function push(newest, event) {
  newest.push(event);
  return newest.length > NEWEST ? newest.splice(0, newest.length - NEWEST).length : 0;
}

function event({ id = '', topics, type = '', time, data = '' }) {
  // a clone, for a slice would keep the whole
  const kept = data.length > LONGEST ? structuredClone(data.slice(0, LONGEST)) : data;
  return { id, topics, type, data: kept, length: data.length, at: time ? Date.parse(time) : Date.now() };
}
