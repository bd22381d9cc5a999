// Hears the hub for all tabs of one browser. A browser has six connections for a host (HTTP/1.1), so there is one stream of events for
// all, and one of the hub's figures.
//
// A tab that comes has a stream of its own at first, which begins where the tab wants it to. As soon as that is about as far as
// another one, a new stream takes the place of both: it hears what either selected, from the place of the one that is less far.
// What the tabs of the other one have already, they are not given again; so nothing is lost or shown twice.

import { Reached } from './place.js';
import { Seat } from './seat.js';
import { Stats } from './stats.js';
import { HUB, PLACES, Stream } from './stream.js';

const GAP = 'hub.gap';
const NEAR = 10_000; // entries of the log that are replayed, at most, for two streams to become one
const MOST_SELECTORS = 100; // of one stream: what the hub takes, where nobody set it otherwise

const union = (...lists) => [...new Set(lists.flat())];
const less = (one, other) => (one.reached.offset <= other.reached.offset ? one : other);

export class Switchboard {
  #base;
  #streams = new Map(); // with the seats that each is for
  #stats;
  #apart = false; // where the hub refused what several tabs wanted together

  /** The directory of the hub. */
  constructor(base) {
    this.#base = base;
    this.#stats = new Stats(base, (moments, now) => this.#seats().forEach((seat) => seat.figures(moments, now)));
  }

  /** A tab says what it wants through its port: join, filter, pull, hurry, leave. */
  connect(port) {
    const seat = new Seat(port);
    const orders = {
      join: (wish) => this.#join(seat, wish),
      filter: ({ text }) => seat.filter(text),
      pull: ({ rows }) => seat.pull(rows),
      hurry: () => this.#hurry(seat),
      leave: () => this.#leave(seat),
    };
    port.onmessage = ({ data }) => orders[data.order](data);
    port.onclose = () => this.#leave(seat); // a tab that crashed, where browsers tell
  }

  #join(seat, wish) {
    this.#leave(seat);
    seat.sit(wish, this.#stats.moments, this.#stats.now);
    this.#open(wish.selectors, wish.start, [seat]);
    this.#stats.open();
    this.#count();
  }

  #leave(seat) {
    const { stream } = seat;
    if (!stream) return;
    seat.stream = null;
    const seats = this.#streams.get(stream).filter((other) => other !== seat);
    this.#streams.set(stream, seats);
    if (!seats.length) this.#close(stream);
    else if (stream.at && this.#selectors(seats).length < stream.selectors.length) this.#replace([stream], stream);
    if (!this.#streams.size) this.#stats.close();
    this.#count();
  }

  #hurry(seat) {
    seat.stream?.hurry();
    this.#stats.hurry();
  }

  #count() {
    for (const seats of this.#streams.values()) {
      for (const seat of seats) seat.connection({ tabs: seats.length });
    }
  }

  /** start: the parameters by which it begins, such as since or last_event_id; later it goes on with the id. */
  #open(selectors, start, seats) {
    const stream = new Stream((at) => this.#address(selectors, at ? { last_event_id: at } : start), {
      hear: (from, line) => this.#hear(from, line),
      changed: (changed) => this.#changed(changed),
    });
    stream.selectors = selectors;
    stream.at = start.last_event_id ?? '';
    stream.reached = new Reached();
    this.#streams.set(stream, seats);
    for (const seat of seats) seat.stream = stream;
    return stream;
  }

  #address(selectors, start) {
    const query = new URLSearchParams(selectors.map((selector) => ['topic', selector]));
    for (const [name, value] of Object.entries(start)) query.set(name, value);
    query.set('uncounted', ''); // not counted as traffic
    return new URL(`events?${query}`, this.#base);
  }

  #close(stream) {
    this.#streams.delete(stream);
    stream.close();
  }

  #selectors(seats) {
    return union(...seats.map((seat) => seat.selectors));
  }

  /** One stream instead of these, from where the given one of them is. */
  #replace(streams, from) {
    const seats = streams.flatMap((stream) => this.#streams.get(stream));
    const selectors = this.#selectors(seats);
    for (const stream of streams) {
      for (const seat of this.#streams.get(stream)) seat.has ??= stream.reached.offset === null ? null : stream.reached;
    }
    const enough = from.selectors.length === selectors.length && streams.length > 1;
    for (const stream of streams) if (!enough || stream !== from) this.#close(stream);
    if (enough) {
      this.#streams.set(from, seats);
      for (const seat of seats) seat.stream = from;
    } else {
      this.#open(selectors, { last_event_id: from.reached.id || from.at }, seats);
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
    if (state === 'open') {
      stream.awaySince = 0;
    }
  }

  #hear(stream, line) {
    const seats = this.#streams.get(stream) ?? [];
    const own = line.topic === HUB;
    line.topics = own ? [] : [line.topic, ...(line.topics ?? [])];
    if (line.type === 'message') line.type = ''; // what it is where its publisher gave none
    if (line.type === GAP) for (const seat of seats) seat.has = null; // it may go on in another life of the log
    stream.reached = stream.reached.after(line);
    const replayed = Date.parse(line.time) < stream.cameBackAt + this.#stats.ahead;
    for (const seat of seats) {
      if (own) {
        if (!PLACES.includes(line.type)) seat.notice(line);
      } else {
        seat.hear(line, replayed);
      }
    }
    this.#meet(stream);
  }

  /** One stream instead of two that are near each other. */
  #meet(stream) {
    if (this.#apart || this.#streams.size < 2 || !this.#ready(stream)) return;
    const other = [...this.#streams.keys()].find((one) => one !== stream && this.#ready(one) && near(one, stream) && fit(one, stream));
    if (other) this.#replace([other, stream], less(other, stream));
  }

  #ready(stream) {
    return this.#streams.has(stream) && stream.state === 'open' && stream.reached.offset !== null;
  }

  #seats() {
    return [...this.#streams.values()].flat();
  }
}

const near = (one, other) => Math.abs(one.reached.offset - other.reached.offset) <= NEAR;
const fit = (one, other) => union(one.selectors, other.selectors).length <= MOST_SELECTORS;
