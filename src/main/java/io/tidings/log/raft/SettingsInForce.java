package io.tidings.log.raft;

import io.tidings.log.Retention;
import io.tidings.settings.CommonSettings;
import io.tidings.settings.LimitSettings;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The settings that the nodes of a cluster have in common, as this node has applied them: those of
 * the replicated state; of one that has none yet, this node's own. Thread-safe; changed by whoever
 * applies.
 */
public final class SettingsInForce {
  private static final System.Logger LOG = System.getLogger(SettingsInForce.class.getName());

  private final CommonSettings own;
  private final boolean edge;
  private volatile Applied applied;

  /**
   * @param replicated whether all of them are in the replicated state
   */
  private record Applied(CommonSettings settings, boolean replicated) {}

  /**
   * @param own those with which this node was started
   */
  public SettingsInForce(CommonSettings own) {
    this(own, false);
  }

  /**
   * @param edge whether the node keeps its log as its own settings say
   */
  public SettingsInForce(CommonSettings own, boolean edge) {
    this.own = own;
    this.edge = edge;
    this.applied = new Applied(own, false);
  }

  /** Those with which this node was started. */
  public CommonSettings own() {
    return own;
  }

  /** Those that count. */
  public CommonSettings now() {
    return applied.settings;
  }

  /**
   * Whether all nodes have them from the replicated state. Otherwise the cluster began with a
   * version that did not have them there, and each node's own count, but for those of
   * deduplication.
   */
  public boolean replicated() {
    return applied.replicated;
  }

  /** The retention of this node's log: of a voter the one that all voters have. */
  public Retention retention() {
    return Retention.of((edge ? own : now()).keep());
  }

  /** What a change replicates that is the first one: what counts, but for an edge's retention. */
  Map<String, Long> defaults() {
    var numbers = new HashMap<>(now().numbers());
    if (edge) {
      numbers.keySet().removeAll(CommonSettings.KEEP);
    }
    return numbers;
  }

  /**
   * The limits of a hub, with those that count in its cluster.
   *
   * @param voters of the cluster, if the hub is a node of one
   * @param own those with which it was started
   */
  public static Supplier<LimitSettings> limits(Optional<Voters> voters, LimitSettings own) {
    return voters.<Supplier<LimitSettings>>map(all -> new Limits(all, own)).orElse(() -> own);
  }

  /** Asked for each event that is published: derived anew only when the settings have changed. */
  private static final class Limits implements Supplier<LimitSettings> {
    private final Voters voters;
    private final LimitSettings own;
    private volatile Derived last;

    private record Derived(CommonSettings from, LimitSettings limits) {}

    private Limits(Voters voters, LimitSettings own) {
      this.voters = voters;
      this.own = own;
      this.last = derive(voters.settings().now());
    }

    private Derived derive(CommonSettings from) {
      return new Derived(from, own.with(from.body(), from.topic()));
    }

    @Override
    public LimitSettings get() {
      CommonSettings now = voters.settings().now();
      Derived derived = last;
      if (derived.from != now) {
        derived = derive(now);
        last = derived;
      }
      return derived.limits;
    }
  }

  /** Those of a state that was loaded or has changed. */
  void use(ReplicatedState state) {
    Applied before = applied;
    applied = of(state);
    if (before.replicated && !before.settings.equals(applied.settings)) {
      LOG.log(
          System.Logger.Level.INFO,
          "the settings of the cluster were changed: {0}",
          differences(before.settings, applied.settings, "%s is %s, and was %s"));
    }
  }

  /** Those of a state, where this node's own count that the state does not have. */
  private Applied of(ReplicatedState state) {
    if (!state.configured()) {
      return new Applied(own, false);
    }
    var deduplication =
        Map.of(CommonSettings.ONCE, state.onceMillis(), CommonSettings.DEDUP, state.onceBytes());
    return new Applied(
        own.withNumbers(deduplication).withNumbers(state.settings()), !state.settings().isEmpty());
  }

  /** Those of this node's settings that do not count, since the cluster has others. */
  public Map<String, String> ignored() {
    var ignored = new LinkedHashMap<>(own.texts());
    ignored.entrySet().removeAll(now().texts().entrySet());
    if (edge) {
      ignored.keySet().removeAll(CommonSettings.KEEP);
    }
    return ignored;
  }

  /** One line about the {@link #ignored}; empty if there are none. */
  String report() {
    Map<String, String> counting = now().texts();
    return ignored().entrySet().stream()
        .map(
            one ->
                "%s is %s in this node's settings; the cluster has %s, which counts"
                    .formatted(one.getKey(), one.getValue(), counting.get(one.getKey())))
        .collect(Collectors.joining("; "));
  }

  private static String differences(CommonSettings before, CommonSettings after, String format) {
    Map<String, String> old = before.texts();
    return after.texts().entrySet().stream()
        .filter(one -> !one.getValue().equals(old.get(one.getKey())))
        .map(one -> format.formatted(one.getKey(), one.getValue(), old.get(one.getKey())))
        .collect(Collectors.joining("; "));
  }
}
