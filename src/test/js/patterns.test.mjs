import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleOf, matches, matchesAny } from '../../../webroot/dashboard/patterns.js';

test('a pattern without wildcards matches only the same topic', () => {
  assert.ok(matches('orders.paid', 'orders.paid'));
  assert.ok(!matches('orders', 'orders.paid'));
  assert.ok(!matches('orders.paid', 'orders'));
});

test('* matches exactly one part', () => {
  assert.ok(matches('orders.*', 'orders.paid'));
  assert.ok(matches('*.paid', 'orders.paid'));
  assert.ok(!matches('orders.*', 'orders'));
  assert.ok(!matches('orders.*', 'orders.paid.late'));
});

test('a trailing ** matches any rest, also none', () => {
  for (const topic of ['orders', 'orders.paid', 'orders.paid.late']) assert.ok(matches('orders.**', topic), topic);
  assert.ok(!matches('orders.**', 'order'));
  assert.ok(matches('**', 'anything.at.all'));
});

test('only patterns that begin with hub. match the hub\'s own topics', () => {
  assert.ok(!matches('**', 'hub.stats'));
  assert.ok(!matches('*.stats', 'hub.stats'));
  assert.ok(matches('hub.*', 'hub.stats'));
  assert.ok(matches('hub.stats', 'hub.stats'));
});

test('an event matches by any of its topics and any pattern', () => {
  assert.ok(matchesAny(['a', 'b.*'], ['x', 'b.c']));
  assert.ok(!matchesAny(['a', 'b.*'], ['x', 'b']));
  assert.ok(!matchesAny([], ['x']));
});

test('each pattern matches its example', () => {
  for (const pattern of ['clock', '*', '**', 'orders.*', 'orders.*.new', 'orders.**', 'hub.**']) assert.ok(matches(pattern, exampleOf(pattern)), pattern);
  assert.equal(exampleOf('orders.*.new'), 'orders.example.new');
});
