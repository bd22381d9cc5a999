// One client library of npm's, as its manual shows it: node clients.mjs LIBRARY URL. Prints a line for each event that it is given:
// its type, its id and its data, with a tab between them.

const [library, url] = process.argv.slice(2);
const print = (type, id, data) => console.log(`${type || 'message'}\t${id ?? ''}\t${data}`);
const HUB = ['hub.open', 'hub.beat', 'hub.gap', 'hub.stale', 'hub.drain', 'hub.busy'];

/** As EventSource has it: messages, and what is listened for by its type. */
function listen(source) {
  source.onmessage = (event) => print(event.type, event.lastEventId, event.data);
  for (const type of HUB) source.addEventListener(type, (event) => print(type, event.lastEventId, event.data));
  source.onerror = () => {}; // it tries again by itself
}

/** Of a parser: connecting again, with the last id, is the program's own business. */
async function parsed({ createParser }) {
  let id = '';
  for (;;) {
    const parser = createParser({
      onEvent: (event) => {
        if (event.id !== undefined) id = event.id;
        print(event.event, event.id, event.data);
      },
    });
    try {
      const answer = await fetch(url, { headers: { Accept: 'text/event-stream', ...(id && { 'Last-Event-ID': id }) } });
      const decoder = new TextDecoder();
      for await (const bytes of answer.body) parser.feed(decoder.decode(bytes, { stream: true }));
    } catch {
      // the hub is gone
    }
    await new Promise((later) => setTimeout(later, 500));
  }
}

const libraries = {
  eventsource: async () => listen(new (await import('eventsource')).EventSource(url)),
  'eventsource-client': async () => {
    const { createEventSource } = await import('eventsource-client');
    createEventSource({ url, onMessage: (event) => print(event.event, event.id, event.data) });
  },
  'eventsource-parser': async () => parsed(await import('eventsource-parser')),
  'event-source-polyfill': async () => listen(new (await import('event-source-polyfill')).default.EventSourcePolyfill(url)),
  'launchdarkly-eventsource': async () => listen(new (await import('launchdarkly-eventsource')).default.EventSource(url)),
  'fetch-event-source': async () => {
    globalThis.window = globalThis;
    globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
    const { fetchEventSource } = await import('@microsoft/fetch-event-source');
    fetchEventSource(url, { onmessage: (event) => print(event.event, event.id, event.data), onerror: () => 500 });
  },
};

await libraries[library]();
