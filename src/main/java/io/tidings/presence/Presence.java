package io.tidings.presence;

import static java.lang.System.Logger.Level.DEBUG;

import io.tidings.auth.Principal;
import io.tidings.cluster.AllNodes;
import io.tidings.fanout.StreamListener;
import io.tidings.fanout.Subscriber;
import io.tidings.fanout.Traffic;
import io.tidings.settings.PresenceSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Knows who is present at the topics of the setting, and tells it: to streams that ask for it, to
 * requests, and to the other nodes. Any thread; what is known belongs to the event loop of {@link
 * PresenceVerticle}.
 *
 * <p>A client is present at a topic while it has a stream that names it. Nothing is replicated:
 * each node knows its own streams, and asks the others.
 */
public final class Presence implements StreamListener {
  private static final System.Logger LOG = System.getLogger(Presence.class.getName());

  private final PresenceTopics topics;
  private final AllNodes nodes;
  private final PresenceLoop state;

  /** The streams that {@link #state} has been told of, in the order of their own loops. */
  private final Set<Subscriber> known = ConcurrentHashMap.newKeySet();

  /** Set before the first stream opens. */
  private volatile Context loop;

  /**
   * @param nodes by which the nodes ask each other
   */
  public Presence(PresenceSettings settings, AllNodes nodes) {
    this(settings, nodes, Presence::millis, InstantSource.system());
  }

  /**
   * @param clock monotonic milliseconds
   */
  Presence(PresenceSettings settings, AllNodes nodes, LongSupplier clock, InstantSource time) {
    this.topics = new PresenceTopics(settings);
    this.nodes = nodes;
    Executor executor = this::post;
    var limits = new PresenceTable.Limits(PresenceTable.MAX_MEMBERS, PresenceTable.MAX_PLACES);
    var table = new PresenceTable(limits, settings.linger().toMillis(), clock, time);
    this.state =
        new PresenceLoop(
            table, new Peers(nodes, executor, clock), new Watchers(executor, clock), clock);
  }

  private static long millis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** Sets the event loop, and begins to answer other nodes. */
  void runOn(Context context) {
    loop = context;
    nodes.answer(
        Exchange.WORD, question -> on(() -> Future.succeededFuture(state.answer(question))));
  }

  /** Once a second, on the loop. */
  void poll() {
    state.poll();
  }

  /** Somewhat after {@link #poll}, on the loop. */
  void tell() {
    state.tell();
  }

  private void post(Runnable task) {
    try {
      loop.runOnContext(next -> task.run());
    } catch (RejectedExecutionException e) {
      LOG.log(DEBUG, "the event loop has ended", e); // with the hub
    }
  }

  private <T> Future<T> on(Supplier<Future<T>> task) {
    Promise<T> promise = Promise.promise();
    post(
        () ->
            Future.succeededFuture()
                .compose(start -> task.get()) // so that an exception fails the future
                .onComplete(promise));
    return promise.future();
  }

  /** Who is present at a topic of the setting, at all nodes; completes on any thread. */
  public Future<TopicState> state(String topic) {
    return on(() -> state.state(topic));
  }

  /** Whether the hub knows who is present at the topic. */
  public boolean has(String topic) {
    return topics.has(topic);
  }

  /** Whether nothing is kept of any stream; on the loop, or while nothing else happens. */
  boolean isEmpty() {
    return known.isEmpty() && state.isEmpty();
  }

  @Override
  public void watches(Subscriber stream) {
    known.add(stream);
    post(() -> state.watch(stream));
  }

  @Override
  public void begun(Subscriber stream) {
    place(stream);
  }

  @Override
  public void renewed(Subscriber stream) {
    place(stream);
  }

  /** Streams of pages that show statistics are not clients that are present. */
  private void place(Subscriber stream) {
    List<String> names = topics.named(stream.asked());
    if (!names.isEmpty()) {
      known.add(stream);
    }
    if (known.contains(stream)) {
      Principal principal = stream.principal();
      boolean counts = stream.traffic() == Traffic.CLIENT;
      post(() -> state.place(stream, principal, counts, names));
    }
  }

  @Override
  public void left(Subscriber stream) {
    if (known.remove(stream)) {
      post(() -> state.remove(stream));
    }
  }
}
