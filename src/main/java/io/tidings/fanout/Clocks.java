package io.tidings.fanout;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The clocks of the streams. Any thread.
 *
 * @param millis monotonic milliseconds, for everything that takes time
 * @param time the time of day, by which tokens end
 */
public record Clocks(LongSupplier millis, InstantSource time) {}
