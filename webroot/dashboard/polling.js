// A JSON document of the hub that is fetched again and again, one request at a time.

/** The event of the window when a request was refused, since it had no token that is valid. */
export const UNAUTHORIZED = 'tidings-unauthorized';

export class Polling {
  #millis;
  #path;
  #onAnswer;
  #timer;
  #request = null; // the one under way
  #running = false;
  #unauthorized = false; // by the last answer

  /**
   * path() is the document's address. onAnswer(answer) gets { json }, or { status } of a refusal, or {} if the hub can't be reached; not
   * if another request was made meanwhile.
   */
  constructor(millis, path, onAnswer) {
    this.#millis = millis;
    this.#path = path;
    this.#onAnswer = onAnswer;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.now();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = null;
  }

  /** Fetches now, in place of a request that is under way; does nothing when stopped. */
  async now() {
    if (!this.#running) return;
    clearTimeout(this.#timer);
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    const answer = await fetched(this.#path(), request.signal);
    if (this.#request !== request) return;
    this.#request = null;
    this.#timer = setTimeout(() => this.now(), this.#millis);
    if (answer.status === 401 && !this.#unauthorized) dispatchEvent(new Event(UNAUTHORIZED)); // once
    this.#unauthorized = answer.status === 401;
    this.#onAnswer(answer);
  }
}

async function fetched(path, signal) {
  try {
    const response = await fetch(path, { cache: 'no-store', signal });
    return response.ok ? { json: await response.json() } : { status: response.status };
  } catch {
    return {}; // not reachable, or no JSON
  }
}
