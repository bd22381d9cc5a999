/**
 * The wire formats of streams: the only classes that know their bytes. Floor 1.
 *
 * <pre>
 *  SseFrame    one event of text/event-stream
 *  JsonLine    one line of NDJSON
 *  HubNotice   an event of the hub itself on a stream without positions, in either format
 * </pre>
 */
package io.tidings.wire;
