import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor, offsetOf } from '../../../webroot/dashboard/cursor.js';
import { line, position } from './fake-hub.mjs';

test('a position has its offset in base 36, and other ids have none', () => {
  assert.equal(offsetOf('0000abcd~zz'), 35 * 36 + 35);
  for (const id of ['', undefined, null, 'order-17', '0000abcd~', 'abcd~1', '0000ABCD~1']) assert.equal(offsetOf(id), null);
});

test('a line with a position moves the cursor, one without leaves it', () => {
  const cursor = new Cursor().after(line('a', 5));
  assert.deepEqual([cursor.id, cursor.offset, cursor.time], [position(5), 5, 5000]);
  assert.equal(cursor.after({ id: '', topic: 'hub', type: 'hub.beat' }), cursor);
});

test('an event with its publisher\'s id moves the cursor by its position', () => {
  const cursor = new Cursor().after(line('a', 7, { id: 'mine', position: position(7) }));
  assert.deepEqual([cursor.id, cursor.offset], [position(7), 7]);
});

test('a line without a time keeps the time of the cursor', () => {
  assert.equal(new Cursor('', 1, 42).after({ id: position(2) }).time, 42);
});

test('a cursor covers the events up to its offset', () => {
  const cursor = new Cursor().after(line('a', 5));
  assert.ok(cursor.covers(line('a', 4)));
  assert.ok(cursor.covers(line('a', 5)));
  assert.ok(!cursor.covers(line('a', 6)));
});

test('a new cursor covers nothing', () => {
  assert.ok(!new Cursor().covers(line('a', 0)));
});

test('a later event with a smaller offset is of another epoch and not covered', () => {
  const later = line('a', 3, { time: new Date(9000).toISOString() });
  assert.ok(!new Cursor().after(line('a', 5)).covers(later));
});
