/**
 * The hub's own publishers. Floor 4.
 *
 * <pre>
 *  ProducerVerticle    the clock and the configured timers
 *    Keyboard            lines typed at the console, once TerminalForeground allows it
 * </pre>
 */
package io.tidings.producer;
