package io.tidings.cluster;

import io.tidings.log.raft.Voters;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What one process does for all of them. In a cluster that is its leader; without one, on a
 * clustered event bus, the oldest member of the bus; otherwise this process. Only the leader of a
 * cluster is certain to be the only one: while members of a bus can't reach each other, there are
 * several oldest ones. Any thread.
 */
public final class Duties {
  private final Optional<Voters> voters;
  private final Supplier<List<BusMember>> members;

  /**
   * @param voters of the cluster, if there is one
   * @param bus the clustered event bus, if there is one
   */
  public Duties(Optional<Voters> voters, Optional<HazelcastBus> bus) {
    // a reference to a method of HazelcastBus would need Hazelcast on the class path
    this(voters, bus.isEmpty() ? List::of : () -> bus.get().members());
  }

  /**
   * @param members of the event bus, the oldest first; none without a clustered one
   */
  Duties(Optional<Voters> voters, Supplier<List<BusMember>> members) {
    this.voters = voters;
    this.members = members;
  }

  /** Whether this process is the hub that relays, and serves the example pages. */
  public boolean ofHub() {
    return isFirst(BusMember::isHub);
  }

  /**
   * Whether this process publishes the time and the configured timers. Processes that are producers
   * only come before hubs.
   */
  public boolean ofProducer() {
    return members.get().stream()
        .filter(BusMember::isProducerOnly)
        .findFirst()
        .map(BusMember::self)
        .orElseGet(() -> isFirst(BusMember::isProducingHub));
  }

  private boolean isFirst(Predicate<BusMember> hubs) {
    return voters
        .map(Voters::leads)
        .orElseGet(
            () ->
                members.get().stream().filter(hubs).findFirst().map(BusMember::self).orElse(true));
  }
}
