// Hears the hub for all tabs of one browser. A browser has six connections for a host (HTTP/1.1), so there is one stream for all:
//
// A tab that comes has a stream of its own at first, which begins where the tab wants it to. Every stream hears the hub's figures
// too, whose ids only the hub makes; once two streams have heard the same ones last, both are at the same place in the hub's one
// order. From there one stream goes on for both, with what either selected, and nothing is lost or heard twice.

import { Seat } from './seat.js';
import { chunks, HUB, PLACES, Stream } from './stream.js';

const STATS = 'hub.stats';
const WINDOW_MILLIS = 300_000;
const WINDOW = '5m';
const HISTORY_MILLIS = 3000; // for the figures of the last minutes, at most
const MEETING_MILLIS = 100; // how long a stream waits for another one that may be about to come to the same place
const MOST_SELECTORS = 100; // of one stream: what the hub takes, where nobody set it otherwise

const fit = (one, other) => new Set([...one.selectors, ...other.selectors]).size <= MOST_SELECTORS;

export class Switchboard {
  #base;
  #streams = new Map(); // with the seats that each is for
  #now = null; // the newest figures
  #plotted = []; // of the figures of the last minutes, what is plotted, by time
  #apart = false; // where the hub refused what several tabs wanted together
  #ahead = 0; // how far the hub's clock is ahead of this one, in ms
  #met = () => {};

  /** The directory of the hub. */
  constructor(base) {
    this.#base = base;
    this.#history();
  }

  /** A tab says what it wants through its port: join, filter, pull, hurry, leave. */
  connect(port) {
    const seat = new Seat(port);
    const orders = {
      join: (wish) => this.#join(seat, wish),
      filter: ({ text }) => seat.filter(text),
      pull: ({ rows }) => seat.pull(rows),
      hurry: () => seat.stream?.hurry(),
      leave: () => this.#leave(seat),
    };
    port.onmessage = ({ data }) => orders[data.order](data);
    port.onclose = () => this.#leave(seat); // a tab that crashed, where browsers tell
  }

  #join(seat, wish) {
    this.#leave(seat);
    seat.sit(wish, this.#plotted, this.#now);
    this.#open(wish.selectors, wish.start, [seat]);
    this.#count();
  }

  #leave(seat) {
    const { stream } = seat;
    if (!stream) return;
    seat.stream = null;
    const seats = this.#streams.get(stream).filter((other) => other !== seat);
    this.#streams.set(stream, seats);
    if (!seats.length) this.#close(stream);
    else if (this.#selectors(seats).length < stream.selectors.length) this.#reopen([stream], stream.at);
    this.#count();
  }

  #count() {
    for (const seats of this.#streams.values()) {
      for (const seat of seats) seat.connection({ tabs: seats.length });
    }
  }

  #open(selectors, start, seats) {
    const stream = new Stream(this.#base, [...new Set([...selectors, STATS])], start, {
      hear: (heard, line) => this.#hear(heard, line),
      changed: (changed) => this.#changed(changed),
    });
    this.#streams.set(stream, seats);
    for (const seat of seats) seat.stream = stream;
    return stream;
  }

  #close(stream) {
    this.#streams.delete(stream);
    stream.close();
  }

  #selectors(seats) {
    return [...new Set([...seats.flatMap((seat) => seat.selectors), STATS])];
  }

  /** One stream instead of these, all of which are at that place. */
  #reopen(streams, at) {
    const seats = streams.flatMap((stream) => this.#streams.get(stream));
    const selectors = this.#selectors(seats);
    const enough = streams.find((stream) => stream.selectors.length === selectors.length);
    for (const stream of streams) if (stream !== enough) this.#close(stream);
    if (enough) {
      this.#streams.set(enough, seats);
      for (const seat of seats) seat.stream = enough;
    } else {
      this.#open(selectors, { last_event_id: at }, seats);
    }
    this.#count();
  }

  #changed(stream) {
    const { state, why, awaySince } = stream;
    const seats = this.#streams.get(stream) ?? [];
    if (state === 'closed' && seats.length > 1) {
      this.#apart = true;
      this.#close(stream);
      for (const seat of seats) this.#open(seat.selectors, { last_event_id: stream.at }, [seat]);
      this.#count();
      return;
    }
    for (const seat of seats) {
      if (state === 'open' && awaySince) seat.cameBack(Date.now() - awaySince);
      seat.connection({ state, why, awaySince: state === 'away' ? awaySince : 0 });
    }
    if (state === 'open') stream.awaySince = 0;
  }

  /** Returns a promise where the stream is to wait, because another one may be about to come to the same place. */
  #hear(stream, line) {
    const own = line.topic === HUB;
    if (own && PLACES.includes(line.type)) return this.#meet(stream, false);
    line.topics = own ? [] : [line.topic, ...(line.topics ?? [])];
    if (line.type === 'message') line.type = ''; // what it is where its publisher gave none
    const seats = this.#streams.get(stream) ?? [];
    const stats = line.topic === STATS && !line.type ? JSON.parse(line.data) : null;
    if (stats) this.#figures(stats);
    const replayed = Date.parse(line.time) < stream.cameBackAt + this.#ahead;
    if (stats && !replayed) this.#ahead = Date.parse(line.time) - Date.now();
    for (const seat of seats) {
      if (own) seat.notice(line);
      else seat.hear(line, replayed);
    }
    // of old figures there may be many, and nobody else is there
    return stats && this.#meet(stream, stats.time === this.#now.time);
  }

  #figures(stats) {
    const known = this.#plotted.some((moment) => moment.time === stats.time); // another stream told it already
    if (known || (this.#now && Date.parse(stats.time) < Date.parse(this.#now.time) - WINDOW_MILLIS)) return;
    this.#now = stats;
    this.#plot([stats]);
  }

  #plot(stats) {
    const moments = stats.map(({ time, in: arrived, out, p50, p99 }) => ({ time, in: arrived, out, p50, p99 }));
    const all = [...this.#plotted, ...moments].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
    const oldest = Date.parse(all.at(-1)?.time) - WINDOW_MILLIS;
    this.#plotted = all.filter((moment) => Date.parse(moment.time) >= oldest);
    for (const seat of this.#seats()) seat.figures(moments, this.#now);
  }

  /** One stream instead of two where they meet; else, where it is worth it, a promise to wait for. */
  #meet(stream, worthIt) {
    if (this.#apart || !this.#streams.has(stream)) return null;
    stream.meeting = stream.at;
    const others = [...this.#streams.keys()].filter((other) => other !== stream && other.state === 'open');
    const met = others.find((other) => other.at === stream.at && other.meeting === stream.at && fit(stream, other));
    if (met) {
      this.#reopen([met, stream], stream.at);
      this.#met();
    }
    if (met || !worthIt || !others.some((other) => fit(stream, other))) return null;
    return new Promise((done) => {
      this.#met = done;
      setTimeout(done, MEETING_MILLIS);
    });
  }

  /** The figures of the last minutes, if there was anybody to whom the hub told them. */
  async #history() {
    const url = new URL(`events?topic=${STATS}&since=${WINDOW}&for=${HISTORY_MILLIS}ms`, this.#base);
    const asking = new AbortController();
    const past = [];
    try {
      const answer = await fetch(url, { headers: { Accept: 'application/x-ndjson' }, cache: 'no-store', signal: asking.signal });
      for await (const lines of answer.ok ? chunks(answer.body) : []) {
        past.push(...lines.filter((line) => line.topic === STATS).map((line) => JSON.parse(line.data)));
        if (past.length && Date.parse(past.at(-1).time) >= Date.parse(this.#plotted[0]?.time)) break;
      }
    } catch {
      // the plots begin with what there is
    }
    asking.abort();
    this.#now ??= past.at(-1) ?? null;
    this.#plot(past.filter((stats) => !this.#plotted.some((moment) => moment.time === stats.time)));
  }

  #seats() {
    return [...this.#streams.values()].flat();
  }
}
