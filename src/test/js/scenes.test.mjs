// The scenes are complete by themselves, so each has its own copy of what they have in common.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const FOLDER = new URL('../../../webroot/scenes/', import.meta.url);
const HUB = 'const hub = (new URLSearchParams(location.search).get("hub") || "..").replace(/\\/*$/, "/");';
const scenes = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.html') && name !== 'index.html')
  .map((name) => ({ name, source: readFileSync(new URL(name, FOLDER), 'utf8') }));

test('every scene finds its hub in the same way, and sends all its requests there', () => {
  assert.ok(scenes.length >= 10);
  for (const { name, source } of scenes) {
    assert.ok(source.includes(HUB), name);
    assert.doesNotMatch(source, /(fetch|EventSource)\(["'`]/, name);
  }
});

test('every scene says in the same way why a request failed', () => {
  const explanations = scenes.flatMap(({ source }) => /async function why\(.*?\n {6}\}\n/s.exec(source)?.[0] ?? []);
  assert.equal(explanations.length, scenes.length - 1, 'all but the one of rights, which works on the hub only');
  assert.equal(new Set(explanations).size, 1);
});
