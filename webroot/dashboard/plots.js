// Live plots of the last five or thirty minutes. They pause after five minutes without user input and while the page is hidden: nothing
// is drawn then, and samples received meanwhile are drawn when the plots resume.

import { element, setText } from './dom.js';
import { millis, rate } from './format.js';

const RETAINED_SECONDS = 1800;
const IDLE_MILLIS = 300_000;
const TICKS = 5; // on the time axis
const GAP_SECONDS = 5; // without samples: the line is interrupted
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'scroll'];

const PLOTS = [
  { id: 'plot-in', lines: [{ label: 'events per second', of: (s) => s.in, colour: '--plot-1', fill: true }], format: rate },
  { id: 'plot-out', lines: [{ label: 'deliveries per second', of: (s) => s.out, colour: '--plot-2', fill: true }], format: rate },
  {
    id: 'plot-latency',
    lines: [
      { label: 'p50', of: (s) => s.p50, colour: '--plot-3' },
      { label: 'p99', of: (s) => s.p99, colour: '--plot-4' },
    ],
    format: millis,
  },
];

export class Plots {
  #samples = []; // of the last half hour, by time
  #charts = [];
  #paused = false;
  #timer;

  constructor() {
    if (typeof Chart === 'undefined') return; // the page works without plots
    this.#charts = PLOTS.map(createChart);
    this.#paint();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paint());
    for (const input of INPUTS) addEventListener(input, () => this.#inputReceived(), { passive: true, capture: true });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#pause('while the page is hidden');
      else this.#resume();
    });
    element('resume').addEventListener('click', () => this.#resume());
    element('span').addEventListener('change', () => this.#draw());
    this.#resume();
  }

  /** Adds samples, new ones or earlier ones. */
  add(samples) {
    if (!samples.length) return;
    const byTime = new Map([...this.#samples, ...samples].map((sample) => [sample.at, sample]));
    const all = [...byTime.values()].sort((a, b) => a.at - b.at);
    const oldest = all.at(-1).at - RETAINED_SECONDS * 1000;
    this.#samples = all.filter((sample) => sample.at >= oldest);
    if (!this.#paused) this.#draw();
  }

  #inputReceived() {
    if (!this.#paused) this.#pauseLater();
  }

  #pauseLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pause('no input for five minutes'), IDLE_MILLIS);
  }

  #pause(reason) {
    clearTimeout(this.#timer);
    this.#paused = true;
    document.body.classList.add('paused');
    setText('paused-reason', `The plots are paused: ${reason}.`);
    element('paused').hidden = false;
  }

  #resume() {
    this.#paused = false;
    document.body.classList.remove('paused');
    element('paused').hidden = true;
    this.#pauseLater();
    this.#draw();
  }

  #draw() {
    if (!this.#samples.length) return;
    const now = this.#samples.at(-1).at;
    const visible = this.#samples.filter(({ at }) => at >= now - seconds() * 1000);
    for (const [i, plot] of PLOTS.entries()) {
      const chart = this.#charts[i];
      plot.lines.forEach((line, l) => {
        chart.data.datasets[l].data = points(visible, line.of, now);
      });
      chart.options.scales.x.min = -seconds();
      chart.options.scales.x.ticks.stepSize = seconds() / TICKS;
      chart.update('none');
      chart.canvas.setAttribute('aria-label', plot.lines.map((line) => summary(visible, line, plot.format)).join('; '));
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

/** The selected length of the plots. */
const seconds = () => Number(element('span').value);

function points(samples, of, now) {
  const line = [];
  let previous = null;
  for (const sample of samples) {
    const x = (sample.at - now) / 1000;
    if (previous !== null && x - previous > GAP_SECONDS) line.push({ x: previous, y: null });
    line.push({ x, y: of(sample) });
    previous = x;
  }
  return line;
}

function summary(samples, { label, of }, format) {
  const values = samples.map(of).filter((value) => value !== null);
  const span = element('span').selectedOptions[0].text.replace('last ', '');
  if (!values.length) return `${label}: no data in ${span}`;
  return `${label}: ${format(values.at(-1))} now, at most ${format(Math.max(...values))} in ${span}`;
}

function createChart({ id, lines, format }) {
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
            title: ([{ parsed }]) => (parsed.x > -1 ? 'now' : `${Math.round(-parsed.x)} s ago`),
            label: ({ dataset, parsed }) => ` ${dataset.label}: ${format(parsed.y)}`,
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
          ticks: { maxTicksLimit: 4, callback: (y) => format(y) },
        },
      },
    },
  });
}
