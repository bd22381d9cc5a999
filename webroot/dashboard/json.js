// JSON that people can read. Token by token: what JSON.parse makes of a large number is another one.

const DEEPEST = 20; // indentation, lest a thousand brackets become a million spaces
const TOKEN = /"(?:\\.|[^"\\])*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** Whether the text is an object or a list. */
export function isJson(text) {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The indented text, in pieces: [kind, text], where kind is name, string, number, word or nothing. */
export function* indented(json) {
  const tokens = json.match(TOKEN);
  let depth = 0;
  let before = '';
  for (const [i, token] of tokens.entries()) {
    const opened = before === '{' || before === '[';
    const closes = token === '}' || token === ']';
    if (closes) depth--;
    if (before === ':') yield ['', ' '];
    else if (before === ',' || opened !== closes) yield ['', i ? `\n${'  '.repeat(Math.min(depth, DEEPEST))}` : ''];
    yield [kind(token, tokens[i + 1]), token];
    if (token === '{' || token === '[') depth++;
    before = token;
  }
}

function kind(token, next) {
  if (token.startsWith('"')) return next === ':' ? 'name' : 'string';
  if (/^[-\d]/.test(token)) return 'number';
  return /^\w/.test(token) ? 'word' : '';
}
