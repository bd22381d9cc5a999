// The form that publishes an event.

import { element, setText } from './dom.js';
import { plural } from './format.js';
import { exampleOf, matchesAny } from './patterns.js';
import * as session from './session.js';

const FIELDS = ['topic', 'type', 'data', 'id'];
const input = (field) => element(`publish-${field}`);

export function start() {
  element('publish').addEventListener('submit', (event) => {
    event.preventDefault();
    publish();
  });
  // as in other programs in which Enter begins a new line
  input('data').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) element('publish').requestSubmit();
  });
}

/** Proposes a topic that the page's subscription matches, unless the form has one already. */
export function follow(patterns) {
  const topic = input('topic').value;
  if (!patterns.length || (topic && matchesAny(patterns, [topic]))) return;
  input('topic').value = exampleOf(patterns[0]);
  markInvalid();
}

async function publish() {
  const [topic, type, data, id] = FIELDS.map((field) => input(field).value);
  const query = new URLSearchParams(Object.entries({ type, id }).filter(([, value]) => value));
  const url = `events/${encodeURIComponent(topic)}${query.size ? `?${query}` : ''}`;
  markInvalid();
  report('');
  try {
    const response = await fetch(url, { method: 'POST', body: data });
    if (response.ok) published(await response.json());
    else refused(response, await response.json().catch(() => ({})));
  } catch {
    report('The hub can\u2019t be reached.', 'bad');
  }
}

function published({ id, subscribers }) {
  const to = subscribers === undefined ? '' : ` to ${plural(subscribers, 'stream')}`; // not told without the right to receive
  report(`Published as ${id}${to}.`);
  input('data').value = '';
  input('id').value = '';
}

/** Shows a problem document at the field that it names. */
function refused(response, { field, rule, detail }) {
  const broken = field === 'body' ? 'data' : field;
  if (response.status === 401) session.refresh();
  if (FIELDS.includes(broken)) {
    report('Not published.', 'bad');
    markInvalid(broken, rule);
    input(broken).focus();
  } else {
    report(detail ?? `${response.status} ${response.statusText}`.trim(), 'bad');
  }
}

function markInvalid(broken, rule = '') {
  for (const field of FIELDS) {
    input(field).setAttribute('aria-invalid', String(field === broken));
    setText(`publish-${field}-error`, field === broken ? rule : '');
  }
}

function report(text, className = '') {
  setText('answer', text);
  element('answer').className = className;
}
