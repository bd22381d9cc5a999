// Lets Node import webroot's .js files, which browsers load as modules, as modules too: node --import ./src/test/js/modules.mjs

import { register } from 'node:module';

const hooks = `export async function load(url, context, next) {
  return next(url, url.includes('/webroot/') && url.endsWith('.js') ? { ...context, format: 'module' } : context);
}`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
