// Shares the hub's streams among all tabs of one browser. A browser opens at most six connections to a host (HTTP/1.1), so all tabs
// use one stream of events and one of statistics.
//
// A tab that joins gets a stream of its own first, which begins at the position that the tab requests. When two streams are near each other in the log, one
// new stream replaces both: it subscribes to the patterns of both and resumes from the cursor that is further behind. Events that a tab
// has already are not sent to it again, so nothing is lost or shown twice.

import { Cursor } from './cursor.js';
import { StatsStream } from './stats-stream.js';
import { HUB, MARKERS, Stream } from './stream.js';
import { TabSubscriber } from './tab-subscriber.js';

const GAP = 'hub.gap';
const MAX_DISTANCE = 10_000; // entries of the log that are replayed, at most, to merge two streams
const MAX_PATTERNS = 100; // of one stream: the hub's default limit

const union = (...lists) => [...new Set(lists.flat())];
const furtherBehind = (a, b) => (a.cursor.offset <= b.cursor.offset ? a : b);

export class StreamMultiplexer {
  #base;
  #streams = new Map(); // each with its subscribers
  #stats;
  #mergeRefused = false; // the hub refused a merged stream: each tab keeps its own

  /** base: the URL of the hub. */
  constructor(base) {
    this.#base = base;
    this.#stats = new StatsStream(
      base,
      (samples, latest) => this.#subscribers().forEach((tab) => tab.stats(samples, latest)),
      (statsRefused) => this.#subscribers().forEach((tab) => tab.connection({ statsRefused })),
    );
  }

  /** Serves one tab, whose messages are the commands join, filter, pull, clear, retryNow and leave. */
  connect(port) {
    const tab = new TabSubscriber(port);
    const commands = {
      join: (request) => this.#join(tab, request),
      filter: ({ text }) => tab.filter(text),
      pull: ({ maxEvents, everyMillis }) => tab.pull(maxEvents, everyMillis),
      clear: () => tab.clear(),
      retryNow: () => this.#retryNow(tab),
      leave: () => this.#leave(tab),
    };
    port.onmessage = ({ data }) => commands[data.command](data);
    port.onclose = () => this.#leave(tab); // a tab that crashed, in browsers that report it
  }

  #join(tab, request) {
    this.#leave(tab);
    if (request.renewed) this.#stats.renew();
    tab.join(request, this.#stats.samples, this.#stats.latest);
    this.#open(request.patterns, request.start, [tab]);
    this.#stats.open();
    this.#reportTabs();
  }

  #leave(tab) {
    const { stream } = tab;
    if (!stream) return;
    tab.stream = null;
    const others = this.#streams.get(stream).filter((other) => other !== tab);
    this.#streams.set(stream, others);
    if (!others.length) this.#close(stream);
    else if (stream.lastId && this.#patterns(others).length < stream.patterns.length) this.#replace([stream], stream);
    if (!this.#streams.size) this.#stats.close();
    this.#reportTabs();
  }

  #retryNow(tab) {
    tab.stream?.retryNow();
    this.#stats.retryNow();
  }

  #reportTabs() {
    for (const tabs of this.#streams.values()) {
      for (const tab of tabs) tab.connection({ tabs: tabs.length });
    }
  }

  /** start: the parameters of the position where it begins, such as since or last_event_id; a reconnect resumes after the last id. */
  #open(patterns, start, tabs) {
    const stream = new Stream((lastId) => this.#address(patterns, lastId ? { last_event_id: lastId } : start), {
      onLine: (from, line) => this.#receive(from, line),
      onState: (changed) => this.#stateChanged(changed),
    });
    stream.patterns = patterns;
    stream.lastId = start.last_event_id ?? '';
    stream.cursor = new Cursor();
    this.#streams.set(stream, tabs);
    for (const tab of tabs) tab.stream = stream;
    return stream;
  }

  #address(patterns, start) {
    const query = new URLSearchParams(patterns.map((pattern) => ['topic', pattern]));
    for (const [name, value] of Object.entries(start)) query.set(name, value);
    query.set('uncounted', ''); // excludes the stream from the hub's traffic statistics
    return new URL(`events?${query}`, this.#base);
  }

  #close(stream) {
    this.#streams.delete(stream);
    stream.close();
  }

  #patterns(tabs) {
    return union(...tabs.map((tab) => tab.patterns));
  }

  /** Replaces the streams by one that resumes from the cursor of the given one of them. */
  #replace(streams, from) {
    const tabs = streams.flatMap((stream) => this.#streams.get(stream));
    const patterns = this.#patterns(tabs);
    for (const stream of streams) {
      for (const tab of this.#streams.get(stream)) tab.cursor ??= stream.cursor.offset === null ? null : stream.cursor;
    }
    const reusable = from.patterns.length === patterns.length && streams.length > 1;
    for (const stream of streams) if (!reusable || stream !== from) this.#close(stream);
    if (reusable) {
      this.#streams.set(from, tabs);
      for (const tab of tabs) tab.stream = from;
    } else {
      this.#open(patterns, { last_event_id: from.cursor.id || from.lastId }, tabs);
    }
    this.#reportTabs();
  }

  #stateChanged(stream) {
    const { state, reason, downSince } = stream;
    const tabs = this.#streams.get(stream) ?? [];
    if (state === 'closed' && tabs.length > 1) {
      this.#mergeRefused = true;
      this.#close(stream);
      for (const tab of tabs) this.#open(tab.patterns, { last_event_id: stream.lastId }, [tab]);
      this.#reportTabs();
      return;
    }
    for (const tab of tabs) {
      if (state === 'open' && downSince) tab.reconnected(Date.now() - downSince);
      tab.connection({ state, reason, downSince: state === 'down' ? downSince : 0 });
    }
    if (state === 'open') {
      stream.downSince = 0;
    }
  }

  #receive(stream, line) {
    const tabs = this.#streams.get(stream) ?? [];
    const ofHub = line.topic === HUB;
    line.topics = ofHub ? [] : [line.topic, ...(line.topics ?? [])];
    if (line.type === 'message') line.type = ''; // the default type of an event published without one
    if (line.type === GAP) for (const tab of tabs) tab.cursor = null; // the stream may continue in another epoch of the log
    stream.cursor = stream.cursor.after(line);
    const replayed = Date.parse(line.time) < stream.reconnectedAt + this.#stats.clockSkewMillis;
    for (const tab of tabs) {
      if (ofHub) {
        if (!MARKERS.includes(line.type)) tab.notice(line);
      } else {
        tab.receive(line, replayed);
      }
    }
    this.#merge(stream);
  }

  /** Replaces this stream and another one near it by one stream. */
  #merge(stream) {
    if (this.#mergeRefused || this.#streams.size < 2 || !this.#mergeable(stream)) return;
    const other = [...this.#streams.keys()].find(
      (one) => one !== stream && this.#mergeable(one) && near(one, stream) && withinLimit(one, stream),
    );
    if (other) this.#replace([other, stream], furtherBehind(other, stream));
  }

  #mergeable(stream) {
    return this.#streams.has(stream) && stream.state === 'open' && stream.cursor.offset !== null;
  }

  #subscribers() {
    return [...this.#streams.values()].flat();
  }
}

const near = (a, b) => Math.abs(a.cursor.offset - b.cursor.offset) <= MAX_DISTANCE;
const withinLimit = (a, b) => union(a.patterns, b.patterns).length <= MAX_PATTERNS;
