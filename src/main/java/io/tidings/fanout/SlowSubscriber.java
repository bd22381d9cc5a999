package io.tidings.fanout;

import java.util.List;

/**
 * A stream that is behind the log's head.
 *
 * @param topics what it hears
 * @param lag by how many entries it is behind, whatever their topics
 * @param behindMillis for how long
 * @param address of the client, as the socket has it, or a proxy that is believed
 */
public record SlowSubscriber(List<String> topics, long lag, long behindMillis, String address) {}
