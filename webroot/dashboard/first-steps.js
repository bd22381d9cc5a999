// What a newcomer may do first. Once dismissed it stays hidden in this browser; a button in the header shows it again. The script
// first-paint.js hides it before the page is drawn.

import { element, setText } from './dom.js';

const KEY = 'tidings.first-steps';
const COPIED_MILLIS = 2000;

export function start() {
  setText('curl', `curl -N ${new URL('events/clock', document.baseURI)}`);
  element('copy').addEventListener('click', copy);
  element('dismiss-begin').addEventListener('click', () => {
    show(false);
    element('show-begin').focus();
  });
  element('show-begin').addEventListener('click', () => {
    show(true);
    element('copy').focus();
  });
}

function show(shown) {
  document.documentElement.dataset.firstSteps = shown ? 'shown' : 'dismissed';
  try {
    localStorage.setItem(KEY, document.documentElement.dataset.firstSteps);
  } catch {
    // not allowed: until the page is reloaded
  }
}

async function copy() {
  try {
    await navigator.clipboard.writeText(element('curl').textContent);
    setText('copied', 'Copied.');
  } catch {
    getSelection().selectAllChildren(element('curl')); // not allowed on a page loaded by plain HTTP
    setText('copied', 'Selected: copy it with Ctrl+C.');
  }
  setTimeout(() => setText('copied', ''), COPIED_MILLIS);
}
