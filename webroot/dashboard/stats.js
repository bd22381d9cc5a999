// The hub's figures, for all tabs of a browser: one stream of them, which begins with those of the last half hour.

import { Stream } from './stream.js';

const KEPT_MILLIS = 1_800_000;
const HISTORY = 'hub.history';
const STATS = 'hub.stats';

export class Stats {
  now = null; // the newest figures
  moments = []; // what is plotted of those that are kept, by time
  ahead = 0; // how far the hub's clock is ahead of this one, in ms
  #base;
  #told;
  #stream = null;

  /** The directory of the hub; told(moments, now) is called with what is new. */
  constructor(base, told) {
    this.#base = base;
    this.#told = told;
  }

  open() {
    this.#stream ??= new Stream(() => new URL('stats', this.#base), { hear: (stream, line) => this.#hear(line), changed: () => {} });
  }

  close() {
    this.#stream?.close();
    this.#stream = null;
  }

  hurry() {
    this.#stream?.hurry();
  }

  #hear({ type, data }) {
    if (type === HISTORY) this.#add(rows(JSON.parse(data)));
    else if (type === STATS) this.#newest(JSON.parse(data));
  }

  #newest(stats) {
    const at = Date.parse(stats.time);
    this.ahead = at - Date.now();
    this.now = stats;
    // where the hub's clock was set back, the newest is the truth
    if (at < this.moments.at(-1)?.at) this.moments = this.moments.filter((moment) => moment.at < at);
    this.#add([{ at, in: stats.in, out: stats.out, p50: stats.p50, p99: stats.p99 }]);
  }

  /** What is known already comes again with each connection. */
  #add(moments) {
    const first = this.moments[0]?.at ?? Infinity;
    const last = this.moments.at(-1)?.at ?? -Infinity;
    const before = moments.filter(({ at }) => at < first && at > last - KEPT_MILLIS);
    const after = this.moments.length ? moments.filter(({ at }) => at > last) : [];
    const all = [...before, ...this.moments, ...after];
    const oldest = (all.at(-1)?.at ?? 0) - KEPT_MILLIS;
    this.moments = all[0]?.at < oldest ? all.filter(({ at }) => at >= oldest) : all;
    this.#told([...before, ...after], this.now);
  }
}

function rows({ columns, rows: all }) {
  const [time, arrived, out, p50, p99] = ['time', 'in', 'out', 'p50', 'p99'].map((name) => columns.indexOf(name));
  return all.map((row) => ({ at: row[time], in: row[arrived], out: row[out], p50: row[p50], p99: row[p99] }));
}
