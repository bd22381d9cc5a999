// The page: starts measurements, and shows what they mean.
import { silence, stamps, together } from './probe/wire.js';
import * as verdicts from './probe/verdicts.js';

const SECONDS = 4;
const EVERY_MILLIS = 100;
const TABS = 7;
const SVG = 'http://www.w3.org/2000/svg';

const element = (id) => document.getElementById(id);
const marks = { good: 'Good', note: 'Note', bad: 'Trouble' };

function show(id, { mark, text, more }) {
  const row = element(id);
  row.className = `verdict ${mark}`;
  row.querySelector('.mark').textContent = marks[mark];
  row.querySelector('.text').textContent = text;
  row.querySelector('.more').textContent = more ?? '';
}

function pending(id, text) {
  show(id, { mark: 'pending', text });
  element(id).querySelector('.mark').textContent = '';
}

/** Two rows of ticks: when stamps left, and when they came, had the promptest taken no time. */
function draw(heard) {
  const late = verdicts.lateness(heard);
  const lengthMillis = Math.max(SECONDS * 1000, ...heard.map(({ left }, i) => left + late[i]));
  const ticks = heard.flatMap(({ left }, i) => [tick(left, 0, lengthMillis), tick(left + late[i], 1, lengthMillis)]);
  element('ticks').replaceChildren(...ticks);
  element('strip').hidden = heard.length === 0;
}

function tick(millis, row, lengthMillis) {
  const line = document.createElementNS(SVG, 'line');
  const x = (2 + (millis / lengthMillis) * 996).toFixed(1);
  line.setAttribute('x1', x);
  line.setAttribute('x2', x);
  line.setAttribute('y1', row * 30 + 2);
  line.setAttribute('y2', row * 30 + 24);
  return line;
}

function list(id, pairs) {
  const rows = pairs.flatMap(([name, value]) => {
    const term = document.createElement('dt');
    term.textContent = name;
    const description = document.createElement('dd');
    description.textContent = value;
    return [term, description];
  });
  element(id).replaceChildren(...rows);
  element('seen').hidden = rows.length === 0;
}

async function look() {
  const all = new AbortController();
  element('again').disabled = true;
  addEventListener('pagehide', () => all.abort(), { once: true });
  element('state').textContent = `Listening for ${SECONDS} seconds`;
  for (const id of ['buffering', 'compression', 'version', 'between', 'tabs']) {
    pending(id, 'listening');
  }
  try {
    const heard = await stamps(SECONDS, EVERY_MILLIS, all.signal);
    const buffering = verdicts.buffering(heard);
    show('buffering', buffering);
    show('compression', verdicts.compression(heard, buffering.mark === 'bad'));
    show('version', verdicts.version(heard));
    show('between', verdicts.between(heard, location));
    draw(heard.stamps);
    list('headers', [
      ['Version', heard.seen.version],
      ['Host', heard.seen.host],
      ['Connection from', heard.seen.address],
      ...Object.entries(heard.seen.headers),
    ]);
    element('state').textContent = `Opening ${TABS} streams at once`;
    pending('tabs', 'opening');
    const held = buffering.mark === 'bad';
    show('tabs', held ? verdicts.TABS_UNKNOWN : verdicts.tabs(await together(TABS, all.signal), TABS));
    element('state').textContent = 'Done';
  } catch (e) {
    for (const row of document.querySelectorAll('.verdict.pending')) {
      pending(row.id, 'not known');
    }
    element('state').textContent = `The hub can\u2019t be reached: ${e.message}`;
  } finally {
    element('again').disabled = false;
  }
}

/** The attempt under way; nothing between attempts. */
let attempt;

async function trySilence(event) {
  event.preventDefault();
  if (attempt) {
    attempt.abort();
    return;
  }
  attempt = new AbortController();
  const seconds = Number(element('quiet').value);
  const begin = performance.now();
  const row = element('silence');
  row.hidden = false;
  const wait = () => pending('silence', `silent for ${Math.floor((performance.now() - begin) / 1000)} of ${seconds} seconds`);
  wait();
  const timer = setInterval(wait, 1000);
  element('try').textContent = 'Stop';
  try {
    show('silence', verdicts.silence(await silence(seconds, attempt.signal)));
  } catch (e) {
    show('silence', { mark: 'note', text: attempt.signal.aborted ? 'Stopped.' : `It could not be tried: ${e.message}.` });
  } finally {
    clearInterval(timer);
    attempt = undefined;
    element('try').textContent = 'Try';
  }
}

element('curl').textContent = `curl -N '${new URL('probe', document.baseURI)}'`;
element('again').addEventListener('click', look);
element('quiet-form').addEventListener('submit', trySilence);
look();
