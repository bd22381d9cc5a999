/** What is known of connections below HTTP. Floor 0. */
package io.tidings.transport;
