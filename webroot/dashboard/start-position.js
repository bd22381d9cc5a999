// Where a subscription begins: the select beside the topics, and the parameters of /events for it in the page's address.

import { element, node } from './dom.js';

const PARAMETERS = ['since', 'last_event_id'];
const DEFAULT = { since: '10m' };

/** The parameters in the address, or else those of a page that has none. */
export function inAddress() {
  const given = Object.fromEntries([...new URLSearchParams(location.search)].filter(([name, value]) => PARAMETERS.includes(name) && value));
  return Object.keys(given).length ? given : DEFAULT;
}

/** The selected ones, as they belong into the address: the default is left out. */
export function selected() {
  const chosen = element('since').value;
  return chosen === query(DEFAULT) ? [] : [...new URLSearchParams(chosen)];
}

/** Shows what the address says; what no option offers, such as an id, gets one of its own. */
export function show() {
  const select = element('since');
  const value = query(inAddress());
  select.querySelector('.own')?.remove();
  if (![...select.options].some((option) => option.value === value)) select.append(ownOption(value));
  select.value = value;
}

function ownOption(value) {
  const option = node('option', value, 'own');
  option.value = value;
  return option;
}

const query = (parameters) => new URLSearchParams(parameters).toString();
