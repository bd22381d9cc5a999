// Numbers, durations and sizes as text.

const BYTES = ['B', 'KB', 'MB', 'GB', 'TB'];

export const count = (number) => Math.round(number).toLocaleString('en');

/** A rate: without decimals from 10 on, otherwise with one. */
export const rate = (number) => (number >= 10 || Number.isInteger(number) ? count(number) : number.toFixed(1));

export function bytes(number) {
  let unit = 0;
  let amount = number;
  for (; amount >= 1000 && unit < BYTES.length - 1; unit++) amount /= 1000;
  return `${unit && amount < 100 ? amount.toFixed(1) : Math.round(amount)} ${BYTES[unit]}`;
}

export function millis(number) {
  if (number === null || number === undefined) return '\u2013';
  if (number >= 1000) return `${(number / 1000).toFixed(1)} s`;
  if (number >= 10 || Number.isInteger(number)) return `${Math.round(number)} ms`;
  return `${number.toFixed(number < 1 ? 2 : 1)} ms`;
}

/** A duration in its one or two largest units. */
export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return twoUnits(s, 3600, 'h', 60, 'min');
  return twoUnits(s, 86_400, 'd', 3600, 'h');
}

function twoUnits(seconds, large, largeName, small, smallName) {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ''}`;
}

export const ago = (time) => `${duration((Date.now() - new Date(time)) / 1000)} ago`;

/** A number with its noun, such as 1 event or 2 events. */
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${Math.round(number) === 1 ? one : many}`;
