// The tab's end of the multiplexer, which runs in a worker shared by all tabs of the browser, or in the tab if the browser has no
// shared workers.

import { StreamMultiplexer } from './multiplexer.js';

// a worker lives as long as any tab is open, so the version of the message format is part of its name
const WORKER = 'tidings dashboard 5';

export class MultiplexerClient {
  shared = typeof SharedWorker === 'function';
  session = 0; // number of the last join; updates of earlier sessions are void
  #port;
  #onUpdate;
  #joined;

  /** onUpdate is called with what is new, once after each pull. */
  constructor(onUpdate) {
    this.#onUpdate = onUpdate;
    this.#use(this.shared ? this.#sharedWorker() : this.#ownMultiplexer());
  }

  /** start: the parameters of the position to begin at; empty: at the head of the log. renewed: with the rights of whoever uses the page now. */
  join(patterns, start, filter, renewed = false) {
    this.#joined = { command: 'join', session: ++this.session, patterns, start, filter };
    this.#port.postMessage({ ...this.#joined, renewed });
  }

  /** Requests the next update, with at most that many events; everyMillis: how long after the last one, at least; by default a tenth of a second. */
  pull(maxEvents, everyMillis) {
    this.#port.postMessage({ command: 'pull', maxEvents, everyMillis });
  }

  /** Events that were received before are not sent again, whatever the filter. */
  clear() {
    this.#port.postMessage({ command: 'clear' });
  }

  filter(text) {
    this.#port.postMessage({ command: 'filter', text });
  }

  retryNow() {
    this.#port.postMessage({ command: 'retryNow' });
  }

  leave() {
    this.#port.postMessage({ command: 'leave' });
  }

  #sharedWorker() {
    const worker = new SharedWorker(new URL('worker.js', import.meta.url), { type: 'module', name: WORKER });
    worker.onerror = () => this.#fallBack(); // the browser has shared workers, but not of modules
    return worker.port;
  }

  #ownMultiplexer() {
    const { port1, port2 } = new MessageChannel();
    new StreamMultiplexer(new URL('..', import.meta.url)).connect(port1);
    return port2;
  }

  #fallBack() {
    if (!this.shared) return;
    this.shared = false;
    this.#use(this.#ownMultiplexer());
    if (this.#joined) this.#port.postMessage(this.#joined);
    this.pull(0);
  }

  #use(port) {
    this.#port = port;
    port.onmessage = ({ data }) => this.#onUpdate(data);
  }
}
