// The form that publishes.

import { element, put } from './page.js';
import { several } from './words.js';

const FIELDS = ['topic', 'type', 'data', 'id'];
const input = (field) => element(`publish-${field}`);

export function start() {
  element('publish').addEventListener('submit', (event) => {
    event.preventDefault();
    publish();
  });
  // as in other programs where Enter begins a line
  input('data').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) element('publish').requestSubmit();
  });
}

async function publish() {
  const [topic, type, data, id] = FIELDS.map((field) => input(field).value);
  const query = new URLSearchParams(Object.entries({ type, id }).filter(([, value]) => value));
  const url = `events/${encodeURIComponent(topic)}${query.size ? `?${query}` : ''}`;
  blame();
  say('');
  try {
    const answer = await fetch(url, { method: 'POST', body: data });
    if (answer.ok) published(await answer.json());
    else refused(answer, await answer.json().catch(() => ({})));
  } catch {
    say('The hub can\u2019t be reached.', 'bad');
  }
}

function published({ id, subscribers }) {
  say(`Published as ${id} to ${several(subscribers, 'stream')}.`);
  input('data').value = '';
  input('id').value = '';
}

/** A problem document names the field and the rule that it breaks. */
function refused(answer, { field, rule, detail }) {
  const broken = field === 'body' ? 'data' : field;
  if (FIELDS.includes(broken)) {
    say('Not published.', 'bad');
    blame(broken, rule);
    input(broken).focus();
  } else {
    say(detail ?? `${answer.status} ${answer.statusText}`.trim(), 'bad');
  }
}

function blame(broken, rule = '') {
  for (const field of FIELDS) {
    input(field).setAttribute('aria-invalid', String(field === broken));
    put(`publish-${field}-error`, field === broken ? rule : '');
  }
}

function say(text, className = '') {
  put('answer', text);
  element('answer').className = className;
}
