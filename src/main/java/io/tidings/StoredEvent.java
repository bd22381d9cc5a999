package io.tidings;

import io.tidings.event.Event;
import java.time.Instant;

/**
 * An event of the log, as a {@link Subscription} receives it.
 *
 * @param id with which a subscription can resume after this event: the publisher's id, or else the
 *     event's position in the log
 * @param time when it was stored
 */
public record StoredEvent(String id, Instant time, Event event) {}
