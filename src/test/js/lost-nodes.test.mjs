import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { LostNodes, mayDismiss } from '../../../webroot/dashboard/lost-nodes.js';

const EDGE = { name: 'edge', address: 'e:1', role: 'edge' };
const VOTER = { name: 'voter', address: 'v:1', role: 'voter' };

let storage;

beforeEach(() => {
  const values = new Map();
  storage = { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value) };
});

const gone = (...nodes) => ({ nodes: [], gone: nodes });

test('a lost node is shown as long as it is gone', () => {
  const lost = new LostNodes(storage);
  assert.deepEqual(lost.shown(gone(VOTER, EDGE)), [VOTER, EDGE]);
  assert.deepEqual(lost.shown(gone(VOTER)), [VOTER]);
  assert.deepEqual(lost.shown({ nodes: [] }), [], 'a hub of an earlier version tells none');
});

test('one that was dismissed is not shown, also after a reload', () => {
  const lost = new LostNodes(storage);
  lost.dismiss(EDGE.address);
  assert.deepEqual(lost.shown(gone(VOTER, EDGE)), [VOTER]);
  assert.deepEqual(new LostNodes(storage).shown(gone(VOTER, EDGE)), [VOTER]);
});

test('one that was dismissed and answered is shown when it is lost again', () => {
  const lost = new LostNodes(storage);
  lost.dismiss(EDGE.address);
  lost.shown({ nodes: [EDGE], gone: [] });
  assert.deepEqual(lost.shown(gone(EDGE)), [EDGE]);
  assert.deepEqual(new LostNodes(storage).shown(gone(EDGE)), [EDGE]);
});

test('storage that is not allowed is done without', () => {
  const refuse = () => {
    throw new Error('not allowed');
  };
  for (const none of [null, { getItem: refuse, setItem: refuse }]) {
    const lost = new LostNodes(none);
    lost.dismiss(EDGE.address);
    assert.deepEqual(lost.shown(gone(EDGE)), []);
  }
});

test('a voter is removed by a change of the voters, not dismissed', () => {
  assert.equal(mayDismiss(VOTER), false);
  assert.equal(mayDismiss(EDGE), true);
  assert.equal(mayDismiss({ name: 'of an earlier version' }), true);
});
