package io.tidings.cluster;

import io.tidings.bus.ConsumerRegistration;
import io.tidings.log.redis.SerialExecutor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps this node's {@link Electorate} up to date: by changes of membership, by messages in which
 * nodes announce the voters or that they leave, and by probing missing nodes. Methods run on the
 * cluster's thread, except where noted.
 */
final class Quorum {
  private static final System.Logger LOG = System.getLogger(Quorum.class.getName());
  private static final String ADDRESS = "tidings.votes";
  private static final int PROBE_MILLIS = 500;
  private static final long ANNOUNCE_NANOS = 1_000_000_000L;

  private final SerialExecutor thread;
  private final Runnable changed;
  private Vertx vertx;
  private Membership members;
  private Electorate electorate;
  private MessageConsumer<JsonObject> consumer;
  private volatile List<String> missing = List.of();
  private volatile boolean reached;
  private boolean everReached;
  private long lastAnnounced;

  /** Addresses of nodes that announced that they leave, and are still members. */
  private final Set<String> leaving = new HashSet<>();

  /**
   * @param thread the cluster's
   * @param changed is run after every change
   */
  Quorum(SerialExecutor thread, Runnable changed) {
    this.thread = thread;
    this.changed = changed;
  }

  /**
   * Sets what exists only once Hazelcast has started; before it, only {@link #reached} and {@link
   * #missing} work.
   */
  void init(Vertx bus, Membership membership, Electorate voters) {
    vertx = bus;
    members = membership;
    electorate = voters;
  }

  /** Listens to the announcements of others. Any thread. */
  Future<Void> listen() {
    return ConsumerRegistration.<JsonObject>of(
            vertx, ADDRESS, message -> thread.run(() -> receive(message.body())))
        .onSuccess(registered -> consumer = registered)
        .mapEmpty();
  }

  /** Whether a quorum of the voters is connected. Any thread. */
  boolean reached() {
    return reached;
  }

  /** The addresses of voters that are not connected. Any thread. */
  List<String> missing() {
    return missing;
  }

  /** The oldest hub founds the electorate; every other has to learn who the voters are. */
  void begin() {
    List<String> hubs = members.hubs();
    if (!hubs.isEmpty() && hubs.get(0).equals(Membership.address(members.local()))) {
      electorate.found();
    } else {
      electorate.doubt();
    }
    membersChanged();
  }

  /** This node joined another part of the cluster, and has to learn who the voters are. */
  void joinedOthers() {
    electorate.doubt();
    membersChanged();
  }

  void membersChanged() {
    update(() -> electorate.present(members.hubs(), System.nanoTime()));
  }

  private void update(Runnable change) {
    boolean before = reached;
    long version = electorate.version();
    change.run();
    reached = electorate.enough();
    missing = electorate.missing();
    if (electorate.version() != version) {
      announce();
    }
    if (before != reached && everReached) {
      LOG.log(
          System.Logger.Level.WARNING,
          reached
              ? "a quorum of nodes is connected again"
              : "no quorum of nodes is connected: this node accepts no events");
    }
    everReached |= reached;
    changed.run();
  }

  /** Announces the voters; a node that does not know them asks by version 0. */
  private void announce() {
    lastAnnounced = System.nanoTime();
    var voters = new JsonArray(electorate.voters());
    vertx
        .eventBus()
        .publish(
            ADDRESS, new JsonObject().put("version", electorate.version()).put("voters", voters));
  }

  private void receive(JsonObject message) {
    String leaver = message.getString("ends");
    if (leaver != null) {
      leaving.add(leaver);
      return;
    }
    long version = message.getLong("version");
    if (version == 0 && electorate.version() > 0) {
      announce();
    } else if (version > electorate.version()) {
      List<String> voters =
          message.getJsonArray("voters").stream().map(String.class::cast).toList();
      update(() -> electorate.told(version, voters, System.nanoTime()));
    }
  }

  /** Handles what changes with time alone. Periodically. */
  void tick() {
    long now = System.nanoTime();
    for (String leaver : List.copyOf(leaving)) {
      if (!members.hubs().contains(leaver)) {
        leaving.remove(leaver);
        update(() -> electorate.ended(leaver, now));
      }
    }
    long before = electorate.version();
    electorate.settle(now);
    if (electorate.version() != before || electorate.enough() != reached) {
      update(this::announce);
    }
    if (electorate.version() == 0 || now - lastAnnounced > ANNOUNCE_NANOS) {
      announce();
    }
  }

  /**
   * Finds out which missing nodes have ended: those whose port refuses connections. One that can't
   * be reached may still run. Blocks; not on the cluster's thread.
   */
  void probeMissing() {
    for (String member : missing) {
      if (refusesConnections(member)) {
        thread.run(() -> update(() -> electorate.ended(member, System.nanoTime())));
      }
    }
  }

  private static boolean refusesConnections(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), PROBE_MILLIS);
      return false;
    } catch (ConnectException e) {
      return e.getMessage() != null && e.getMessage().contains("refused");
    } catch (IOException e) {
      return false;
    }
  }

  /** Announces that this node leaves, so that no other waits for it. Any thread. */
  void announceLeaving() {
    String self = Membership.address(members.local());
    vertx.eventBus().publish(ADDRESS, new JsonObject().put("ends", self));
  }

  /** Stops listening. Any thread. */
  Future<Void> stop() {
    return consumer.unregister();
  }
}
