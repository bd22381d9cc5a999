// A hub of better-sse's sessions and channels: node better-sse.mjs DIRECTORY PORT. The directory is where npm install better-sse was done.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const [directory, port] = process.argv.slice(2);
const { createChannel, createSession } = createRequire(directory + '/')('better-sse');
const channels = new Map();

function channel(name) {
  if (!channels.has(name)) channels.set(name, createChannel());
  return channels.get(name);
}

createServer({ keepAlive: true }, async (request, response) => {
  const [, kind, name] = request.url.split('/');
  if (kind === 'events') {
    channel(name).register(await createSession(request, response));
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  channel(name).broadcast(body, 'message');
  response.writeHead(200, { 'Content-Length': 0 }).end();
}).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
