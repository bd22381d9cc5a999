package io.tidings.cluster;

import com.hazelcast.ringbuffer.OverflowPolicy;
import com.hazelcast.ringbuffer.ReadResultSet;
import com.hazelcast.ringbuffer.Ringbuffer;
import io.tidings.bus.ConsumerRegistration;
import io.tidings.log.Gap;
import io.tidings.log.LogUnavailable;
import io.tidings.log.redis.RecordStore;
import io.tidings.log.redis.SerialExecutor;
import io.tidings.log.redis.Waiters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the records in a Hazelcast Ringbuffer: in the memory of one node, and of as many others as
 * it has backups. What is here is confined to a thread of its own.
 *
 * <p>Who adds records waits until the backups have them, and then hands them to all nodes over the
 * event bus (a notice). Only what was acknowledged so is handed on, for what the owner alone has is
 * gone with it. A notice can be lost: four times a second every node compares itself with the ring,
 * reads what it has missed, and finds out about records whose writer ended before it could tell: it
 * adds one that says nothing, and with that all before it are acknowledged. By the same comparison
 * it sees when the ring is not the one it knew: when it was lost with its owner and all backups, or
 * when this node came back from a part of the cluster that was cut off.
 */
public final class RingStore implements RecordStore {
  /** Consecutive offsets of one record: the sequence in the upper bits, the event in the lower. */
  private static final int EVENTS_PER_RECORD = 64;

  /** What Hazelcast takes and gives at once. */
  private static final int MAX_RECORDS = 1_000;

  private static final String NOTICES = "tidings.ring";
  private static final long COMPARE_MILLIS = 250;
  private static final long REPAIR_MILLIS = 5;
  private static final long UNCONFIRMED_MILLIS = 300;
  private static final int BYTES_A_READ = 1 << 20;
  private static final long NONE = -1;

  private final Cluster cluster;
  private final EventBus bus;
  private final Ringbuffer<byte[]> ring;
  private MessageConsumer<Buffer> notices;
  private final int capacity;
  private final SerialExecutor thread = new SerialExecutor("tidings-ring");

  /** For what Hazelcast answers only to those who wait. */
  private final SerialExecutor looker = new SerialExecutor("tidings-ring-look");

  private Follower follower;

  /** The sequence of the last record that was handed over, and its bytes. */
  private long cursor = NONE;

  private byte[] last;

  /** Up to where records are known to be as safe as they shall be. */
  private long confirmed = NONE;

  /** Records that came before others that stand before them, by their sequences. */
  private final TreeMap<Long, List<byte[]>> parked = new TreeMap<>();

  /** Acknowledged records that are handed on when the cluster has its copies again. */
  private List<Runnable> held = new ArrayList<>();

  private boolean comparing;
  private boolean compareAgain;

  /** Whether the ring is known to be the one that was followed. */
  private boolean verified = true;

  private long unconfirmedSince;
  private boolean confirming;
  private final Answering answering = new Answering();
  private boolean reachable = true;
  private final Waiters waiters = new Waiters();

  private volatile long behindSince;
  private volatile long head;
  private volatile long tail = NONE;
  private volatile int recordBytes = 256;

  private RingStore(Cluster cluster, Vertx vertx, int capacity) {
    this.cluster = cluster;
    this.bus = vertx.eventBus();
    this.capacity = capacity;
    this.ring = cluster.hazelcast().getRingbuffer(Cluster.RING);
  }

  /**
   * Opens the ring of a cluster that was joined. Blocks.
   *
   * @param capacity how many records it has room for
   * @return the store, when it hears of what others add
   */
  public static Future<RingStore> open(Cluster cluster, Vertx vertx, int capacity) {
    var store = new RingStore(cluster, vertx, capacity);
    cluster.onChange(() -> store.thread.run(store::clusterChanged));
    cluster.onPossibleLoss(() -> store.thread.run(store::doubt));
    store.thread.every(COMPARE_MILLIS, store::compare);
    return ConsumerRegistration.<Buffer>of(
            vertx, NOTICES, message -> store.thread.run(() -> store.hear(message.body())))
        .onSuccess(hears -> store.notices = hears)
        .map(store)
        .recover(e -> store.close().transform(closed -> Future.failedFuture(e)));
  }

  @Override
  public int eventsPerRecord() {
    return EVENTS_PER_RECORD;
  }

  @Override
  public int maxRecords() {
    return MAX_RECORDS;
  }

  @Override
  public boolean deliversDurable() {
    return true;
  }

  @Override
  public Future<Void> add(List<Buffer> records) {
    if (!cluster.hasQuorum()) {
      return Future.failedFuture(tooFew());
    }
    Promise<Void> promise = Promise.promise();
    List<byte[]> bytes = records.stream().map(Buffer::getBytes).toList();
    long began = answering.addBegins();
    thread.ask(
        () -> ring.addAllAsync(bytes, OverflowPolicy.OVERWRITE),
        (sequence, failure) -> {
          answering.addEnds(began, failure != null);
          if (failure != null) {
            tellReachable();
            promise.fail(
                new LogUnavailable("the ring can't be written: " + text(failure), failure));
          } else {
            held.add(() -> confirm(sequence, bytes, promise));
            release();
          }
        });
    return promise.future();
  }

  private void confirm(long sequence, List<byte[]> records, Promise<Void> promise) {
    long first = sequence - records.size() + 1;
    if (!cluster.hasQuorum()) {
      promise.fail(tooFew());
      return;
    } else if (sequence <= cursor) {
      doubt(); // it may have come by another way; or the ring begins anew
    }
    arrived(first, records);
    bus.publish(NOTICES, RingNotice.encode(first, records));
    promise.complete();
  }

  @Override
  public Future<Slice> read(long from, int most) {
    Promise<Slice> promise = Promise.promise();
    long sequence = Math.max(0, from / EVENTS_PER_RECORD - 1);
    int count = most(most);
    thread.ask(
        () -> ring.readManyAsync(sequence, 0, count, null),
        (result, failure) -> {
          if (failure == null) {
            promise.complete(slice(sequence, count, result));
          } else {
            promise.fail(new LogUnavailable("the ring can't be read: " + text(failure), failure));
          }
        });
    return promise.future();
  }

  private Slice slice(long wanted, int count, ReadResultSet<byte[]> result) {
    var records = new ArrayList<Stored>(result.size());
    for (int i = 0; i < result.size(); i++) {
      records.add(new Stored(offset(result.getSequence(i)), Buffer.buffer(result.get(i))));
    }
    boolean whole = records.isEmpty() || result.getSequence(0) == wanted;
    if (!whole) {
      head = Math.max(head, result.getSequence(0));
    }
    return new Slice(records, result.size() == count, whole);
  }

  @Override
  public void follow(Stored after, Follower whom) {
    thread.run(
        () -> {
          follower = whom;
          cursor = sequence(after.offset());
          last = after.bytes().getBytes();
          confirmed = cursor;
          tail = cursor;
          verified = true;
          drain();
          compare();
          tellReachable();
        });
  }

  @Override
  public Future<Void> caughtUp() {
    if (!cluster.hasQuorum()) {
      return Future.failedFuture(tooFew());
    }
    Promise<Void> promise = Promise.promise();
    thread.run(
        () -> {
          waiters.add(promise);
          compareAgain = true;
          compare();
        });
    return promise.future();
  }

  @Override
  public long behindMillis() {
    long since = behindSince;
    return since == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
  }

  @Override
  public long oldest() {
    return offset(Math.max(head, tail + 1 - capacity));
  }

  @Override
  public Future<Void> close() {
    thread.end();
    looker.end();
    return notices == null ? Future.succeededFuture() : notices.unregister();
  }

  private static long offset(long sequence) {
    return (sequence + 1) * EVENTS_PER_RECORD;
  }

  private static long sequence(long offset) {
    return offset / EVENTS_PER_RECORD - 1;
  }

  /** Somebody's records are safe. */
  private void hear(Buffer notice) {
    if (follower == null || RingNotice.last(notice) <= cursor) {
      return; // this node's own, most of the time
    }
    RingNotice heard = RingNotice.decode(notice);
    arrived(heard.first(), heard.records());
  }

  private void arrived(long first, List<byte[]> records) {
    confirmed = Math.max(confirmed, first + records.size() - 1);
    tail = Math.max(tail, confirmed);
    if (follower == null) {
      return; // who follows later reads it
    }
    parked.merge(first, records, (a, b) -> a.size() > b.size() ? a : b);
    drain();
    if (!parked.isEmpty() && !comparing) {
      thread.after(REPAIR_MILLIS, this::repair);
    }
  }

  /** Hands over what follows on what was handed over. */
  private void drain() {
    if (!verified || follower == null) {
      return;
    }
    for (Map.Entry<Long, List<byte[]>> next = parked.firstEntry();
        next != null && next.getKey() <= cursor + 1;
        next = parked.firstEntry()) {
      parked.pollFirstEntry();
      handOver(next.getKey(), next.getValue());
    }
    waiters.reached(cursor);
    if (cursor >= tail) {
      behindSince = 0;
    } else if (behindSince == 0) {
      behindSince = System.nanoTime();
    }
  }

  private void handOver(long first, List<byte[]> records) {
    var stored = new ArrayList<Stored>(records.size());
    for (int i = 0; i < records.size(); i++) {
      if (first + i > cursor) {
        stored.add(new Stored(offset(first + i), Buffer.buffer(records.get(i))));
        last = records.get(i);
      }
    }
    if (!stored.isEmpty()) {
      cursor = first + records.size() - 1;
      recordBytes = Math.max(64, (recordBytes * 7 + last.length) / 8);
      follower.receive(stored);
    }
  }

  private void repair() {
    if (!parked.isEmpty()) {
      compare();
    }
  }

  /** Compares this node with the ring, from the last record that it knows on. */
  private void compare() {
    if (follower == null) {
      return;
    }
    tellReachable();
    if (comparing) {
      compareAgain = true;
      return;
    }
    comparing = true;
    compareAgain = false;
    var asked = new Comparison(cursor, last, confirmed, most(MAX_RECORDS), System.nanoTime());
    thread.ask(
        () -> ring.readManyAsync(asked.from, 0, asked.count, null),
        (result, failure) -> {
          comparing = false;
          if (failure == null) {
            answering.read();
          }
          if (follower == null) {
            return; // what is read anew is compared anew
          }
          if (failure == null) {
            compared(asked, result);
          }
          tellReachable();
          waiters.giveUpLate();
          if (compareAgain) {
            compare();
          }
        });
  }

  private void compared(Comparison asked, ReadResultSet<byte[]> result) {
    if (result.size() == 0 || result.getSequence(0) != asked.from) {
      expired(asked);
      return;
    } else if (!Arrays.equals(result.get(0), asked.last)) {
      lost(Gap.Reason.EPOCH);
      return;
    }
    verified = true;
    boolean all = result.size() < asked.count;
    long end = result.getSequence(result.size() - 1);
    if (all && asked.confirmed > end) {
      // a notice of another ring's records, which was on its way for long
      parked.tailMap(end, false).clear();
      confirmed = Math.max(end, cursor);
      tail = confirmed;
    }
    tail = Math.max(tail, end);
    var records = new ArrayList<byte[]>();
    for (int i = 1; i < result.size() && result.getSequence(i) <= confirmed; i++) {
      records.add(result.get(i));
    }
    handOver(asked.from + 1, records);
    if (all) {
      waiters.found(end, asked.began);
    }
    drain();
    if (end > confirmed) {
      confirmOthers();
    } else {
      unconfirmedSince = 0;
      compareAgain |= !all;
    }
  }

  /** The last record is not there any more: it is too old, or the ring is another. */
  private void expired(Comparison asked) {
    if (asked.from != cursor) {
      compareAgain = true; // it was handed more in the meantime
    } else {
      looker.run(
          () -> {
            long oldestLeft = ring.headSequence();
            long newest = ring.tailSequence();
            thread.run(() -> expired(asked, oldestLeft, newest));
          });
    }
  }

  private void expired(Comparison asked, long oldestLeft, long newest) {
    if (follower == null || asked.from != cursor) {
      return;
    }
    head = Math.max(head, oldestLeft);
    if (newest < cursor) {
      lost(Gap.Reason.EPOCH); // it ends before what was its last record
    } else if (oldestLeft <= cursor) {
      compare(); // it is there after all
    } else if (!verified) {
      lost(Gap.Reason.EPOCH); // nobody can tell whether it was the one
    } else if (oldestLeft > cursor + 1) {
      lost(Gap.Reason.REMOVED);
    } else if (newest > confirmed) {
      confirmOthers();
    } else if (newest > cursor) {
      thread.ask(
          () -> ring.readManyAsync(cursor + 1, 0, most(MAX_RECORDS), null),
          (next, failure) -> {
            if (failure == null && next.size() > 0 && next.getSequence(0) == cursor + 1) {
              var records = new ArrayList<byte[]>();
              next.forEach(records::add);
              arrived(
                  cursor + 1,
                  records.subList(0, (int) Math.min(records.size(), confirmed - cursor)));
            }
          });
    }
  }

  private void lost(Gap.Reason why) {
    Follower told = follower;
    follower = null;
    parked.clear();
    cursor = NONE;
    confirmed = NONE;
    tail = NONE;
    head = 0;
    unconfirmedSince = 0;
    if (told != null) {
      told.lost(why);
    }
  }

  /** There are records of which it is not known whether they are safe: their writer may be gone. */
  private void confirmOthers() {
    long now = System.nanoTime();
    if (unconfirmedSince == 0) {
      unconfirmedSince = now;
    }
    boolean due = now - unconfirmedSince > TimeUnit.MILLISECONDS.toNanos(UNCONFIRMED_MILLIS);
    if ((due || !waiters.none()) && !confirming && follower != null) {
      confirming = true;
      add(List.of(follower.emptyRecord()))
          .onComplete(
              done ->
                  thread.run(
                      () -> {
                        confirming = false;
                        unconfirmedSince = 0;
                        compare();
                      }));
    }
  }

  private void clusterChanged() {
    release();
    tellReachable();
    compare();
  }

  /** What the ring took is safe when the nodes hear each other, and have their copies. */
  private void release() {
    if (!held.isEmpty() && (cluster.replicated() || !cluster.hasQuorum())) {
      List<Runnable> ready = held;
      held = new ArrayList<>();
      ready.forEach(Runnable::run);
    }
  }

  /** The ring may not be the one that was followed. */
  private void doubt() {
    verified = false;
    compareAgain = true;
    compare();
  }

  private void tellReachable() {
    if (follower == null) {
      return;
    }
    boolean now = cluster.hasQuorum() && answering.well();
    if (now != reachable) {
      reachable = now;
      follower.reachable(now);
    }
    if (answering.mustBeTried() && cluster.hasQuorum()) {
      confirmOthers(); // by which one sees when it can be written again
    }
  }

  /** How many records to read at once, for that many to be of a decent size. */
  private int most(int wanted) {
    int decent = Math.max(2, BYTES_A_READ / recordBytes);
    return Math.min(Math.min(wanted, decent), Math.min(MAX_RECORDS, capacity));
  }

  /** What this node knew when it asked the ring. */
  private record Comparison(long from, byte[] last, long confirmed, int count, long began) {}

  private static LogUnavailable tooFew() {
    return new LogUnavailable("this node can't hear enough of the others", null);
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
