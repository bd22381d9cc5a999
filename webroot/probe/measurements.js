// Measures the connection between this browser and the hub, without judging it. All paths are relative to the page, so the probe works
// behind a path prefix.

const SETTLE_MILLIS = 2000; // without another stream that opens

/** The events of a stream as they arrive: {type, data, at}; at is the time at which the last byte arrived. Ends with the stream. */
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
 * Receives stamps for some seconds. The result has the request as the hub received it, and for each stamp the time at which it left the
 * hub (ms after the first one) and arrived here (ms after the request).
 */
export async function stamps(seconds, everyMillis, signal) {
  performance.clearResourceTimings();
  const begin = performance.now();
  const response = await open(`for=${seconds}s&every=${everyMillis}ms`, signal);
  if (!response.ok) {
    throw await refusal(response);
  }
  const received = [];
  let request;
  let complete = false;
  for await (const { type, data, at } of events(response)) {
    if (type === 'request') {
      request = data;
    } else if (type === 'close') {
      complete = true;
    } else {
      received.push({ n: data.n, left: data.time, arrived: at });
    }
  }
  const first = received[0];
  return {
    request,
    complete,
    stamps: received.map(({ n, left, arrived }) => ({ n, left: left - first.left, arrived: arrived - begin })),
    encoding: response.headers.get('Content-Encoding') ?? '',
    server: response.headers.get('Server') ?? '',
    via: response.headers.get('Via') ?? '',
    protocol: await protocol(response.url),
  };
}

/** The protocol to the next hop, as in RFC 7301; empty if the browser does not report it. */
async function protocol(url) {
  for (let i = 0; i < 20; i++) {
    const entry = performance.getEntriesByName(url).at(-1);
    if (entry) {
      return entry.nextHopProtocol;
    }
    await pause(50); // the entry appears shortly after the end of the stream
  }
  return '';
}

/** How many of the wanted number of streams are open at the same time. */
export async function concurrentStreams(wanted, signal) {
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
      .catch(() => {}); // aborted below, or refused
  }
  while (opened < wanted && performance.now() - last < SETTLE_MILLIS && !signal.aborted) {
    await pause(50);
  }
  all.abort();
  return opened;
}

/** Whether a stream survives so many seconds without a byte: {survived, seconds, heartbeatMillis}; seconds is how long it was open. */
export async function idleStream(seconds, signal) {
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
    // the connection was cut, which is a result
  }
  return { survived, seconds: (performance.now() - begin) / 1000, heartbeatMillis };
}

function pause(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
