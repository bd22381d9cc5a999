// What the parts of the page do to it. What events say is put in as text, never as HTML.

/** An element with a text, never with HTML. */
export function node(name, text = '', className = '') {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

export const element = (id) => document.getElementById(id);

/** Sets a text only where it is another one: what is read aloud is read once, and what is selected stays so. */
export function put(target, text) {
  const at = typeof target === 'string' ? element(target) : target;
  if (at.textContent !== text) at.textContent = text;
}
