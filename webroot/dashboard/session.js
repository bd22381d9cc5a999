// Who uses this page, and what they may do: asks for a token where the hub requires one. The hub keeps it in a cookie that scripts can't
// read; so streams, which can't send headers, and all tabs have it, and it is nowhere on the page.

import { element, node, setText } from './dom.js';
import { UNAUTHORIZED } from './polling.js';

const EVERYTHING = '**';

let others; // the other tabs of this browser
let onChange = () => {};
let onRights = () => {};

/**
 * change is called when someone has signed in or out, here or in another tab; rights with what the hub says that this page may do,
 * whenever it says so.
 */
export function start(change, rights) {
  onChange = change;
  onRights = rights;
  element('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    signIn(element('token').value.trim().replace(/^Bearer\s+/i, ''));
  });
  element('sign-out').addEventListener('click', signOut);
  addEventListener(UNAUTHORIZED, refresh);
  listen();
  // a page that is left has no open channel, which could keep the browser from restoring it
  addEventListener('pagehide', () => others.close());
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    listen();
    refresh();
  });
  return refresh();
}

function listen() {
  others = new BroadcastChannel('tidings session');
  others.onmessage = async () => {
    await refresh();
    onChange();
  };
}

/** Asks the hub again who this is: the token may have ended. */
export async function refresh() {
  try {
    const response = await fetch('session', { cache: 'no-store' });
    if (response.ok) show(await response.json());
    else if (response.status === 401) ask((await response.json()).detail);
  } catch {
    // the hub can't be reached, which the state of the stream tells
  }
}

async function signIn(token) {
  setText('sign-in-error', '');
  if (!/^[\w.~+/=-]+$/.test(token)) {
    setText('sign-in-error', 'This is no token: it has a character that tokens do not have.');
    return;
  }
  try {
    const response = await fetch('session', { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
    const answer = await response.json();
    if (!response.ok) {
      setText('sign-in-error', answer.detail);
      return;
    }
    element('token').value = '';
    show(answer);
    changed();
  } catch {
    setText('sign-in-error', 'The hub can\u2019t be reached.');
  }
}

async function signOut() {
  try {
    await fetch('session', { method: 'DELETE' });
  } catch {
    return; // the hub can't be reached
  }
  await refresh();
  changed();
}

function changed() {
  others.postMessage('changed');
  onChange();
}

function show({ identified, subscribe, publish, admin, presence, issuer, subject, expires }) {
  const everything = admin && subscribe.includes(EVERYTHING) && publish.includes(EVERYTHING);
  element('sign-in').hidden = identified || everything;
  element('session').hidden = !identified && (everything || !subscribe.length);
  element('sign-out').hidden = !identified;
  setText('sign-in-reason', subscribe.length ? 'Without one, this page can do only part of what it offers.' : '');
  const facts = [
    ['Name', identified ? subject : 'nobody: no token was shown'],
    ['Issuer', issuer],
    ['Until', expires && new Date(expires).toLocaleString('en-GB')],
    ['May receive', subscribe.join(' ') || 'nothing'],
    ['May publish to', publish.join(' ') || 'nothing'],
    ['May see the hub\u2019s state', admin ? 'yes' : 'no'],
  ];
  element('rights').replaceChildren(...facts.filter(([, value]) => value).map(fact));
  onRights({ admin, issuer, subject, presence });
}

/** The token that the browser has is not valid, or no longer. */
function ask(reason) {
  element('sign-in').hidden = false;
  element('session').hidden = true;
  setText('sign-in-reason', reason);
  onRights({ admin: false });
}

function fact([name, value]) {
  const row = node('div');
  row.append(node('dt', name), node('dd', value));
  return row;
}
