// Tables that are filled in place: existing rows are reused, so focus and selection stay, and nothing flickers.

import { element, node, setText } from './dom.js';

export const title = (text) => ({ header: true, text });
export const number = (text, bad = false) => ({ text, className: bad ? 'number bad' : 'number' });

/** Fills a table: cells(item) is a list of texts, or of objects with text or child, header and className. */
export function fill(id, items, cells) {
  const body = element(id);
  while (body.rows.length > items.length) body.deleteRow(-1);
  items.forEach((item, r) => fillRow(body.rows[r] ?? body.insertRow(), cells(item)));
  body.closest('.table').classList.toggle('empty', !items.length);
}

/** The same, where each item keeps its row as long as it is there. key(item) is a text. Returns the rows. */
export function fillByKey(id, items, key, cells) {
  const body = element(id);
  const keys = new Set(items.map(key));
  for (const row of [...body.rows]) if (!keys.has(row.dataset.key)) row.remove();
  items.forEach((item, r) => {
    if (body.rows[r]?.dataset.key !== key(item)) place(body, key(item), r);
    fillRow(body.rows[r], cells(item));
  });
  body.closest('.table').classList.toggle('empty', !items.length);
  return [...body.rows];
}

/** Puts the row of that key at an index; it is there already only if the order has changed. */
function place(body, key, index) {
  const moved = [...body.rows].find((row) => row.dataset.key === key);
  if (moved) {
    body.insertBefore(moved, body.rows[index]);
  } else {
    body.insertRow(index).dataset.key = key;
  }
}

function fillRow(row, cells) {
  cells.forEach((cell, c) => set(row, c, typeof cell === 'string' ? { text: cell } : cell));
}

function set(row, index, { text, child, header = false, className = '' }) {
  const cell = row.cells[index] ?? row.appendChild(node(header ? 'th' : 'td'));
  if (header) cell.scope = 'row';
  if (cell.className !== className) cell.className = className;
  if (!child) setText(cell, text);
  else if (cell.firstChild?.outerHTML !== child.outerHTML) cell.replaceChildren(child);
}
