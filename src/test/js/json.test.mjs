import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indented, isJson } from '../../../webroot/dashboard/json.js';

const text = (json) => [...indented(json)].map(([, piece]) => piece).join('');
const kinds = (json) => [...indented(json)].filter(([kind]) => kind);

test('only objects and arrays count as JSON', () => {
  for (const json of ['{}', ' [1]', '{"a":null}']) assert.ok(isJson(json), json);
  for (const other of ['', '1', '"a"', 'null', '{a:1}', '[1', 'text [1]']) assert.ok(!isJson(other), other);
});

test('objects and arrays are indented, empty ones stay on the line', () => {
  assert.equal(text('{"a":[1,{"b":"c: d"}],"e":{},"f":[]}'), '{\n  "a": [\n    1,\n    {\n      "b": "c: d"\n    }\n  ],\n  "e": {},\n  "f": []\n}');
});

test('large numbers and escapes stay as they are', () => {
  const json = '[12345678901234567890, 1e999, "\\u0041\\"]"]';
  assert.equal(text(json), '[\n  12345678901234567890,\n  1e999,\n  "\\u0041\\"]"\n]');
});

test('each token has its kind', () => {
  assert.deepEqual(kinds('{"a":"b","c":[-1.5,true,null]}'), [
    ['name', '"a"'],
    ['string', '"b"'],
    ['name', '"c"'],
    ['number', '-1.5'],
    ['word', 'true'],
    ['word', 'null'],
  ]);
});

test('deep nesting does not become a flood of spaces', () => {
  const depth = 1000;
  assert.ok(text(`${'[1,'.repeat(depth)}1${']'.repeat(depth)}`).length < depth * 150);
});
