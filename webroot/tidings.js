// The page: hears with an EventSource, shows what was heard, publishes what is typed. What events say is put in as text, never as HTML.

const NEWEST = 200; // events that stay on the page
const LONGEST = 4000; // characters of data that are shown
const ONE_LINE = 100; // characters of JSON that are readable without being indented
const DEEPEST = 20; // indentation of JSON, lest a thousand brackets become a million spaces
const AGAIN_MILLIS = 3000; // until the page asks again, where the browser no longer does

const GAP = 'hub.gap';
const CLOSE = 'close';

const element = (id) => document.getElementById(id);
const [state, gap, events, count, pause] = ['state', 'gap', 'events', 'count', 'pause'].map(element);
const words = (text) => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/* Hearing. The page's address says what: the parameters of /events, and type for the types to listen for. */

let source; // the one EventSource
let again; // the timer of the next try
let lastId = '';

const address = () => new URLSearchParams(location.search);
const topics = () => chosen('topic', '**');
const types = () => chosen('type', 'message');
const chosen = (name, otherwise) => words(address().getAll(name).join(' ') || otherwise);

/** Hears what the address says by now; another choice has nothing to resume. */
function begin() {
  element('topics').value = topics().join(' ');
  element('types').value = types().join(' ');
  lastId = '';
  gap.textContent = '';
  tell('connecting');
  listen();
}

function listen() {
  leave();
  const opened = new EventSource(streamUrl());
  source = opened;
  // an event can be of the type open or error as well: that is a MessageEvent, and no news of the connection
  opened.onopen = (event) => {
    if (!(event instanceof MessageEvent)) tell('open');
  };
  opened.onerror = (event) => {
    if (event instanceof MessageEvent) return;
    tell('reconnecting');
    if (opened.readyState === EventSource.CLOSED) explain(opened);
  };
  for (const type of [...types(), GAP, CLOSE]) opened.addEventListener(type, hear);
}

function leave() {
  clearTimeout(again);
  source?.close();
}

function streamUrl() {
  const query = new URLSearchParams(topics().map((topic) => ['topic', topic]));
  for (const name of ['since', 'for', 'last_event_id']) {
    if (address().has(name)) query.set(name, address().get(name));
  }
  if (lastId) query.set('last_event_id', lastId);
  return `events?${query}`;
}

function hear(event) {
  if (!(event instanceof MessageEvent)) return;
  lastId = event.lastEventId;
  if (event.type === GAP) {
    missed(JSON.parse(event.data));
  } else if (event.type === CLOSE && address().has('for')) {
    source.close(); // or else the browser opens the stream again
    tell('closed', 'the time it was opened for is over');
  } else {
    show({ type: event.type, id: event.lastEventId, data: event.data, at: new Date() });
  }
}

/** An EventSource that gave up doesn't tell why, so the hub is asked. Its refusal stands; anything else may pass. */
async function explain(closed) {
  const asking = new AbortController();
  const answer = await fetch(closed.url, { signal: asking.signal }).catch(() => null);
  const refused = answer && answer.status >= 400 && answer.status < 500;
  const why = refused && (await detail(answer));
  asking.abort();
  if (closed !== source) return;
  if (refused) tell('closed', why);
  else again = setTimeout(listen, AGAIN_MILLIS);
}

/** Says the state once, and not again with each try: it is read aloud. */
function tell(word, why) {
  const text = why ? `${word}: ${why}` : word;
  if (state.textContent !== text) state.textContent = text;
  state.className = word;
}

/** The address that says another choice. */
function choosing(otherTopics, otherTypes) {
  const query = address();
  for (const [name, values] of [['topic', otherTopics], ['type', otherTypes]]) {
    query.delete(name);
    values.forEach((value) => query.append(name, value));
  }
  return `?${query}`;
}

/* Showing. */

let total = 0;
let waiting = []; // heard, and not on the page yet
let paused = false;
let drawing = false;

function show(item) {
  total += item.type === GAP ? 0 : 1;
  waiting.push(item);
  if (waiting.length > NEWEST) waiting.shift();
  if (!drawing) requestAnimationFrame(draw); // however many come at once
  drawing = true;
}

function draw() {
  drawing = false;
  count.textContent = total ? `${total.toLocaleString()} heard` : 'none yet';
  pause.textContent = !paused ? 'Pause' : waiting.length ? `Go on (${waiting.length} new)` : 'Go on';
  if (paused) return;
  events.prepend(...waiting.reverse().map(row));
  waiting = [];
  while (events.childElementCount > NEWEST) events.lastElementChild.remove();
}

function row({ type, id, data, at }) {
  const time = node('time', at.toLocaleTimeString());
  time.dateTime = at.toISOString();
  const head = node('div', '', 'head');
  head.append(node('span', type, type === 'message' ? 'type plain' : 'type'), time, node('span', id, 'id'));
  const item = node('li', '', type === GAP ? 'missed' : '');
  item.append(head, data ? node('pre', readable(data)) : node('p', 'no data', 'help'));
  return item;
}

function node(name, text, className = '') {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function readable(data) {
  if (data.length > LONGEST) {
    return `${data.slice(0, LONGEST)}\u2026\n(${LONGEST.toLocaleString()} of ${data.length.toLocaleString()} characters)`;
  }
  return data.length > ONE_LINE && /^\s*[[{]/.test(data) && isJson(data) ? indented(data) : data;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Token by token: what JSON.parse makes of a large number is another one. */
function indented(json) {
  let depth = 0;
  let before = '';
  let text = '';
  for (const token of json.match(/"(?:\\.|[^"\\])*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    const opened = before === '{' || before === '[';
    const closes = token === '}' || token === ']';
    if (closes) depth--;
    if (before === ':') text += ' ';
    else if (before === ',' || opened !== closes) text += '\n' + '  '.repeat(Math.min(depth, DEEPEST));
    text += token;
    if (token === '{' || token === '[') depth++;
    before = token;
  }
  return text;
}

function missed({ reason, after, next }) {
  const why = {
    forgotten: `what came after ${after ?? 'that time'} is no longer remembered`,
    lost: `what came after ${after} was damaged where the hub keeps it`,
    epoch: `${after} is of another log than this hub has`,
    unknown: `${after} is not an id that the hub knows`,
  }[reason] ?? reason;
  const text = `Events may have been missed: ${why}. ${next ? `It goes on with ${next}.` : 'There is nothing to go on with yet.'}`;
  gap.textContent = text;
  show({ type: GAP, id: '', data: text, at: new Date() });
}

/* Publishing. */

async function publish() {
  const [topic, type, data] = ['publish-topic', 'publish-type', 'publish-data'].map(element);
  const query = type.value ? `?${new URLSearchParams({ type: type.value })}` : '';
  if (type.value) source.addEventListener(type.value, hear); // who says a thing wants to hear it
  try {
    const answer = await fetch(`events/${encodeURIComponent(topic.value)}${query}`, { method: 'POST', body: data.value });
    if (!answer.ok) {
      say(await detail(answer), 'bad');
      return;
    }
    const { id, subscribers } = await answer.json();
    say(`Published as ${id} to ${subscribers} ${subscribers === 1 ? 'stream' : 'streams'}.`);
    data.value = '';
    remember(type.value);
  } catch {
    say('The hub can\u2019t be reached.', 'bad');
  }
}

function remember(type) {
  if (!type || types().includes(type)) return;
  history.replaceState(null, '', choosing(topics(), [...types(), type]));
  element('types').value += ` ${type}`;
}

function say(text, className = '') {
  element('answer').textContent = text;
  element('answer').className = className;
}

/** What a problem document says, or else the status. */
async function detail(answer) {
  const problem = await answer.json().catch(() => ({}));
  return problem.detail ?? `${answer.status} ${answer.statusText}`.trim();
}

/* What people do. */

function start() {
  element('choice').addEventListener('submit', (event) => {
    event.preventDefault();
    history.pushState(null, '', choosing(words(element('topics').value), words(element('types').value)));
    begin();
  });
  element('publish').addEventListener('submit', (event) => {
    event.preventDefault();
    publish();
  });
  pause.addEventListener('click', () => {
    paused = !paused;
    draw();
  });
  addEventListener('popstate', begin);
  // a page that is kept for going back to would keep its stream too, one of the six connections that a browser has for a host
  addEventListener('pagehide', leave);
  addEventListener('pageshow', (event) => {
    if (event.persisted) listen();
  });
  begin();
}

if (document.documentElement.className === 'able') start();
