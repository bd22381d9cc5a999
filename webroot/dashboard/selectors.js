// Which topics are heard: the twin of the hub's io.tidings.event.Selector.

const RESERVED = 'hub.';

/** Whether one of the selectors names one of the topics. */
export const select = (selectors, topics) => selectors.some((selector) => topics.some((topic) => names(selector, topic)));

/** Whether the selector names the topic: * is one part, a last ** any rest; the hub's own topics are named only as such. */
export function names(selector, topic) {
  if (!selector.includes('*')) return selector === topic;
  if (topic.startsWith(RESERVED) && !selector.startsWith(RESERVED)) return false;
  const wanted = selector.split('.');
  const parts = topic.split('.');
  const rest = wanted.at(-1) === '**';
  if (rest) wanted.pop();
  return (rest ? parts.length >= wanted.length : parts.length === wanted.length)
    && wanted.every((part, i) => part === '*' || part === parts[i]);
}
