/**
 * The event bus: how events come in from verticles, and how entries reach the event loops. Floor 3.
 */
package io.tidings.bus;
