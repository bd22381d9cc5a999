// The state of this page's connection, and its interruptions.

import { element, setText } from './dom.js';
import { count, plural } from './format.js';

const LABELS = { connecting: 'connecting', open: 'open', down: 'reconnecting', closed: 'closed' };

let current = { state: 'connecting', downSince: 0 };

/** Shows a new subscription, of which nothing is known yet. */
export function reset() {
  setText('state', LABELS.connecting);
  setText('topics-error', '');
  element('topics').removeAttribute('aria-invalid');
  element('state').className = LABELS.connecting;
}

export function show(connection, shared) {
  current = connection;
  const { state, reason, reconnects, downMillis, replayed, tabs } = connection;
  setText('state', reason ? `${LABELS[state]}: ${reason}` : LABELS[state]);
  const refused = state === 'closed' ? reason : '';
  setText('topics-error', refused);
  element('topics').toggleAttribute('aria-invalid', Boolean(refused));
  element('state').className = LABELS[state];
  setText('reconnects', reconnects ? count(reconnects) : 'none');
  setText('down', seconds(downMillis));
  setText('replayed', plural(replayed, 'event'));
  setText('tabs', !shared ? 'this tab only: this browser can\u2019t share it' : tabs > 1 ? `${tabs} tabs` : 'this tab');
  tick();
}

/** Updates the time since the connection was lost. */
function tick() {
  setText('down-for', current.downSince ? `for ${seconds(Date.now() - current.downSince)}` : '');
}

const seconds = (millis) => `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`;

setInterval(tick, 1000);
