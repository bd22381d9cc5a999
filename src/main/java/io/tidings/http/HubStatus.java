package io.tidings.http;

import io.tidings.access.ClientGuard;
import io.tidings.cluster.AllNodes;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.presence.Presence;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The state of a hub that its event loops report and update.
 *
 * @param readiness whether streams can be opened
 * @param subscriptions the subscriptions of all event loops
 * @param streams the open streams of all event loops
 * @param metrics the counters of all event loops
 * @param memory the memory budget
 * @param guard the limits of clients, and the audit log
 * @param cluster describes this node and the others
 * @param stats the statistics of the last minutes; empty if they are not collected
 * @param nodes answers what this node alone knows, and asks the others
 * @param presence who is present at which topic; empty if the hub does not know that of any
 */
public record HubStatus(
    Readiness readiness,
    SubscriptionCounts subscriptions,
    OpenStreams streams,
    Metrics metrics,
    MemoryBudget memory,
    ClientGuard guard,
    Supplier<JsonObject> cluster,
    Optional<StatsFeed> stats,
    AllNodes nodes,
    Optional<Presence> presence) {}
