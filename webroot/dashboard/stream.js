// One open request to the hub, for as long as it is wanted: lines of JSON, each an event with its topic, type, id and data.
// It comes back by itself, after the last id that it heard.

const FIRST_WAIT_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 10_000;
const SILENCE_MILLIS = 40_000; // the hub's heartbeat is heard more often; what is silent longer is dead, and doesn't know it
const PASSING = [408, 425, 429]; // refusals that do not stand

/** The topic of the lines that the hub itself adds. */
export const HUB = 'hub';

/** Their types that only tell a place: where the stream begins, and how far it was served since. */
export const PLACES = ['hub.open', 'hub.beat'];

/** Another one: the last line of a stream whose hub stops. */
const DRAIN = 'hub.drain';

/**
 * The listener is told of each line by hear(stream, line), which may return a promise to be waited for, and by changed(stream)
 * that the state is another one:
 * connecting, open, away (it tries again), closed (the hub refused it; why says what the hub said).
 */
export class Stream {
  state = 'connecting';
  why = '';
  at = ''; // the id of the last line, or the place where it began
  awaySince = 0;
  cameBackAt = 0; // what happened before was missed, and is replayed
  #base;
  #start;
  #listener;
  #asking = new AbortController();
  #failures = 0;
  #asked = 0; // how long the hub asked to wait, in ms
  #ended = false;
  #watch;
  #wake = () => {};

  /** start: the parameters by which it begins, such as since or last_event_id; later it goes on with the id. */
  constructor(base, selectors, start, listener) {
    this.#base = base;
    this.selectors = selectors;
    this.#start = start;
    this.at = start.last_event_id ?? '';
    this.#listener = listener;
    this.#run();
  }

  close() {
    this.#ended = true;
    this.#asking.abort();
    this.#wake();
    clearTimeout(this.#watch);
  }

  /** Doesn't wait any longer before it tries again. */
  hurry() {
    this.#wake();
  }

  async #run() {
    while (!this.#ended) {
      await this.#once().catch(() => {});
      clearTimeout(this.#watch);
      if (this.#ended || this.state === 'closed') return;
      if (this.state === 'open') this.awaySince = Date.now();
      else this.awaySince ||= Date.now();
      this.#become('away', this.#asked ? 'the hub stopped in good order' : '');
      const wait = this.#asked || Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
      this.#asked = 0;
      await new Promise((done) => {
        this.#wake = done;
        setTimeout(done, wait);
      });
    }
  }

  async #once() {
    this.#asking = new AbortController();
    this.#guard();
    const answer = await fetch(this.#url(), {
      headers: { Accept: 'application/x-ndjson' },
      cache: 'no-store',
      signal: this.#asking.signal,
    });
    if (this.#ended) return;
    if (!answer.ok) {
      const refused = answer.status >= 400 && answer.status < 500 && !PASSING.includes(answer.status);
      if (refused) this.#become('closed', await detail(answer));
      return;
    }
    this.#failures = 0;
    if (this.state === 'away') this.cameBackAt = Date.now();
    this.#become('open');
    for await (const lines of chunks(answer.body)) {
      this.#guard();
      for (const line of lines) {
        if (line.id) this.at = line.id;
        if (line.type === DRAIN) this.#asked = JSON.parse(line.data).retry;
        const busy = line.type === DRAIN ? null : this.#listener.hear(this, line);
        if (busy) await busy;
        if (this.#ended) return;
      }
    }
  }

  #guard() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#asking.abort(), SILENCE_MILLIS);
  }

  #url() {
    const query = new URLSearchParams(this.selectors.map((selector) => ['topic', selector]));
    const from = this.at ? { last_event_id: this.at } : this.#start;
    for (const [name, value] of Object.entries(from)) query.set(name, value);
    return new URL(`events?${query}`, this.#base);
  }

  #become(state, why = '') {
    this.state = state;
    this.why = why;
    this.#listener.changed(this);
  }
}

/** The lines of JSON, as many together as arrive together. */
export async function* chunks(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + read.value).split('\n');
    rest = lines.pop();
    yield lines.filter(Boolean).map((line) => JSON.parse(line));
  }
}

/** What a problem document says, or else the status. */
async function detail(answer) {
  const problem = await answer.json().catch(() => ({}));
  return problem.detail ?? `${answer.status} ${answer.statusText}`.trim();
}
