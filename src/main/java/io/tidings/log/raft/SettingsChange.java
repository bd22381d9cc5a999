package io.tidings.log.raft;

import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.settings.CommonSettings;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Changes settings that all nodes have in common, by a command that has the changes alone: of two
 * that are made at once, both count. The first one sets all others too, to what counts at the node
 * that makes it. Thread-safe; does not block.
 */
final class SettingsChange {
  private static final String NOT_CHANGED = "; no setting was changed";

  private final LeaderRoute route;
  private final KindGate gate;
  private final SettingsInForce settings;
  private final Supplier<Optional<String>> refusal;
  private final Duration patience;

  /**
   * @param refusal why nothing can be stored at the moment; empty if it can
   * @param patience how long a change may wait for its outcome once it was sent
   */
  SettingsChange(
      LeaderRoute route,
      KindGate gate,
      SettingsInForce settings,
      Supplier<Optional<String>> refusal,
      Duration patience) {
    this.route = route;
    this.gate = gate;
    this.settings = settings;
    this.refusal = refusal;
    this.patience = patience;
  }

  /** As {@link Voters#changeSettings}. */
  Future<Void> change(Map<String, ?> changes) {
    CommonSettings changed;
    try {
      changed = settings.now().with(changes);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
    Optional<String> reason = refusal.get();
    if (reason.isPresent()) {
      return Future.failedFuture(new LogUnavailable(reason.get() + NOT_CHANGED, null));
    }
    var numbers = new HashMap<>(changed.numbers());
    numbers.keySet().retainAll(changes.keySet());
    return gate.require(new Command.ChangeSettings(0, numbers, Map.of()).requiredKind())
        .recover(e -> Future.failedFuture(notSent(e)))
        .compose(replica -> submit(numbers));
  }

  /** The settings of a new cluster are those of the leader that begins it. */
  Future<Void> begin() {
    Command command = command(Map.of());
    return gate.require(command.requiredKind()).compose(replica -> route.submit(command));
  }

  private Command command(Map<String, Long> changes) {
    return new Command.ChangeSettings(0, changes, settings.defaults());
  }

  private static Throwable notSent(Throwable failure) {
    return failure instanceof CommandRefused
        ? failure
        : new LogUnavailable(failure.getMessage() + NOT_CHANGED, failure);
  }

  private Future<Void> submit(Map<String, Long> numbers) {
    Optional<String> leader = route.leader();
    if (leader.isEmpty()) {
      return Future.failedFuture(
          new LogUnavailable(
              "no majority of the cluster's nodes can be reached" + NOT_CHANGED, null));
    }
    return Future.fromCompletionStage(
            route
                .submit(leader.get(), command(numbers).encode())
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS))
        .recover(
            e ->
                Future.failedFuture(
                    OutcomeUnknown.ofSettings("the leader did not answer in time", e)))
        // so that this node shows them; they are changed whether it can or not
        .compose(done -> route.caughtUp().mapEmpty().otherwiseEmpty().mapEmpty());
  }
}
