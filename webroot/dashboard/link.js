// The tab's way to the switchboard: in a worker shared by all tabs of the browser, or, where browsers have no such workers, in the tab.

import { Switchboard } from './switchboard.js';

// a worker lives on while any tab is open, so what it says to tabs has a number
const WORKER = 'tidings dashboard 2';

export class Link {
  shared = typeof SharedWorker === 'function';
  session = 0; // what is heard since the last join
  #port;
  #answered;
  #joined;

  /** answered is called with what is new, once after each pull. */
  constructor(answered) {
    this.#answered = answered;
    this.#use(this.shared ? this.#worker() : this.#own());
  }

  /** start: the parameters by which it begins; none of them: with what comes from now on. */
  join(selectors, start, filter) {
    this.#joined = { order: 'join', session: ++this.session, selectors, start, filter };
    this.#port.postMessage(this.#joined);
  }

  pull(rows) {
    this.#port.postMessage({ order: 'pull', rows });
  }

  filter(text) {
    this.#port.postMessage({ order: 'filter', text });
  }

  hurry() {
    this.#port.postMessage({ order: 'hurry' });
  }

  leave() {
    this.#port.postMessage({ order: 'leave' });
  }

  #worker() {
    const worker = new SharedWorker(new URL('worker.js', import.meta.url), { type: 'module', name: WORKER });
    worker.onerror = () => this.#alone(); // a browser that knows shared workers, but not of this kind
    return worker.port;
  }

  #own() {
    const { port1, port2 } = new MessageChannel();
    new Switchboard(new URL('..', import.meta.url)).connect(port1);
    return port2;
  }

  #alone() {
    if (!this.shared) return;
    this.shared = false;
    this.#use(this.#own());
    if (this.#joined) this.#port.postMessage(this.#joined);
    this.pull(0);
  }

  #use(port) {
    this.#port = port;
    port.onmessage = ({ data }) => this.#answered(data);
  }
}
