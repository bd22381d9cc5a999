package io.tidings.http;

import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How a hub stands, of which its event loops tell, and to which they add.
 *
 * @param readiness whether streams can be opened
 * @param roll the streams of all loops
 * @param metrics counts for all loops
 * @param memory the budget of memory
 * @param cluster tells of this node and the others
 * @param stats the figures of the last minutes; nothing where they are not collected
 */
public record HubStatus(
    Readiness readiness,
    SubscriptionCounts roll,
    Metrics metrics,
    MemoryBudget memory,
    Supplier<JsonObject> cluster,
    Optional<StatsFeed> stats) {}
