/**
 * Publishing to the log from HTTP and the event bus, delivery of entries to the event loops, and
 * relays between topics and event-bus addresses. Floor 3.
 */
package io.tidings.bus;
