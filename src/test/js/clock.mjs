// The time and the timers of a test. Nothing happens by itself: a test advances the clock.

const REAL = { setTimeout, clearTimeout, now: Date.now };

export class Clock {
  #now = 1_700_000_000_000;
  #timers = new Map();
  #lastId = 0;

  /** Replaces setTimeout, clearTimeout and Date.now until restore(). */
  constructor() {
    globalThis.setTimeout = (action, millis = 0) => {
      this.#timers.set(++this.#lastId, { action, at: this.#now + millis });
      return this.#lastId;
    };
    globalThis.clearTimeout = (id) => this.#timers.delete(id);
    Date.now = () => this.#now;
  }

  get now() {
    return this.#now;
  }

  /** Runs all timers that are due by then, in their order. */
  advance(millis) {
    const end = this.#now + millis;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { action, at }] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      action();
    }
    this.#now = end;
  }

  restore() {
    globalThis.setTimeout = REAL.setTimeout;
    globalThis.clearTimeout = REAL.clearTimeout;
    Date.now = REAL.now;
  }
}

/** Completes when the condition holds; promises get their turns meanwhile, timers do not. */
export async function until(condition) {
  for (let turns = 0; !condition(); turns++) {
    if (turns === 1000) throw new Error(`still not: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
