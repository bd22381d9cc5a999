package io.tidings.limits;

import io.tidings.metrics.Refusal;
import java.util.Map;

/**
 * What a publisher has done in the last minute.
 *
 * @param key a principal, or the network of an address
 * @param events published a second
 * @param bytes of bodies a second
 * @param refusals the numbers of refused requests to publish
 */
public record PublisherRate(
    LimitKey key, double events, double bytes, Map<Refusal, Long> refusals) {}
