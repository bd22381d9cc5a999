// One tab's subscription in the multiplexer: what is queued until the tab pulls. Bounded, whatever the rate of events and however
// long the tab does not pull: events beyond the bound are dropped and counted.

import { matchesAny } from './patterns.js';

const MAX_EVENTS = 500; // queued for the tab, and retained for a new filter
const MAX_DATA_LENGTH = 8000; // characters of data that are retained
const MAX_SAMPLES = 1800; // half an hour of statistics
const UPDATE_INTERVAL_MILLIS = 100; // between two updates

export class TabSubscriber {
  stream = null;
  patterns = [];
  cursor = null; // how far the tab has read, while that is beyond its stream's cursor
  #port;
  #filter = '';
  #newest = []; // of all events that matched the patterns
  #queue = []; // those that also passed the filter and were not sent yet
  #counts = { received: 0, skipped: 0 };
  #connection = { state: 'connecting', reason: '', reconnects: 0, downMillis: 0, downSince: 0, replayed: 0, tabs: 1, statsRefused: false };
  #samples = []; // of the plots, not sent yet
  #stats = null; // the newest statistics, if not sent yet
  #reset = false; // the tab is to drop the events that it shows
  #position = '';
  #demand = null; // how many events the tab pulled
  #everyMillis = UPDATE_INTERVAL_MILLIS; // between two updates, as the tab asked with that
  #dirty = false;
  #session = 0;
  #timer = 0;
  #updatedAt = 0;

  constructor(port) {
    this.#port = port;
  }

  /** Begins a new session; updates carry its number. */
  join({ session, patterns, filter }, samples, stats) {
    this.patterns = patterns;
    this.cursor = null;
    this.#session = session;
    this.#counts = { received: 0, skipped: 0 };
    Object.assign(this.#connection, { state: 'connecting', reason: '', downSince: 0, statsRefused: false });
    this.#filter = filter.toLowerCase();
    this.#newest = [];
    this.#queue = [];
    this.#samples = [...samples];
    this.#stats = stats;
    this.#position = '';
    this.#changed();
  }

  /** Queues an event of its stream, if it matches the patterns and the tab does not have it already. */
  receive(line, replayed) {
    if (this.cursor?.covers(line)) return;
    this.cursor = null;
    if (!matchesAny(this.patterns, line.topics)) return;
    this.#counts.received++;
    if (replayed) this.#connection.replayed++;
    this.#enqueue(event(line));
  }

  /** Queues a notice of the hub, which patterns and filter do not apply to. */
  notice(line) {
    this.#enqueue(event(line), true);
  }

  stats(samples, stats) {
    this.#samples = [...this.#samples, ...samples].slice(-MAX_SAMPLES);
    this.#stats = stats;
    this.#changed();
  }

  /** Only events that contain the text, of those retained and from now on. */
  filter(text) {
    this.#filter = text.toLowerCase();
    this.#queue = this.#newest.filter((event) => this.#passes(event));
    this.#reset = true;
    this.#changed();
  }

  connection(changes) {
    Object.assign(this.#connection, changes);
    this.#changed();
  }

  reconnected(downMillis) {
    this.#connection.reconnects++;
    this.#connection.downMillis += downMillis;
  }

  /** Only events that have not been sent yet are sent for another filter. */
  clear() {
    this.#newest = [...this.#queue];
  }

  /** Sends one update, with at most that many events, as soon as anything is new, and the last one was so long ago. */
  pull(maxEvents, everyMillis = UPDATE_INTERVAL_MILLIS) {
    this.#demand = maxEvents;
    if (everyMillis !== this.#everyMillis) {
      this.#everyMillis = everyMillis;
      clearTimeout(this.#timer);
      this.#timer = 0;
    }
    if (maxEvents > 0 && this.#queue.length) this.#dirty = true;
    this.#schedule();
  }

  #enqueue(event, always = false) {
    append(this.#newest, event);
    if (always || this.#passes(event)) this.#counts.skipped += append(this.#queue, event);
    this.#changed();
  }

  #passes({ type, topics, data, id }) {
    return !this.#filter || [type, topics.join(' '), data, id].some((text) => text.toLowerCase().includes(this.#filter));
  }

  #changed() {
    this.#dirty = true;
    this.#schedule();
  }

  #schedule() {
    if (!this.#dirty || this.#demand === null || this.#timer) return;
    const wait = Math.max(0, this.#updatedAt + this.#everyMillis - Date.now());
    this.#timer = setTimeout(() => this.#update(), wait);
  }

  #update() {
    this.#timer = 0;
    const events = this.#queue.splice(0, this.#reset ? MAX_EVENTS : this.#demand);
    const position = this.#queue.length ? events.at(-1)?.id : this.cursor?.id ?? this.stream?.lastId;
    this.#position = position || this.#position;
    this.#port.postMessage({
      session: this.#session,
      reset: this.#reset,
      events,
      queued: this.#queue.length,
      position: this.#position,
      samples: this.#samples,
      stats: this.#stats,
      connection: this.#connection,
      ...this.#counts,
    });
    this.#samples = [];
    this.#stats = null;
    this.#reset = false;
    this.#demand = null;
    this.#dirty = false;
    this.#updatedAt = Date.now();
  }
}

/** Appends to a bounded queue; returns how many events were dropped. */
function append(queue, event) {
  queue.push(event);
  return queue.length > MAX_EVENTS ? queue.splice(0, queue.length - MAX_EVENTS).length : 0;
}

function event({ id = '', topics, type = '', time, data = '' }) {
  // a clone: a slice would keep the whole string in memory
  const retained = data.length > MAX_DATA_LENGTH ? structuredClone(data.slice(0, MAX_DATA_LENGTH)) : data;
  return { id, topics, type, data: retained, length: data.length, at: time ? Date.parse(time) : Date.now() };
}
