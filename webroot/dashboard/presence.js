// Who is present at the topic whose streams an administrator looks at, where the hub knows that (presence.topics).

import { count, plural } from './format.js';
import { Polling } from './polling.js';

const EVERY_MILLIS = 5000;
const NAMES = 10;

export class Presence {
  text = ''; // empty: not known
  #topic = '';
  #polling;
  #onChange;
  #running = false;

  /** onChange() is called when the text has changed. */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#polling = new Polling(EVERY_MILLIS, () => `presence/${encodeURIComponent(this.#topic)}?limit=${NAMES}`, (answer) => this.#show(answer));
  }

  start() {
    this.#running = true;
    if (this.#topic) this.#polling.start();
  }

  stop() {
    this.#running = false;
    this.#polling.stop();
  }

  /** A glob is no topic that somebody could be present at. */
  ask(topic) {
    const asked = topic.includes('*') ? '' : topic;
    if (asked === this.#topic) return;
    this.#topic = asked;
    this.#polling.stop();
    this.#tell('');
    if (this.#running) this.start();
  }

  #show({ json, status }) {
    if (json) this.#tell(described(json));
    else if (status) this.#stay();
  }

  /** The hub does not know, or does not tell: it need not be asked again. */
  #stay() {
    this.#polling.stop();
    this.#tell('');
  }

  #tell(text) {
    if (this.text === text) return;
    this.text = text;
    this.#onChange();
  }
}

/** An answer of /presence in one sentence. */
export function described({ topic, count: all, principals, anonymous, members = [], missing }) {
  const names = members.slice(0, NAMES).map(({ subject, payload }) => (typeof payload?.name === 'string' && payload.name ? payload.name : subject));
  const others = principals - names.length;
  if (others > 0) names.push(names.length ? `${plural(others, 'other')}` : `${plural(others, 'person', 'people')}`);
  if (anonymous) names.push(`${count(anonymous)} without a token`);
  const who = names.length ? `: ${names.join(', ')}` : '';
  const unknown = missing.length ? ` (without ${missing.join(', ')}, which did not answer)` : '';
  return `Present at ${topic}: ${count(all)}${who}${unknown}`;
}
