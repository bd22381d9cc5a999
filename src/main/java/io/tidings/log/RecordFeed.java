package io.tidings.log;

import io.vertx.core.Handler;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The expiring records as this node knows them, and who follows them: each follower receives each
 * record once, also if a record is offered again. Thread-safe; followers are called within the
 * lock, so that they receive all in one order.
 */
public final class RecordFeed {
  private final RecordTable known = new RecordTable();
  private final Followers<ExpiringRecord> ofAll = new Followers<>();
  private final Map<String, Followers<ExpiringRecord>> followers = new HashMap<>();

  /** A record was stored; without effect if that is known. */
  public synchronized void offer(ExpiringRecord record) {
    if (known.find(record.kind(), record.key()).filter(record::equals).isEmpty()) {
      known.put(record);
      Followers<ExpiringRecord> interested = followers.get(record.kind());
      if (interested != null) {
        interested.handle(record);
      }
      ofAll.handle(record);
    }
  }

  /** As {@link ExpiringRecords#follow}. */
  public synchronized void follow(String kind, Handler<ExpiringRecord> handler) {
    var first = new Followers<ExpiringRecord>();
    first.add(handler);
    known.all(kind).forEach(first::handle);
    followers.computeIfAbsent(kind, none -> new Followers<>()).add(handler);
  }

  /** As {@link ExpiringRecords#follow}, for records of all kinds. */
  public synchronized void followAll(Handler<ExpiringRecord> handler) {
    var first = new Followers<ExpiringRecord>();
    first.add(handler);
    known.all().forEach(first::handle);
    ofAll.add(handler);
  }

  /** Forgets the records that have ended some time before. */
  public void prune(Instant now) {
    known.prune(now);
  }

  /** The record with the kind and the key, if it is known. */
  public Optional<ExpiringRecord> find(String kind, String key) {
    return known.find(kind, key);
  }

  /** All that are known, in the order in which they were stored. */
  public List<ExpiringRecord> all() {
    return known.all();
  }

  RecordTable known() {
    return known;
  }
}
