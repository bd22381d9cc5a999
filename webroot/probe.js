// The probe page: runs the measurements and shows the verdicts.
import { concurrentStreams, idleStream, stamps } from './probe/measurements.js';
import * as verdicts from './probe/verdicts.js';

const SECONDS = 4;
const EVERY_MILLIS = 100;
const TABS = 7;
const SVG = 'http://www.w3.org/2000/svg';

const element = (id) => document.getElementById(id);
const MARKS = { good: 'Good', note: 'Note', bad: 'Trouble' };

function show(id, { mark, text, more }) {
  const row = element(id);
  row.className = `verdict ${mark}`;
  row.querySelector('.mark').textContent = MARKS[mark];
  row.querySelector('.text').textContent = text;
  row.querySelector('.more').textContent = more ?? '';
}

function pending(id, text) {
  show(id, { mark: 'pending', text });
  element(id).querySelector('.mark').textContent = '';
}

/** Two rows of ticks: when stamps left the hub, and when they arrived, relative to the fastest one. */
function draw(received) {
  const delays = verdicts.delaysMillis(received);
  const lengthMillis = Math.max(SECONDS * 1000, ...received.map(({ left }, i) => left + delays[i]));
  const ticks = received.flatMap(({ left }, i) => [tick(left, 0, lengthMillis), tick(left + delays[i], 1, lengthMillis)]);
  element('ticks').replaceChildren(...ticks);
  element('strip').hidden = received.length === 0;
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

async function measure() {
  const all = new AbortController();
  element('again').disabled = true;
  addEventListener('pagehide', () => all.abort(), { once: true });
  element('state').textContent = `Measuring for ${SECONDS} seconds`;
  for (const id of ['buffering', 'compression', 'version', 'between', 'tabs']) {
    pending(id, 'measuring');
  }
  try {
    const measured = await stamps(SECONDS, EVERY_MILLIS, all.signal);
    const buffering = verdicts.buffering(measured);
    show('buffering', buffering);
    show('compression', verdicts.compression(measured, buffering.mark === 'bad'));
    show('version', verdicts.version(measured));
    show('between', verdicts.between(measured, location));
    draw(measured.stamps);
    list('headers', [
      ['Version', measured.request.version],
      ['Host', measured.request.host],
      ['Connection from', measured.request.address],
      ...Object.entries(measured.request.headers),
    ]);
    element('state').textContent = `Opening ${TABS} streams at once`;
    pending('tabs', 'opening');
    const heldBack = buffering.mark === 'bad';
    show('tabs', heldBack ? verdicts.TABS_UNKNOWN : verdicts.tabs(await concurrentStreams(TABS, all.signal), TABS));
    element('state').textContent = 'Done';
  } catch (e) {
    for (const row of document.querySelectorAll('.verdict.pending')) {
      pending(row.id, 'unknown');
    }
    element('state').textContent = `The hub can\u2019t be reached: ${e.message}`;
  } finally {
    element('again').disabled = false;
  }
}

/** Aborts the running test of an idle stream; undefined if none runs. */
let attempt;

async function testIdleStream(event) {
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
  const wait = () => pending('silence', `idle for ${Math.floor((performance.now() - begin) / 1000)} of ${seconds} seconds`);
  wait();
  const timer = setInterval(wait, 1000);
  element('try').textContent = 'Stop';
  try {
    show('silence', verdicts.idle(await idleStream(seconds, attempt.signal)));
  } catch (e) {
    show('silence', { mark: 'note', text: attempt.signal.aborted ? 'Stopped.' : `The test failed: ${e.message}.` });
  } finally {
    clearInterval(timer);
    attempt = undefined;
    element('try').textContent = 'Try';
  }
}

element('curl').textContent = `curl -N '${new URL('probe', document.baseURI)}'`;
element('again').addEventListener('click', measure);
element('quiet-form').addEventListener('submit', testIdleStream);
measure();
