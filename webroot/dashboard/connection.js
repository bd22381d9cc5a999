// How this page hears: its state, and what came between.

import { element, put } from './page.js';
import { count, several } from './words.js';

const WORDS = { connecting: 'connecting', open: 'open', away: 'reconnecting', closed: 'closed' };

let now = { state: 'connecting', awaySince: 0 };

/** Another choice: nothing is known of it yet. */
export function begin() {
  put('state', WORDS.connecting);
  put('topics-error', '');
  element('topics').removeAttribute('aria-invalid');
  element('state').className = WORDS.connecting;
}

export function show(connection, shared) {
  now = connection;
  const { state, why, reconnects, awayMillis, replayed, tabs } = connection;
  put('state', why ? `${WORDS[state]}: ${why}` : WORDS[state]);
  const refused = state === 'closed' ? why : '';
  put('topics-error', refused);
  element('topics').toggleAttribute('aria-invalid', Boolean(refused));
  element('state').className = WORDS[state];
  document.body.classList.toggle('stale', state === 'away');
  put('reconnects', reconnects ? count(reconnects) : 'none');
  put('away', seconds(awayMillis));
  put('replayed', several(replayed, 'event'));
  put('tabs', !shared ? 'this tab alone: this browser can\u2019t share it' : tabs > 1 ? `${tabs} tabs` : 'this tab');
  tick();
}

/** How long it has been away by now. */
function tick() {
  put('away-now', now.awaySince ? `for ${seconds(Date.now() - now.awaySince)}` : '');
}

const seconds = (millis) => `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`;

setInterval(tick, 1000);
