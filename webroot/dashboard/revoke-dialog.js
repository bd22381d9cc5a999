// Asks an administrator which tokens of somebody are to be revoked, and says what will happen.

import { element, node, setText } from './dom.js';
import { choices, revoke } from './revocation.js';

let offered = [];
let onRevoked = () => {};

/** revoked() is called when the hub has stored a revocation. */
export function start(revoked) {
  onRevoked = revoked;
  element('revoke-form').addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  element('revoke-cancel').addEventListener('click', () => element('revoke').close());
}

/**
 * @param holder whose token it is
 * @param now a Date by the hub's clock
 * @param own whether it is a token of who uses this page
 */
export function open(holder, now, own) {
  offered = choices(holder, now);
  setText('revoke-title', `Revoke tokens of ${holder.subject}`);
  setText('revoke-issuer', `issued by ${holder.issuer}`);
  setText('revoke-own', own ? 'That is you: this page will ask you for another token.' : '');
  setText('revoke-error', '');
  element('revoke-choices').replaceChildren(...offered.map(choice));
  element('revoke').showModal();
}

function choice({ name, label, effect }, index) {
  const row = node('label');
  const input = node('input');
  Object.assign(input, { type: 'radio', name: 'revoke-choice', value: name, checked: index === 0 });
  const text = node('span', label);
  text.append(node('span', effect, 'help'));
  row.append(input, text);
  return row;
}

async function send() {
  const { value } = element('revoke-choices').querySelector('input:checked');
  element('revoke-send').disabled = true;
  const problem = await revoke(offered.find(({ name }) => name === value).body);
  element('revoke-send').disabled = false;
  setText('revoke-error', problem);
  if (problem) return;
  element('revoke').close();
  onRevoked();
}
