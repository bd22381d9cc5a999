// The hub's statistics for all tabs of a browser: one stream, which begins with the last half hour.

import { Stream } from './stream.js';

const RETAINED_MILLIS = 1_800_000;
const HISTORY = 'hub.history';
const STATS = 'hub.stats';

export class StatsStream {
  latest = null; // the newest statistics, in full
  samples = []; // the plotted values of each second, by time
  clockSkewMillis = 0; // how far the hub's clock is ahead of this one
  #base;
  #listener;
  #onRefused;
  #stream = null;

  /** base: the URL of the hub. listener(samples, latest) is called with new samples and the newest statistics; onRefused(refused) when the hub sends none, or does again. */
  constructor(base, listener, onRefused = () => {}) {
    this.#onRefused = onRefused;
    this.#base = base;
    this.#listener = listener;
  }

  open() {
    if (this.#stream?.state === 'closed') this.renew(); // refused: whoever uses the page may have other rights now
    this.#stream ??= new Stream(() => new URL('stats', this.#base), {
      onLine: (stream, line) => this.#receive(line),
      onState: ({ state }) => {
        if (state === 'closed' || state === 'open') this.#onRefused(state === 'closed');
      },
    });
  }

  /** Ends it, and forgets what came: the next one is opened with the rights of somebody else. */
  renew() {
    this.close();
    this.latest = null;
    this.samples = [];
  }

  close() {
    this.#stream?.close();
    this.#stream = null;
  }

  retryNow() {
    this.#stream?.retryNow();
  }

  #receive({ type, data }) {
    if (type === HISTORY) this.#add(history(JSON.parse(data)));
    else if (type === STATS) this.#update(JSON.parse(data));
  }

  #update(stats) {
    const at = Date.parse(stats.time);
    this.clockSkewMillis = at - Date.now();
    this.latest = stats;
    // the hub's clock was set back: later samples are void
    if (at < this.samples.at(-1)?.at) this.samples = this.samples.filter((sample) => sample.at < at);
    this.#add([{ at, in: stats.in, out: stats.out, p50: stats.p50, p99: stats.p99 }]);
  }

  /** Each connection begins with the whole history: samples that are here already are dropped. */
  #add(samples) {
    const first = this.samples[0]?.at ?? Infinity;
    const last = this.samples.at(-1)?.at ?? -Infinity;
    const before = samples.filter(({ at }) => at < first && at > last - RETAINED_MILLIS);
    const after = this.samples.length ? samples.filter(({ at }) => at > last) : [];
    const all = [...before, ...this.samples, ...after];
    const oldest = (all.at(-1)?.at ?? 0) - RETAINED_MILLIS;
    this.samples = all[0]?.at < oldest ? all.filter(({ at }) => at >= oldest) : all;
    this.#listener([...before, ...after], this.latest);
  }
}

function history({ columns, rows }) {
  const [time, received, out, p50, p99] = ['time', 'in', 'out', 'p50', 'p99'].map((name) => columns.indexOf(name));
  return rows.map((row) => ({ at: row[time], in: row[received], out: row[out], p50: row[p50], p99: row[p99] }));
}
