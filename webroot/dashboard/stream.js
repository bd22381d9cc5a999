// One request to the hub that stays open: lines of JSON, each an event with its topic, type, id and data. It reconnects by itself and
// resumes after the last id that it received.

const FIRST_BACKOFF_MILLIS = 500;
const MAX_BACKOFF_MILLIS = 10_000;
const SILENCE_MILLIS = 40_000; // longer than the hub's heartbeat: a connection silent for so long is dead
const RETRYABLE = [408, 425, 429]; // client errors that pass

/** The topic of the lines that the hub itself adds. */
export const HUB = 'hub';

/**
 * The types of those about the stream alone: where it begins, how far an idle one was served, its rights, and that other nodes may have newer events,
 * which the dashboard shows by the hub's statistics.
 */
export const MARKERS = ['hub.open', 'hub.beat', 'hub.stale', 'hub.auth', 'hub.end'];

/** The last line of a stream that the hub ends before its time, because it shuts down or is cut off from its cluster. */
const DRAIN = 'hub.drain';

/**
 * The listener gets each line by onLine(stream, line), and each change of the state by onState(stream). States: connecting, open, down
 * (retrying), closed (refused by the hub; reason is the hub's explanation).
 */
export class Stream {
  state = 'connecting';
  reason = '';
  lastId = ''; // the id to resume after
  downSince = 0;
  reconnectedAt = 0; // events before this time are replayed
  #address;
  #listener;
  #request = new AbortController();
  #failures = 0;
  #retryMillis = 0; // the delay that the hub requested
  #ended = false;
  #watchdog;
  #wake = () => {};

  /** address(lastId): the URL of the next request; lastId is empty for the first one. */
  constructor(address, listener) {
    this.#address = address;
    this.#listener = listener;
    this.#run();
  }

  close() {
    this.#ended = true;
    this.#request.abort();
    this.#wake();
    clearTimeout(this.#watchdog);
  }

  /** Skips the rest of the current backoff. */
  retryNow() {
    this.#wake();
  }

  async #run() {
    await null; // the creator completes the stream first
    while (!this.#ended) {
      await this.#connect().catch(() => {});
      clearTimeout(this.#watchdog);
      if (this.#ended || this.state === 'closed') return;
      if (this.state === 'open') this.downSince = Date.now();
      else this.downSince ||= Date.now();
      this.#become('down', this.#retryMillis ? 'the hub asked to reconnect' : '');
      const backoff = Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS * 2 ** this.#failures);
      const wait = this.#retryMillis || backoff * (0.5 + Math.random() / 2);
      if (!this.#retryMillis) this.#failures++;
      this.#retryMillis = 0;
      await new Promise((done) => {
        this.#wake = done;
        setTimeout(done, wait);
      });
    }
  }

  async #connect() {
    this.#request = new AbortController();
    this.#restartWatchdog();
    const response = await fetch(this.#address(this.lastId), {
      headers: { Accept: 'application/x-ndjson' },
      cache: 'no-store',
      signal: this.#request.signal,
    });
    if (this.#ended) return;
    if (!response.ok) {
      const refused = response.status >= 400 && response.status < 500 && !RETRYABLE.includes(response.status);
      if (refused) this.#become('closed', await detail(response));
      return;
    }
    this.#failures = 0;
    if (this.state === 'down') this.reconnectedAt = Date.now();
    this.#become('open');
    for await (const lines of batches(response.body)) {
      this.#restartWatchdog();
      for (const line of lines) {
        if (this.#ended) return;
        if (line.id) this.lastId = line.id;
        if (line.type === DRAIN) this.#retryMillis = JSON.parse(line.data).retry;
        else this.#listener.onLine(this, line);
      }
    }
  }

  #restartWatchdog() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#request.abort(), SILENCE_MILLIS);
  }

  #become(state, reason = '') {
    this.state = state;
    this.reason = reason;
    this.#listener.onState(this);
  }
}

/** The lines of JSON, in the batches in which they arrive. */
async function* batches(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + read.value).split('\n');
    rest = lines.pop();
    yield lines.filter(Boolean).map((line) => JSON.parse(line));
  }
}

/** The detail of a problem document, or else the status. */
async function detail(response) {
  const problem = await response.json().catch(() => ({}));
  return problem.detail ?? `${response.status} ${response.statusText}`.trim();
}
