/** The wire format of Server-Sent Events. Floor 1. */
package io.tidings.wire;
