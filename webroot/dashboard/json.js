// Indents JSON by its tokens, since JSON.parse would round large numbers.

const MAX_INDENT = 20; // levels: a thousand nested brackets must not become a million spaces
const TOKEN = /"(?:\\.|[^"\\])*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** Whether the text is a JSON object or array. */
export function isJson(text) {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The indented text as pairs [kind, text]; kind is name, string, number, word or empty. */
export function* indented(json) {
  const tokens = json.match(TOKEN);
  let depth = 0;
  let previous = '';
  for (const [i, token] of tokens.entries()) {
    const opened = previous === '{' || previous === '[';
    const closes = token === '}' || token === ']';
    if (closes) depth--;
    if (previous === ':') yield ['', ' '];
    else if (previous === ',' || opened !== closes) yield ['', i ? `\n${'  '.repeat(Math.min(depth, MAX_INDENT))}` : ''];
    yield [kind(token, tokens[i + 1]), token];
    if (token === '{' || token === '[') depth++;
    previous = token;
  }
}

function kind(token, next) {
  if (token.startsWith('"')) return next === ':' ? 'name' : 'string';
  if (/^[-\d]/.test(token)) return 'number';
  return /^\w/.test(token) ? 'word' : '';
}
