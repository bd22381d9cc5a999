/** A publisher of the hub's own: the clock, timers and the keyboard. Floor 4. */
package io.tidings.producer;
