package io.tidings.fanout;

import java.util.List;

/**
 * A stream that lags behind the head of the log.
 *
 * @param topics the patterns of its filter
 * @param lag the number of entries between its cursor and the head, whatever their topics
 * @param behindMillis how long it has been behind
 * @param address the client's address, from the socket or from a trusted proxy
 */
public record SlowSubscriber(List<String> topics, long lag, long behindMillis, String address) {}
