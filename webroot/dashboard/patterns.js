// Topic patterns: the counterpart of io.tidings.event.TopicPattern.

const RESERVED = 'hub.';
const EXAMPLE = 'example';

/** Whether one of the patterns matches one of the topics. */
export const matchesAny = (patterns, topics) => patterns.some((pattern) => topics.some((topic) => matches(pattern, topic)));

/** * matches exactly one part, a trailing ** any rest. The hub's own topics match only patterns that begin with hub. */
export function matches(pattern, topic) {
  if (!pattern.includes('*')) return pattern === topic;
  if (topic.startsWith(RESERVED) && !pattern.startsWith(RESERVED)) return false;
  const wanted = pattern.split('.');
  const parts = topic.split('.');
  const rest = wanted.at(-1) === '**';
  if (rest) wanted.pop();
  return (rest ? parts.length >= wanted.length : parts.length === wanted.length)
    && wanted.every((part, i) => part === '*' || part === parts[i]);
}

/** A topic that the pattern matches, such as orders.example of orders.*. */
export const exampleOf = (pattern) =>
  pattern
    .split('.')
    .map((part) => (part === '*' || part === '**' ? EXAMPLE : part))
    .join('.');
