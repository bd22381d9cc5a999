// The dashboard: subscribes through one stream that all tabs of this browser share, and shows events and statistics. It uses only the
// hub's public HTTP interface.

import * as admin from './dashboard/admin-view.js';
import * as connection from './dashboard/connection-view.js';
import { element, setText } from './dashboard/dom.js';
import { MultiplexerClient } from './dashboard/multiplexer-client.js';
import { Plots } from './dashboard/plots.js';
import * as publish from './dashboard/publish.js';
import * as session from './dashboard/session.js';
import * as stats from './dashboard/stats-view.js';
import { Tail } from './dashboard/tail.js';

const START_PARAMETERS = ['since', 'last_event_id'];
const STORAGE_KEY = 'tidings.page';
const COPIED_MILLIS = 2000;
const UNLOAD_MILLIS = 3000; // a page that still exists then was not unloaded: the navigation was a download

const words = (text) => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/* The subscription is in the page's address, by the parameters of /events. */

const address = () => new URLSearchParams(location.search);
const topics = () => words(address().getAll('topic').join(' ') || '**');
const startParameters = () => Object.fromEntries([...address()].filter(([name, value]) => START_PARAMETERS.includes(name) && value));

let multiplexer;
let tail;
let plots;
let position = ''; // of the last event on the page
let left = false;

/** Subscribes to the topics in the address, from the given position or else from the one in the address. */
function subscribe(from = '') {
  position = from;
  element('topics').value = topics().join(' ');
  connection.reset();
  multiplexer.join(topics(), position ? { last_event_id: position } : startParameters(), element('filter').value);
  multiplexer.pull(tail.demand);
}

function changeTopics(patterns) {
  history.pushState(null, '', `?${new URLSearchParams(patterns.map((pattern) => ['topic', pattern]))}`);
  tail.clear();
  subscribe();
}

/** Shows an update with the browser's next frame and pulls the next one then, so a hidden page pulls nothing. */
function onUpdate(update) {
  requestAnimationFrame(() => {
    if (update.session !== multiplexer.session) return; // the subscription was changed meanwhile
    position = update.position || position;
    try {
      tail.show(update);
      connection.show(update.connection, multiplexer.shared);
      if (update.connection.state === 'closed') refreshSession();
      plots.add(update.samples);
      if (update.stats) stats.show(update.stats);
      stats.setReachable(update.connection.state !== 'down');
    } finally {
      multiplexer.pull(tail.demand); // an update that can't be shown does not stop the next one
    }
  });
}

/* A stream that is refused may need another token. */

let refusedSession = -1;

function refreshSession() {
  if (refusedSession === multiplexer.session) return; // once for each subscription
  refusedSession = multiplexer.session;
  session.refresh();
}

/** Begins again with the rights of whoever has signed in or out. */
function resubscribe() {
  tail.clear();
  subscribe();
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
    multiplexer.pull(tail.demand);
  });
  element('filter').addEventListener('input', () => multiplexer.filter(element('filter').value));
  element('copy').addEventListener('click', copy);
  addEventListener('popstate', () => {
    tail.clear();
    subscribe();
  });
  addEventListener('online', () => multiplexer.retryNow());
  document.addEventListener('visibilitychange', () => multiplexer.retryNow());
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

async function copy() {
  try {
    await navigator.clipboard.writeText(element('curl').textContent);
    setText('copied', 'Copied.');
  } catch {
    getSelection().selectAllChildren(element('curl')); // not allowed on a page loaded by plain HTTP
    setText('copied', 'Selected: copy it with Ctrl+C.');
  }
  setTimeout(() => setText('copied', ''), COPIED_MILLIS);
}

function start() {
  setText('curl', `curl -N ${new URL('events/clock', document.baseURI)}`);
  multiplexer = new MultiplexerClient(onUpdate);
  tail = new Tail();
  plots = new Plots();
  publish.start();
  admin.start();
  session.start(resubscribe, admin.allow);
  addListeners();
  const page = saved();
  if (page) {
    element('filter').value = page.filter;
    tail.restore(page.tail);
  }
  subscribe(page?.position);
}

if (document.documentElement.className === 'supported') start();
