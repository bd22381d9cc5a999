// Says in plain words what a measurement means: {mark, text, more}, the mark being good, note or bad. Knows nothing of the page.

const LUMP_MILLIS = 30;
const PROMPT_MILLIS = 300;
const HELD_MILLIS = 1000;
const PROTOCOLS = { 'http/1.0': 'HTTP/1.0', 'http/1.1': 'HTTP/1.1', h2: 'HTTP/2', h2c: 'HTTP/2', h3: 'HTTP/3' };

/** While heads are held back nobody can tell which streams are open. */
export const TABS_UNKNOWN = { mark: 'note', text: 'It can\u2019t be told while the stream is held back.' };

/** By how much each stamp came later than the promptest, in milliseconds. */
export function lateness(stamps) {
  const ways = stamps.map(({ left, arrived }) => arrived - left);
  const shortest = Math.min(...ways);
  return ways.map((way) => way - shortest);
}

/** How many times something came. */
function lumps(stamps) {
  return stamps.filter(({ arrived }, i) => i === 0 || arrived - stamps[i - 1].arrived > LUMP_MILLIS).length;
}

export function buffering({ stamps, seen, complete }) {
  if (stamps.length === 0) {
    return { mark: 'bad', text: 'No stamp arrived.', more: 'Something between ended the stream, or gave something else for it.' };
  }
  const latest = Math.round(Math.max(...lateness(stamps)));
  const times = lumps(stamps);
  const lost = complete && stamps.length < seen.stamps ? ` ${seen.stamps - stamps.length} were left out, because the way was full.` : '';
  const broken = complete ? '' : ' Then the stream broke off.';
  const count = `${stamps.length} stamps came in ${times === 1 ? 'one lump' : `${times} pieces`}`;
  if (latest < PROMPT_MILLIS) {
    return {
      mark: complete ? 'good' : 'bad',
      text: 'No: each stamp came by itself.',
      more: `${stamps.length} stamps; the latest was ${latest} ms later than the promptest.${lost}${broken}`,
    };
  }
  if (latest < HELD_MILLIS && times > stamps.length / 2) {
    return {
      mark: 'note',
      text: 'No, but the way is uneven.',
      more: `${count}; the latest was ${latest} ms later than the promptest, as on a busy line or machine.${lost}${broken}`,
    };
  }
  return {
    mark: 'bad',
    text: `Yes: something holds events back, here for ${(latest / 1000).toFixed(1)} seconds.`,
    more:
      `${count}.${lost}${broken} Live events will come late, or not before the stream ends. The hub says X-Accel-Buffering: no and ` +
      'Cache-Control: no-cache, no-transform; look for a proxy that ignores them, such as proxy_ignore_headers in nginx, or for a virus scanner.',
  };
}

export function compression({ encoding }, held) {
  if (encoding === '') {
    return { mark: 'good', text: 'No.', more: 'The hub does not compress streams, and nothing between does.' };
  }
  return held
    ? {
        mark: 'bad',
        text: `Yes, with ${encoding}, and it may be what holds events back.`,
        more: 'Something between compresses, though the hub says no-transform. Take text/event-stream out of what it compresses.',
      }
    : {
        mark: 'note',
        text: `Yes, with ${encoding}, but events come at once.`,
        more: 'Something between compresses. It costs memory for each stream, and saves bytes.',
      };
}

export function version({ protocol, seen }) {
  const here = PROTOCOLS[protocol] ?? protocol;
  const there = seen?.version ?? '';
  if (here === '') {
    return { mark: 'note', text: 'The browser does not say.', more: there && `The hub was asked by ${there}.` };
  }
  const text = `${here} from this browser${here === there ? ', and at the hub.' : there ? `; ${there} at the hub.` : '.'}`;
  return here.startsWith('HTTP/1')
    ? { mark: 'note', text, more: 'It will do. With HTTP/2, which browsers speak only with TLS, all tabs share one connection.' }
    : { mark: 'good', text, more: 'All tabs share one connection.' };
}

/** @param page the page's location */
export function between({ seen, server, via, protocol }, page) {
  if (!seen) {
    return { mark: 'bad', text: 'Not known.', more: 'What the hub saw of the request did not arrive.' };
  }
  const signs = Object.keys(seen.headers).filter((name) => name !== 'Accept-Encoding');
  const evidence = signs.length > 0 ? [`the hub was told ${signs.join(', ')}`] : [];
  if (server) {
    evidence.push(`the answer says Server: ${server}`);
  }
  if (via) {
    evidence.push(`the answer says Via: ${via}`);
  }
  if (protocol && PROTOCOLS[protocol] !== seen.version) {
    evidence.push('the version of HTTP changes on the way');
  }
  if (page.protocol === 'https:' && evidence.length === 0) {
    evidence.push('the hub itself speaks no TLS');
  }
  if (!page.pathname.match(/^\/[^/]*$/)) {
    evidence.push(`there is a path before the page: ${page.pathname.replace(/[^/]*$/, '')}`);
  }
  const told = signs.some((name) => name.startsWith('X-Forwarded'));
  const own = seen.host.toLowerCase() === page.host && (seen.scheme === '' || `${seen.scheme.toLowerCase()}:` === page.protocol);
  if (!own) {
    return {
      mark: 'bad',
      text: `A proxy, and the hub takes this page for another's: it was asked for ${seen.scheme ? `${seen.scheme}://` : ''}${seen.host}.`,
      more:
        'Pages can hear, but not publish. ' +
        (told && !seen.believed
          ? `The hub does not believe the proxy at ${seen.address}: put that address into http.proxies.`
          : 'Let the proxy pass the Host on, or say X-Forwarded-Host and X-Forwarded-Proto.'),
    };
  }
  if (evidence.length === 0) {
    return { mark: 'good', text: 'Nothing that can be seen.', more: `The hub hears this browser as ${seen.client}.` };
  }
  return {
    mark: told && !seen.believed ? 'note' : 'good',
    text: 'At least one proxy.',
    more:
      `${capital(evidence.join('; '))}. The hub hears this browser as ${seen.client}.` +
      (told && !seen.believed ? ` It does not believe the proxy at ${seen.address}, which is not in its http.proxies.` : ''),
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
      `Of ${wanted} streams ${opened} were open at the same time; the next waits until one of them ends. With HTTP/1.1 browsers allow six to ` +
      `one host, for all tabs together.${others} HTTP/2 has no such limit.`,
  };
}

export function silence({ survived, seconds, heartbeatMillis }) {
  const lived = Math.round(seconds);
  if (survived) {
    return { mark: 'good', text: `It survived ${lived} seconds without a byte.`, more: 'Nothing between gave it up in that time.' };
  }
  const heartbeat = heartbeatMillis / 1000;
  const kept = heartbeat > 0 && heartbeat < seconds * 0.8;
  return {
    mark: kept ? 'note' : 'bad',
    text: `It was cut after ${lived} seconds without a byte.`,
    more: kept
      ? `The hub gives a sign of life every ${heartbeat} seconds (stream.heartbeat), so streams live on.`
      : `The hub's stream.heartbeat is ${heartbeat > 0 ? `${heartbeat} seconds` : 'off'}: set it to less than half of that time.`,
  };
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
