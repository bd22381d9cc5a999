// The dashboard: subscribes through one stream that all tabs of this browser share, and shows events and statistics. It uses only the
// hub's public HTTP interface.

import * as admin from './dashboard/admin-view.js';
import * as connection from './dashboard/connection-view.js';
import { element } from './dashboard/dom.js';
import * as firstSteps from './dashboard/first-steps.js';
import { MultiplexerClient } from './dashboard/multiplexer-client.js';
import { Plots } from './dashboard/plots.js';
import * as publish from './dashboard/publish.js';
import * as session from './dashboard/session.js';
import * as startPosition from './dashboard/start-position.js';
import * as stats from './dashboard/stats-view.js';
import { Tail } from './dashboard/tail.js';

const STORAGE_KEY = 'tidings.page';
const HIDDEN_EVERY_MILLIS = 1000; // between two updates of a hidden page
const FLOODED_EVERY_MILLIS = 300; // while events are skipped: nobody reads more, and each update is layout and paint
const UNLOAD_MILLIS = 3000; // a page that still exists then was not unloaded: the navigation was a download

/** The topics in a text: words, or JSON strings if they have spaces, commas or quotation marks. */
const words = (text) => [...new Set([...text.matchAll(/"(?:[^"\\]|\\.)*"|[^\s,]+/g)].map(([word]) => unquoted(word)))].filter(Boolean);
const asWord = (topic) => (/[\s,"]/.test(topic) ? JSON.stringify(topic) : topic);

function unquoted(word) {
  try {
    return word.startsWith('"') ? JSON.parse(word) : word;
  } catch {
    return word;
  }
}

/* The subscription is in the page's address, by the parameters of /events. */

const address = () => new URLSearchParams(location.search);
const topics = () => {
  const given = [...new Set(address().getAll('topic').map((topic) => topic.trim()).filter(Boolean))];
  return given.length ? given : ['**'];
};

let multiplexer;
let tail;
let plots;
let position = ''; // of the last event on the page
let left = false;

/** Subscribes to the topics in the address, from the given position or else from the one in the address. */
function subscribe(from = '', renewed = false) {
  position = from;
  element('topics').value = topics().map(asWord).join(' ');
  startPosition.show();
  publish.follow(topics());
  connection.reset();
  multiplexer.join(topics(), position ? { last_event_id: position } : startPosition.inAddress(), element('filter').value, renewed);
  pull();
}

function changeTopics(patterns) {
  history.pushState(null, '', `?${new URLSearchParams([...patterns.map((pattern) => ['topic', pattern]), ...startPosition.selected()])}`);
  tail.clear();
  subscribe();
}

/* Updates are drawn with the browser's next frame, and the next one is pulled then. A hidden page has no frames: it shows the state alone. */

let pending = []; // updates that are not shown yet

function pull() {
  if (document.hidden) multiplexer.pull(0, HIDDEN_EVERY_MILLIS);
  else multiplexer.pull(tail.demand, tail.flooded ? FLOODED_EVERY_MILLIS : undefined);
}

function onUpdate(update) {
  pending.push(update);
  if (document.hidden) showPending();
  else requestAnimationFrame(showPending);
}

function showPending() {
  const updates = pending.filter(({ session: of }) => of === multiplexer.session); // the subscription may have been changed meanwhile
  pending = [];
  if (!updates.length) return;
  try {
    updates.forEach(show);
  } finally {
    pull(); // an update that can't be shown does not stop the next one
  }
}

function show(update) {
  position = update.position || position;
  tail.show(update);
  connection.show(update.connection, multiplexer.shared);
  refreshSession(update.connection);
  plots.add(update.samples);
  if (update.stats) stats.show(update.stats);
  if (update.stats || update.connection.statsRefused) statsKnown();
  stats.setConnection(update.connection);
}

/* The page appears when its layout is known: who uses it, and the first statistics, or that there are none. Until then dashboard.css hides
   it, for some seconds at most. */

let statsKnown;
const firstStats = new Promise((resolve) => {
  statsKnown = resolve;
});

async function appear(rights) {
  await Promise.all([rights, firstStats]);
  element('main').classList.add('ready');
}

/* A stream that is refused may need another token. */

let refused = '';

function refreshSession({ state, statsRefused }) {
  const now = `${multiplexer.session} ${state === 'closed'} ${statsRefused}`;
  if (refused === now) return; // once for each subscription, and for each of its streams
  refused = now;
  if (state === 'closed' || statsRefused) session.refresh();
}

/** Begins again with the rights of whoever has signed in or out. */
function resubscribe() {
  tail.clear();
  stats.forget();
  subscribe('', true);
}

/* A reloaded page resumes where it was left. */

function save() {
  const page = { address: location.search, position, filter: element('filter').value, tail: tail.saved() };
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(page));
  } catch {
    // over the quota, or not allowed: the page will start afresh
  }
}

function saved() {
  const reloaded = performance.getEntriesByType('navigation')[0]?.type !== 'navigate';
  try {
    const page = JSON.parse(sessionStorage.getItem(STORAGE_KEY));
    sessionStorage.removeItem(STORAGE_KEY);
    return reloaded && page?.address === location.search ? page : null;
  } catch {
    return null;
  }
}

/* Input */

function addListeners() {
  element('subscription').addEventListener('submit', (event) => {
    event.preventDefault();
    changeTopics(words(element('topics').value));
  });
  element('topics-now').addEventListener('click', (event) => {
    if (!event.target.matches('a') || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    changeTopics([event.target.textContent]);
    element('tail').scrollIntoView();
  });
  element('pause').addEventListener('click', () => {
    tail.pause();
    pull();
  });
  element('clear').addEventListener('click', () => {
    multiplexer.clear();
    tail.clearShown();
  });
  element('filter').addEventListener('input', () => multiplexer.filter(element('filter').value));
  addEventListener('popstate', () => {
    tail.clear();
    subscribe();
  });
  addEventListener('online', () => multiplexer.retryNow());
  document.addEventListener('visibilitychange', () => {
    showPending();
    pull();
    multiplexer.retryNow();
  });
  // A page that enters the back/forward cache is frozen, and its worker with it, before the worker receives a message sent on pagehide:
  // the stream would stay open, use one of six connections, and lag. So the page leaves as soon as it may be unloaded.
  addEventListener('beforeunload', () => {
    leave();
    setTimeout(rejoin, UNLOAD_MILLIS);
  });
  addEventListener('pagehide', () => {
    save();
    leave();
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) rejoin();
  });
}

function leave() {
  left = true;
  multiplexer.leave();
}

function rejoin() {
  if (!left) return;
  left = false;
  tail.resume();
  subscribe(position);
}

function start() {
  firstSteps.start();
  multiplexer = new MultiplexerClient(onUpdate);
  tail = new Tail();
  plots = new Plots();
  publish.start();
  admin.start();
  stats.start();
  appear(session.start(resubscribe, admin.allow));
  addListeners();
  const page = saved();
  if (page) {
    element('filter').value = page.filter;
    tail.restore(page.tail);
  }
  subscribe(page?.position);
}

if (document.documentElement.className === 'supported') start();
