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

test('the address of a hub in a command has nothing that a shell reads', () => {
  const source = readFileSync(new URL('common.js', FOLDER), 'utf8');
  const functions = ['hubAddress', 'encoded'].map((name) => new RegExp(`  function ${name}\\(.*?\\n  \\}\\n`, 's').exec(source)[0]);
  const address = new Function('given', 'location', 'EXAMPLE', `${functions.join('')}return hubAddress();`);
  const here = { href: 'https://a.example/scenes/clock.html' };
  assert.equal(address('https://b.example:8443/hub', here, ''), 'https://b.example:8443/hub/');
  assert.equal(address(null, here, ''), 'https://a.example/');
  assert.equal(address('http://[::1]:8080', here, ''), 'http://[::1]:8080/');
  assert.match(address("https://b.example/;wget$IFS-qO-$IFS'x'|sh;&(`!{,}*?a=$(b)#'c", here, ''), /^[\w.~:\/%[\]-]+$/);
});
