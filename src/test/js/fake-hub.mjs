// A hub behind fetch: requests wait until the test answers them.

export class FakeHub {
  requests = [];
  #real = globalThis.fetch;

  constructor() {
    globalThis.fetch = (url, { signal } = {}) =>
      new Promise((resolve, reject) => {
        const request = new Request(new URL(url), resolve, reject, signal);
        signal?.addEventListener('abort', () => request.abort());
        this.requests.push(request);
      });
  }

  /** The open requests to a path. */
  open(path) {
    return this.requests.filter(({ url, ended }) => url.pathname === path && !ended);
  }

  restore() {
    globalThis.fetch = this.#real;
  }
}

class Request {
  ended = false;
  #resolve;
  #reject;
  #body;

  constructor(url, resolve, reject) {
    this.url = url;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get topics() {
    return this.url.searchParams.getAll('topic');
  }

  get lastEventId() {
    return this.url.searchParams.get('last_event_id');
  }

  accept() {
    const body = new ReadableStream({ start: (controller) => (this.#body = controller) });
    this.#resolve(new Response(body));
    return this;
  }

  refuse(status, detail) {
    this.ended = true;
    this.#resolve(new Response(JSON.stringify({ detail }), { status }));
  }

  /** Sends lines of JSON in one batch. */
  send(...lines) {
    this.sendText(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  sendText(text) {
    this.#body.enqueue(new TextEncoder().encode(text));
  }

  /** Breaks the connection. */
  fail() {
    this.ended = true;
    if (this.#body) this.#body.error(new Error('reset'));
    else this.#reject(new Error('refused'));
  }

  /** Ends the stream cleanly. */
  end() {
    this.ended = true;
    this.#body.close();
  }

  abort() {
    if (!this.ended) this.fail();
  }
}

const EPOCH = '0000abcd';

export const position = (offset, epoch = EPOCH) => `${epoch}~${offset.toString(36)}`;

/** A line of an event at an offset; its time is the offset in seconds. */
export const line = (topic, offset, fields = {}) => ({
  id: position(offset),
  topic,
  type: 'message',
  time: new Date(offset * 1000).toISOString(),
  data: `${topic} ${offset}`,
  ...fields,
});

/** The first line of a stream. */
export const opening = (offset) => ({ id: position(offset), topic: 'hub', type: 'hub.open', time: new Date().toISOString(), data: '{}' });
