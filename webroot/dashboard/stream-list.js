// The open streams of the hub, for administrators: a page of them at a time, and the end of one, which is asked about first.

import { Polling } from './polling.js';

const EVERY_MILLIS = 5000;
const ROWS = 50;
const ASKING_MILLIS = 5000; // how long a question stays

export class StreamList {
  streams = [];
  missing = []; // nodes that do not answer
  next = ''; // where the next page begins; empty: this is the last one
  asked = ''; // the stream whose end is asked about; empty: none
  problem = '';
  #filter = {};
  #pages = ['']; // where this page and those before it begin
  #polling;
  #onChange;
  #timer;

  /** onChange() is called when anything of this has changed. */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#polling = new Polling(EVERY_MILLIS, () => this.#path(), (answer) => this.#show(answer));
  }

  start() {
    this.#polling.start();
  }

  stop() {
    this.#polling.stop();
  }

  /** Fetches the page again now. */
  refresh() {
    this.#polling.now();
  }

  get first() {
    return this.#pages.length === 1;
  }

  /** filter: parameters of /streams; empty ones do not count. */
  filter(filter) {
    this.#filter = filter;
    this.#pages = [''];
    this.#polling.now();
  }

  get filtered() {
    return Object.values(this.#filter).some(Boolean);
  }

  forward() {
    if (!this.next) return;
    this.#pages.push(this.next);
    this.#polling.now();
  }

  back() {
    if (this.first) return;
    this.#pages.pop();
    this.#polling.now();
  }

  /** Ends the stream if that was asked about before; otherwise asks. */
  async end(handle) {
    clearTimeout(this.#timer);
    if (this.asked !== handle) {
      this.asked = handle;
      this.#timer = setTimeout(() => this.forget(), ASKING_MILLIS);
      this.#onChange();
      return;
    }
    this.asked = '';
    this.problem = await ended(handle);
    if (!this.problem) this.streams = this.streams.filter((stream) => stream.handle !== handle);
    this.#onChange();
    this.#polling.now();
  }

  /** The question is not answered. */
  forget() {
    if (!this.asked) return;
    clearTimeout(this.#timer);
    this.asked = '';
    this.#onChange();
  }

  #path() {
    const given = Object.entries({ ...this.#filter, after: this.#pages.at(-1) }).filter(([, value]) => value);
    return `streams?${new URLSearchParams([['limit', ROWS], ...given])}`;
  }

  #show({ json, status }) {
    if (json) {
      this.streams = json.streams;
      this.missing = json.missing;
      this.next = json.next ?? '';
      this.problem = '';
    } else {
      this.problem = status === 400 ? 'That is no topic.' : 'Not answered; this is what the hub said before.';
    }
    if (this.streams.length || this.first) this.#onChange();
    else this.back(); // all streams of this page have ended
  }
}

/** What went wrong; empty if the stream has ended. */
async function ended(handle) {
  try {
    const response = await fetch(`streams/${encodeURIComponent(handle)}`, { method: 'DELETE' });
    return response.ok || response.status === 404 ? '' : (await response.json()).detail;
  } catch {
    return 'The hub can\u2019t be reached.';
  }
}
