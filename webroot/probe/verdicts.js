// What a measurement means: {mark, text, more}, where mark is good, note or bad. Independent of the page.

const BURST_MILLIS = 30; // stamps closer together arrived in one burst
const PROMPT_MILLIS = 300;
const HELD_BACK_MILLIS = 1000;
const PROTOCOLS = { 'http/1.0': 'HTTP/1.0', 'http/1.1': 'HTTP/1.1', h2: 'HTTP/2', h2c: 'HTTP/2', h3: 'HTTP/3' };

/** While response heads are held back, open streams can't be counted. */
export const TABS_UNKNOWN = { mark: 'note', text: 'Unknown while the stream is held back.' };

/** The delay of each stamp relative to the fastest one, in milliseconds. */
export function delaysMillis(stamps) {
  const transits = stamps.map(({ left, arrived }) => arrived - left);
  const shortest = Math.min(...transits);
  return transits.map((transit) => transit - shortest);
}

/** The number of bursts in which the stamps arrived. */
function bursts(stamps) {
  return stamps.filter(({ arrived }, i) => i === 0 || arrived - stamps[i - 1].arrived > BURST_MILLIS).length;
}

export function buffering({ stamps, request, complete }) {
  if (stamps.length === 0) {
    return { mark: 'bad', text: 'No stamp arrived.', more: 'Something in between ended the stream, or answered with something else.' };
  }
  const latest = Math.round(Math.max(...delaysMillis(stamps)));
  const pieces = bursts(stamps);
  const lost = complete && stamps.length < request.stamps ? ` ${request.stamps - stamps.length} were skipped, because the connection was full.` : '';
  const broken = complete ? '' : ' Then the stream was cut.';
  const count = `${stamps.length} stamps arrived in ${pieces === 1 ? 'one burst' : `${pieces} bursts`}`;
  if (latest < PROMPT_MILLIS) {
    return {
      mark: complete ? 'good' : 'bad',
      text: 'No: each stamp arrived by itself.',
      more: `${stamps.length} stamps; the slowest took ${latest} ms longer than the fastest.${lost}${broken}`,
    };
  }
  if (latest < HELD_BACK_MILLIS && pieces > stamps.length / 2) {
    return {
      mark: 'note',
      text: 'No, but delays vary.',
      more: `${count}; the slowest took ${latest} ms longer than the fastest, as on a busy line or machine.${lost}${broken}`,
    };
  }
  return {
    mark: 'bad',
    text: `Yes: something holds events back, here for ${(latest / 1000).toFixed(1)} seconds.`,
    more:
      `${count}.${lost}${broken} Live events will arrive late, or only when the stream ends. The hub sends X-Accel-Buffering: no and ` +
      'Cache-Control: no-cache, no-transform; look for a proxy that ignores them, such as proxy_ignore_headers in nginx, or for a virus scanner.',
  };
}

export function compression({ encoding }, heldBack) {
  if (encoding === '') {
    return { mark: 'good', text: 'No.', more: 'The hub does not compress streams, and nothing in between does.' };
  }
  return heldBack
    ? {
        mark: 'bad',
        text: `Yes, with ${encoding}, and it may be what holds events back.`,
        more: 'Something in between compresses, although the hub sends no-transform. Exclude text/event-stream from compression there.',
      }
    : {
        mark: 'note',
        text: `Yes, with ${encoding}, but events arrive at once.`,
        more: 'Something in between compresses. It costs memory for each stream, and saves bytes.',
      };
}

export function version({ protocol, request }) {
  const here = PROTOCOLS[protocol] ?? protocol;
  const there = request?.version ?? '';
  if (here === '') {
    return { mark: 'note', text: 'The browser does not report it.', more: there && `The hub received ${there}.` };
  }
  const text = `${here} from this browser${here === there ? ', and at the hub.' : there ? `; ${there} at the hub.` : '.'}`;
  return here.startsWith('HTTP/1')
    ? { mark: 'note', text, more: 'Sufficient. With HTTP/2, which browsers use only over TLS, all tabs share one connection.' }
    : { mark: 'good', text, more: 'All tabs share one connection.' };
}

/** @param page the page's location */
export function between({ request, server, via, protocol }, page) {
  if (!request) {
    return { mark: 'bad', text: 'Unknown.', more: 'The hub\u2019s report on the request did not arrive.' };
  }
  const signs = Object.keys(request.headers).filter((name) => name !== 'Accept-Encoding');
  const evidence = signs.length > 0 ? [`the hub received ${signs.join(', ')}`] : [];
  if (server) {
    evidence.push(`the response has Server: ${server}`);
  }
  if (via) {
    evidence.push(`the response has Via: ${via}`);
  }
  if (protocol && PROTOCOLS[protocol] !== request.version) {
    evidence.push('the HTTP version differs at the hub');
  }
  if (page.protocol === 'https:' && evidence.length === 0) {
    evidence.push('the hub itself does not use TLS');
  }
  if (!page.pathname.match(/^\/[^/]*$/)) {
    evidence.push(`there is a path prefix: ${page.pathname.replace(/[^/]*$/, '')}`);
  }
  const forwarded = signs.some((name) => name.startsWith('X-Forwarded'));
  const sameOrigin = request.host.toLowerCase() === page.host && (request.scheme === '' || `${request.scheme.toLowerCase()}:` === page.protocol);
  if (!sameOrigin) {
    return {
      mark: 'bad',
      text: `A proxy, and to the hub this page has another origin: the request was for ${request.scheme ? `${request.scheme}://` : ''}${request.host}.`,
      more:
        'Pages can subscribe, but not publish. ' +
        (forwarded && !request.trustedProxy
          ? `The hub does not trust the proxy at ${request.address}: add that address to http.proxies.`
          : 'Let the proxy preserve the Host header, or send X-Forwarded-Host and X-Forwarded-Proto.'),
    };
  }
  if (evidence.length === 0) {
    return { mark: 'good', text: 'Nothing detectable.', more: `To the hub this browser is ${request.client}.` };
  }
  return {
    mark: forwarded && !request.trustedProxy ? 'note' : 'good',
    text: 'At least one proxy.',
    more:
      `${capital(evidence.join('; '))}. To the hub this browser is ${request.client}.` +
      (forwarded && !request.trustedProxy ? ` It does not trust the proxy at ${request.address}, which is not in its http.proxies.` : ''),
  };
}

export function tabs(opened, wanted) {
  if (opened === wanted) {
    return { mark: 'good', text: `At least ${wanted}.`, more: `${wanted} streams were open at the same time.` };
  }
  const others = opened < 6 ? ' Other tabs may have streams of this host open.' : '';
  return {
    mark: opened > 1 ? 'note' : 'bad',
    text: opened === 1 ? 'One.' : `${opened}.`,
    more:
      `Of ${wanted} streams ${opened} were open at the same time; the next waits until one of them ends. With HTTP/1.1 browsers allow six per ` +
      `host, for all tabs together.${others} HTTP/2 has no such limit.`,
  };
}

export function idle({ survived, seconds, heartbeatMillis }) {
  const rounded = Math.round(seconds);
  if (survived) {
    return { mark: 'good', text: `It survived ${rounded} seconds without a byte.`, more: 'Nothing in between closed it in that time.' };
  }
  const heartbeat = heartbeatMillis / 1000;
  const kept = heartbeat > 0 && heartbeat < seconds * 0.8;
  return {
    mark: kept ? 'note' : 'bad',
    text: `It was cut after ${rounded} seconds without a byte.`,
    more: kept
      ? `The hub sends a heartbeat every ${heartbeat} seconds (stream.heartbeat), so streams stay open.`
      : `The hub's stream.heartbeat is ${heartbeat > 0 ? `${heartbeat} seconds` : 'off'}: set it to less than half of that time.`,
  };
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
