/** Delivery of events to the open streams, on each event loop. Floor 4. */
package io.tidings.fanout;
