// Measures the way between this browser and the hub, and says nothing about it. All paths are relative to the page, so that it works
// behind a path prefix too.

const SILENT_MILLIS = 2000;

/** The events of a stream as they come: {type, data, at}, at being the time of their last byte here. Ends with the stream. */
async function* events(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return;
    }
    const at = performance.now();
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const field = (name) => block.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1];
      yield { type: field('event') ?? 'message', data: JSON.parse(field('data')), at };
    }
  }
}

function open(query, signal) {
  const url = new URL(`probe?${query}`, document.baseURI);
  return fetch(url, { cache: 'no-store', headers: { Accept: 'text/event-stream' }, signal });
}

async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  return new Error(problem.detail ?? `the answer was ${response.status}`);
}

/**
 * Hears stamps for some seconds. The result has what the hub saw of the request, and of each stamp how many milliseconds after the
 * first it left the hub, and arrived here.
 */
export async function stamps(seconds, everyMillis, signal) {
  performance.clearResourceTimings();
  const begin = performance.now();
  const response = await open(`for=${seconds}s&every=${everyMillis}ms`, signal);
  if (!response.ok) {
    throw await refusal(response);
  }
  const heard = [];
  let seen;
  let complete = false;
  for await (const { type, data, at } of events(response)) {
    if (type === 'request') {
      seen = data;
    } else if (type === 'close') {
      complete = true;
    } else {
      heard.push({ n: data.n, left: data.time, arrived: at });
    }
  }
  const first = heard[0];
  return {
    seen,
    complete,
    stamps: heard.map(({ n, left, arrived }) => ({ n, left: left - first.left, arrived: arrived - begin })),
    encoding: response.headers.get('Content-Encoding') ?? '',
    server: response.headers.get('Server') ?? '',
    via: response.headers.get('Via') ?? '',
    protocol: await protocol(response.url),
  };
}

/** The protocol that the browser speaks to the first machine on the way, as RFC 7301 calls it; empty where it does not say. */
async function protocol(url) {
  for (let i = 0; i < 20; i++) {
    const entry = performance.getEntriesByName(url).at(-1);
    if (entry) {
      return entry.nextHopProtocol;
    }
    await pause(50); // it is noted a moment after the stream's end
  }
  return '';
}

/** How many of so many streams are open at the same time. */
export async function together(wanted, signal) {
  const all = new AbortController();
  signal.addEventListener('abort', () => all.abort());
  let opened = 0;
  let last = performance.now();
  for (let i = 0; i < wanted; i++) {
    open('for=30s&every=30s', all.signal)
      .then((response) => {
        opened += response.ok ? 1 : 0;
        last = performance.now();
      })
      .catch(() => {}); // ended below, or refused: it is not open
  }
  while (opened < wanted && performance.now() - last < SILENT_MILLIS && !signal.aborted) {
    await pause(50);
  }
  all.abort();
  return opened;
}

/** Whether a stream survives so many seconds without a byte: {survived, seconds, heartbeatMillis}, the seconds being those it lived. */
export async function silence(seconds, signal) {
  const begin = performance.now();
  const response = await open(`quiet=${seconds}s&for=10ms&every=10ms`, signal);
  if (!response.ok) {
    throw await refusal(response);
  }
  let heartbeatMillis = 0;
  let survived = false;
  try {
    for await (const { type, data } of events(response)) {
      heartbeatMillis ||= data.heartbeatMillis;
      survived ||= type === 'message';
    }
  } catch (e) {
    if (signal.aborted) {
      throw e;
    }
    // cut: what is to be found out
  }
  return { survived, seconds: (performance.now() - begin) / 1000, heartbeatMillis };
}

function pause(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
