// Live plots of the last five or thirty minutes. They rest when nobody has touched the page for five, and while it is hidden: then nothing
// is drawn, and what was heard meanwhile is drawn at once when they go on.

import { element, put } from './page.js';
import { millis, rate } from './words.js';

const KEPT_SECONDS = 1800;
const REST_MILLIS = 300_000;
const TICKS = 5; // of the axis of time
const HOLE_SECONDS = 5; // without figures: the line is broken
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'scroll'];

const PLOTS = [
  { id: 'plot-in', lines: [{ label: 'events in a second', of: (s) => s.in, colour: '--plot-1', fill: true }], say: rate },
  { id: 'plot-out', lines: [{ label: 'deliveries out a second', of: (s) => s.out, colour: '--plot-2', fill: true }], say: rate },
  {
    id: 'plot-latency',
    lines: [
      { label: 'p50', of: (s) => s.p50, colour: '--plot-3' },
      { label: 'p99', of: (s) => s.p99, colour: '--plot-4' },
    ],
    say: millis,
  },
];

export class Plots {
  #moments = []; // of the window, by time
  #charts = [];
  #resting = false;
  #timer;

  constructor() {
    if (typeof Chart === 'undefined') return; // the figures are there without it
    this.#charts = PLOTS.map(chart);
    this.#paint();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paint());
    for (const touch of TOUCHES) addEventListener(touch, () => this.#touched(), { passive: true, capture: true });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#rest('while the page is hidden');
      else this.#goOn();
    });
    element('go-on').addEventListener('click', () => this.#goOn());
    element('span').addEventListener('change', () => this.#draw());
    this.#goOn();
  }

  /** New moments, or some that were missed. */
  add(moments) {
    if (!moments.length) return;
    const byTime = new Map([...this.#moments, ...moments].map((moment) => [moment.at, moment]));
    const all = [...byTime.values()].sort((one, other) => one.at - other.at);
    const oldest = all.at(-1).at - KEPT_SECONDS * 1000;
    this.#moments = all.filter((moment) => moment.at >= oldest);
    if (!this.#resting) this.#draw();
  }

  #touched() {
    if (!this.#resting) this.#restLater();
  }

  #restLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest('nobody has touched this page for five minutes'), REST_MILLIS);
  }

  #rest(why) {
    clearTimeout(this.#timer);
    this.#resting = true;
    document.body.classList.add('resting');
    put('rest-why', `The plots rest: ${why}.`);
    element('rest').hidden = false;
  }

  #goOn() {
    this.#resting = false;
    document.body.classList.remove('resting');
    element('rest').hidden = true;
    this.#restLater();
    this.#draw();
  }

  #draw() {
    if (!this.#moments.length) return;
    const now = this.#moments.at(-1).at;
    const shown = this.#moments.filter(({ at }) => at >= now - seconds() * 1000);
    for (const [i, plot] of PLOTS.entries()) {
      const drawn = this.#charts[i];
      plot.lines.forEach((line, l) => {
        drawn.data.datasets[l].data = points(shown, line.of, now);
      });
      drawn.options.scales.x.min = -seconds();
      drawn.options.scales.x.ticks.stepSize = seconds() / TICKS;
      drawn.update('none');
      drawn.canvas.setAttribute('aria-label', plot.lines.map((line) => told(shown, line, plot.say)).join('; '));
    }
  }

  #paint() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    for (const [i, { lines }] of PLOTS.entries()) {
      const { data, options } = this.#charts[i];
      lines.forEach((line, l) => {
        data.datasets[l].borderColor = of(line.colour);
        data.datasets[l].backgroundColor = of(`${line.colour}-fill`);
      });
      for (const axis of Object.values(options.scales)) {
        axis.ticks.color = of('--quiet');
        axis.grid.color = of('--line');
      }
      this.#charts[i].update('none');
    }
  }
}

/** How much of what is kept is shown. */
const seconds = () => Number(element('span').value);

function points(moments, of, now) {
  const line = [];
  let before = null;
  for (const moment of moments) {
    const x = (moment.at - now) / 1000;
    if (before !== null && x - before > HOLE_SECONDS) line.push({ x: before, y: null });
    line.push({ x, y: of(moment) });
    before = x;
  }
  return line;
}

function told(moments, { label, of }, say) {
  const values = moments.map(of).filter((value) => value !== null);
  const span = element('span').selectedOptions[0].text.replace('last ', '');
  if (!values.length) return `${label}: nothing in ${span}`;
  return `${label}: ${say(values.at(-1))} now, at most ${say(Math.max(...values))} in ${span}`;
}

function chart({ id, lines, say }) {
  return new Chart(element(id), {
    type: 'line',
    data: {
      datasets: lines.map(({ label, fill = false }) => ({ label, fill, data: [], borderWidth: 1.5, pointRadius: 0, pointHitRadius: 8 })),
    },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      maintainAspectRatio: false,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          displayColors: lines.length > 1,
          callbacks: {
            title: ([{ parsed }]) => (parsed.x > -1 ? 'now' : `${Math.round(-parsed.x)} s before`),
            label: ({ dataset, parsed }) => ` ${dataset.label}: ${say(parsed.y)}`,
          },
        },
      },
      scales: {
        x: {
          type: 'linear',
          min: -seconds(),
          max: 0,
          border: { display: false },
          grid: { display: false },
          ticks: { stepSize: seconds() / TICKS, maxRotation: 0, callback: (x) => (x ? `${-x / 60} min` : 'now') },
        },
        y: {
          beginAtZero: true,
          suggestedMax: 1,
          border: { display: false },
          grid: {},
          ticks: { maxTicksLimit: 4, callback: (y) => say(y) },
        },
      },
    },
  });
}
