// One open request to the hub, for as long as it is wanted: lines of JSON, each an event with its topic, type, id and data.
// It comes back by itself, after the last id that it received.

const FIRST_WAIT_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 10_000;
const SILENCE_MILLIS = 40_000; // the hub's heartbeat is received more often; what is silent longer is dead, and doesn't know it
const PASSING = [408, 425, 429]; // refusals that do not stand

/** The topic of the lines that the hub itself adds. */
export const HUB = 'hub';

/** Their types that only tell a place: where the stream begins, and how far it was served since. */
export const PLACES = ['hub.open', 'hub.beat'];

/** The last line of a stream whose hub stops. */
const DRAIN = 'hub.drain';

/**
 * The listener is told of each line by hear(stream, line), and by changed(stream) that the state is another one:
 * connecting, open, away (it tries again), closed (the hub refused it; why says what the hub said).
 */
export class Stream {
  state = 'connecting';
  why = '';
  at = ''; // the id of the last line, or the place where it began; empty where the stream has no ids
  place = ''; // where the hub said that it began, or went on
  awaySince = 0;
  cameBackAt = 0; // what happened before was missed, and is replayed
  #address;
  #listener;
  #asking = new AbortController();
  #failures = 0;
  #asked = 0; // how long the hub asked to wait, in ms
  #ended = false;
  #watch;
  #wake = () => {};

  /** address(at): what to ask; at is the id to go on after, empty where there is none. */
  constructor(address, listener) {
    this.#address = address;
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
    await null; // whoever made it knows it first
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
    const answer = await fetch(this.#address(this.at), {
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
        if (this.#ended) return;
        if (line.id) this.at = line.id;
        if (line.type === DRAIN) this.#asked = JSON.parse(line.data).retry;
        else this.#listener.hear(this, line);
      }
    }
  }

  #guard() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#asking.abort(), SILENCE_MILLIS);
  }

  #become(state, why = '') {
    this.state = state;
    this.why = why;
    this.#listener.changed(this);
  }
}

/** The lines of JSON, as many together as arrive together. */
async function* chunks(body) {
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
