/** The hub's own publishers: the clock, timers and the keyboard. Floor 4. */
package io.tidings.producer;
