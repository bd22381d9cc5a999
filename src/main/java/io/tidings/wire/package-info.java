/** The wire formats of streams: Server-Sent Events and NDJSON. Floor 1. */
package io.tidings.wire;
