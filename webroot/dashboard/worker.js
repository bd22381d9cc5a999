// The switchboard of all tabs of one browser.

import { Switchboard } from './switchboard.js';

const switchboard = new Switchboard(new URL('..', import.meta.url));

self.onconnect = ({ ports }) => switchboard.connect(ports[0]);
