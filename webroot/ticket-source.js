// An EventSource for pages that have a token: it has the hub exchange the token for a ticket, which the URL of the stream may have, and
// opens the stream by that. The browser reconnects with the same URL by itself. Where it can't, because it keeps no cookie for the hub or
// the token has ended, a new ticket is got, and the stream resumes after the last event that was received.
//
//   const source = new TicketSource('events/orders.**', { token: () => session.token() });
//   source.addEventListener('order', ({ data }) => show(JSON.parse(data)));

const FIRST_BACKOFF_MILLIS = 500;
const MAX_BACKOFF_MILLIS = 10_000;
const RETRYABLE = [408, 425, 429]; // client errors that pass
const [CONNECTING, OPEN, CLOSED] = [0, 1, 2];

/** What the hub itself sends on any stream: each moves the id to resume after, and the last two say when to come back. */
const HUBS_OWN = ['hub.open', 'hub.beat', 'hub.drain', 'hub.busy'];

/** Has the interface of EventSource, and reason: why the hub refused the stream for good. */
export class TicketSource extends EventTarget {
  readyState = CONNECTING;
  lastEventId = '';
  reason = '';
  onopen = null;
  onmessage = null;
  onerror = null;
  #url;
  #token;
  #withCredentials;
  #source;
  #reconnects = false; // whether the browser may do it with the same ticket
  #types = new Set(['message', ...HUBS_OWN]);
  #failures = 0;
  #retryMillis = 0; // the delay that the hub requested
  #timer;

  /**
   * @param url of the stream: events/{topic} or events?topic=...
   * @param token the token, or a function that gives one or promises it, called for each ticket; without it the session's cookie is used
   * @param withCredentials whether cookies may be sent to a hub of another origin, which its cors.subscribe must list by name; without
   *     them each connection needs a new ticket
   */
  constructor(url, { token, withCredentials = true } = {}) {
    super();
    this.#url = new URL(url, globalThis.document?.baseURI);
    this.#token = token;
    this.#withCredentials = withCredentials;
    this.#connect();
  }

  get url() {
    return this.#url.href;
  }

  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type === 'open' || type === 'error' || this.#types.has(type)) return;
    this.#types.add(type);
    if (this.#source) this.#pass(this.#source, type);
  }

  close() {
    this.readyState = CLOSED;
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  async #connect() {
    await null; // the creator adds its listeners first
    let ticket;
    try {
      ticket = await this.#ticket();
    } catch {
      // the hub can't be reached
    }
    if (this.readyState === CLOSED) return;
    if (ticket) this.#open(ticket);
    else this.#retry();
  }

  /** A ticket for the topics of this stream alone; nothing if there is none now, or none at all. */
  async #ticket() {
    const headers = { 'Content-Type': 'application/json' };
    const token = typeof this.#token === 'function' ? await this.#token() : this.#token;
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(ticketsUrl(this.#url), {
      method: 'POST',
      headers,
      body: JSON.stringify({ topics: topics(this.#url) }),
      cache: 'no-store',
      credentials: this.#withCredentials ? 'include' : 'same-origin',
    });
    if (response.ok) return response.json();
    this.#retryMillis = 1000 * (response.headers.get('Retry-After') || 0);
    if (response.status >= 400 && response.status < 500 && !RETRYABLE.includes(response.status)) await this.#refused(response);
    return undefined;
  }

  async #refused(response) {
    try {
      this.reason = (await response.json()).detail;
    } catch {
      this.reason = `status ${response.status}`;
    }
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#dispatch(new Event('error'));
  }

  #open({ ticket, reconnect }) {
    const url = new URL(this.#url);
    url.searchParams.set('ticket', ticket);
    if (this.lastEventId) url.searchParams.set('last_event_id', this.lastEventId);
    this.#reconnects = reconnect && (this.#withCredentials || url.origin === globalThis.location?.origin);
    const source = new EventSource(url, { withCredentials: this.#withCredentials });
    this.#source = source;
    source.onopen = () => {
      this.readyState = OPEN;
      this.#failures = 0;
      this.#dispatch(new Event('open'));
    };
    source.onerror = () => this.#lost(source);
    for (const type of this.#types) this.#pass(source, type);
  }

  #lost(source) {
    if (this.readyState === CLOSED) return;
    this.readyState = CONNECTING;
    if (!this.#reconnects || source.readyState === CLOSED) {
      source.close();
      this.#retry();
    }
    this.#dispatch(new Event('error'));
  }

  #retry() {
    const backoff = Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS * 2 ** this.#failures);
    const wait = this.#retryMillis || backoff * (0.5 + Math.random() / 2);
    if (!this.#retryMillis) this.#failures++;
    this.#retryMillis = 0;
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #pass(source, type) {
    source.addEventListener(type, ({ data, lastEventId, origin }) => {
      if (this.readyState === CLOSED) return;
      if (lastEventId) this.lastEventId = lastEventId;
      if (type === 'hub.drain' || type === 'hub.busy') this.#retryMillis = JSON.parse(data).retry;
      else if (type === 'hub.open') this.#retryMillis = 0;
      this.#dispatch(new MessageEvent(type, { data, lastEventId, origin }));
    });
  }

  #dispatch(event) {
    this[`on${event.type}`]?.(event);
    this.dispatchEvent(event);
  }
}

/** The hub of a stream, perhaps below a prefix of a proxy. */
const hub = ({ pathname }) => pathname.slice(0, pathname.lastIndexOf('/events'));

function ticketsUrl(url) {
  const tickets = new URL(url);
  tickets.pathname = `${hub(url)}/tickets`;
  tickets.search = '';
  return tickets;
}

function topics(url) {
  const inPath = decodeURIComponent(url.pathname.slice(`${hub(url)}/events/`.length));
  return [...url.searchParams.getAll('topic'), ...(inPath ? [inPath] : [])];
}
