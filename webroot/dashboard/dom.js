// Access to the page's elements. Everything that events contain is inserted as text, never as HTML.

/** A new element with a text, which is never parsed as HTML. */
export function node(name, text = '', className = '') {
  const created = document.createElement(name);
  if (text) created.textContent = text;
  if (className) created.className = className;
  return created;
}

export const element = (id) => document.getElementById(id);

/** Sets a text only if it differs: screen readers announce it once, and a selection stays. */
export function setText(idOrElement, text) {
  const target = typeof idOrElement === 'string' ? element(idOrElement) : idOrElement;
  if (target.textContent !== text) target.textContent = text;
}
