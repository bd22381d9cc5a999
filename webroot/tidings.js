// The dashboard: hears the hub by one stream, shared by the tabs of this browser, and shows what it heard. A client like any other.

import * as connection from './dashboard/connection.js';
import * as figures from './dashboard/figures.js';
import { Link } from './dashboard/link.js';
import { element, put } from './dashboard/page.js';
import { Plots } from './dashboard/plots.js';
import * as publish from './dashboard/publish.js';
import { Tail } from './dashboard/tail.js';

const STARTS = ['since', 'last_event_id'];
const KEPT = 'tidings.kept'; // what outlives a reload
const COPIED_MILLIS = 2000;
const STAYED_MILLIS = 3000; // a page that is still there then did not go: it was a download

const words = (text) => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/* What is heard: the page's address says it, by the parameters of /events. */

const address = () => new URLSearchParams(location.search);
const topics = () => words(address().getAll('topic').join(' ') || '**');
const starts = () => Object.fromEntries([...address()].filter(([name, value]) => STARTS.includes(name) && value));

let link;
let tail;
let plots;
let place = ''; // the last event that is on the page
let left = false;

/** Hears what the address says by now, from the place where it was left, or as the address says. */
function begin(from = '') {
  place = from;
  element('topics').value = topics().join(' ');
  connection.begin();
  link.join(topics(), place ? { last_event_id: place } : starts(), element('filter').value);
  link.pull(tail.wants);
}

function choose(chosen) {
  history.pushState(null, '', `?${new URLSearchParams(chosen.map((topic) => ['topic', topic]))}`);
  tail.clear();
  begin();
}

/** Draws when the browser does, and asks for more then: a hidden page asks for nothing. */
function answered(answer) {
  requestAnimationFrame(() => {
    if (answer.session !== link.session) return; // something else was chosen meanwhile
    place = answer.place || place;
    try {
      tail.show(answer);
      connection.show(answer.connection, link.shared);
      plots.add(answer.plotted);
      if (answer.now) figures.show(answer.now);
      figures.reached(answer.connection.state !== 'away');
    } finally {
      link.pull(tail.wants); // whatever can't be shown, the next can
    }
  });
}

/* A reload goes on where the page was left. */

function keep() {
  const kept = { address: location.search, place, filter: element('filter').value, tail: tail.kept() };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // too much of it, or not allowed: then the page begins anew
  }
}

function kept() {
  const reloaded = performance.getEntriesByType('navigation')[0]?.type !== 'navigate';
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT));
    sessionStorage.removeItem(KEPT);
    return reloaded && found?.address === location.search ? found : null;
  } catch {
    return null;
  }
}

/* What people do. */

function listenToPeople() {
  element('choice').addEventListener('submit', (event) => {
    event.preventDefault();
    choose(words(element('topics').value));
  });
  element('topics-now').addEventListener('click', (event) => {
    if (!event.target.matches('a') || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose([event.target.textContent]);
    element('tail').scrollIntoView();
  });
  element('pause').addEventListener('click', () => {
    tail.pause();
    link.pull(tail.wants);
  });
  element('filter').addEventListener('input', () => link.filter(element('filter').value));
  element('copy').addEventListener('click', copy);
  addEventListener('popstate', () => {
    tail.clear();
    begin();
  });
  addEventListener('online', () => link.hurry());
  document.addEventListener('visibilitychange', () => link.hurry());
  // a page that is kept for going back to is frozen, and with it the worker, before it hears what pagehide would tell it: the stream
  // would stay open, one of the six, and lag. So it is left as soon as the page may be about to go
  addEventListener('beforeunload', () => {
    leave();
    setTimeout(comeBack, STAYED_MILLIS);
  });
  addEventListener('pagehide', () => {
    keep();
    leave();
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) comeBack();
  });
}

function leave() {
  left = true;
  link.leave();
}

function comeBack() {
  if (!left) return;
  left = false;
  tail.goOn();
  begin(place);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(element('curl').textContent);
    put('copied', 'Copied.');
  } catch {
    getSelection().selectAllChildren(element('curl')); // not allowed where the page came by plain HTTP
    put('copied', 'Selected: copy it with Ctrl+C.');
  }
  setTimeout(() => put('copied', ''), COPIED_MILLIS);
}

function start() {
  put('curl', `curl -N ${new URL('events/clock', document.baseURI)}`);
  link = new Link(answered);
  tail = new Tail();
  plots = new Plots();
  publish.start();
  listenToPeople();
  const before = kept();
  if (before) {
    element('filter').value = before.filter;
    tail.restore(before.tail);
  }
  begin(before?.place);
}

if (document.documentElement.className === 'able') start();
