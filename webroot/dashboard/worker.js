// The multiplexer that all tabs of one browser share.

import { StreamMultiplexer } from './multiplexer.js';

const multiplexer = new StreamMultiplexer(new URL('..', import.meta.url));

self.onconnect = ({ ports }) => multiplexer.connect(ports[0]);
