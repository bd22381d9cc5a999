package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The publications that are being appended to a shared log: queued, being added to the store, or
 * stored and not read back yet. Not thread-safe; the log's lock guards it. Promises must not be
 * completed under that lock, so outcomes are collected in {@link Answers}.
 *
 * <p>A publication is open until it is answered. One that is answered while it is queued stays in
 * the queue and is skipped when its turn comes.
 */
final class PendingAppends {
  private static final int MAX_BATCH_BYTES = 1 << 20;

  /** The most bytes of publications that may be open. */
  static final long MAX_OPEN_BYTES = 64L << 20;

  private final long writer;
  private final int maxRecords;
  private final boolean deliversDurable;
  private final long maxOpenBytes;
  private final Deque<PendingAppend> queue = new ArrayDeque<>();

  /** Publications without an answer, in the order of arrival, which is that of the deadlines. */
  private final Set<PendingAppend> open = new LinkedHashSet<>();

  private long openBytes;

  /** Publications that were passed to the store and have not been read back, by number. */
  private final Map<Long, PendingAppend> sent = new HashMap<>();

  private List<PendingAppend> batch = List.of();
  private boolean adding;
  private long lastNumber;

  /** The greatest number in the batch that was passed to the store last. */
  private long lastSent;

  PendingAppends(long writer, RecordStore store, long maxOpenBytes) {
    this.writer = writer;
    this.maxRecords = store.maxRecords();
    this.deliversDurable = store.deliversDurable();
    this.maxOpenBytes = maxOpenBytes;
  }

  /**
   * Queues a publication.
   *
   * @param deadline by {@link System#nanoTime}; not before that of the one that was added last
   * @throws InvalidEvent if it has more events than the store accepts at once
   * @throws LogUnavailable if too many bytes are open
   */
  void add(Publication publication, Promise<List<Entry>> promise, long deadline) {
    if (publication.events().size() > maxRecords) {
      throw new InvalidEvent("body", "must have at most " + maxRecords + " events");
    }
    var append = new PendingAppend(publication, promise, deadline);
    if (!open.isEmpty() && openBytes + append.bytes() > maxOpenBytes) {
      throw new LogUnavailable("too much waits to be written, and nothing was stored", null);
    }
    open.add(append);
    openBytes += append.bytes();
    append.queued = true;
    queue.add(append);
  }

  /** Makes a record without events. */
  SharedRecord emptyRecord(long seen, long now) {
    var empty = new Publication(List.of(), "", false);
    var origin = new SharedRecord.Origin(writer, ++lastNumber, seen, now, false);
    return SharedRecord.split(empty, origin).get(0);
  }

  /** Makes a record without events the batch that is added to the store, as {@link #next} does. */
  List<Buffer> trial(long seen, long now) {
    adding = true;
    SharedRecord empty = emptyRecord(seen, now);
    lastSent = empty.number();
    return List.of(empty.encode());
  }

  /** Whether a batch is being added to the store. */
  boolean adding() {
    return adding;
  }

  /** Whether publications wait to be added to the store. */
  boolean waiting() {
    return !queue.isEmpty();
  }

  /** Whether this log wrote the record. */
  boolean wrote(SharedRecord record) {
    return record.writer() == writer;
  }

  /** The greatest number in the batch that was passed to the store last. */
  long lastSent() {
    return lastSent;
  }

  long openBytes() {
    return openBytes;
  }

  /** Dequeues the next batch for the store; empty if nothing is queued. */
  List<Buffer> next(SharedHistory history, long now, Answers answers) {
    var records = new ArrayList<Buffer>();
    var appends = new ArrayList<PendingAppend>();
    int bytes = 0;
    while (!queue.isEmpty() && bytes < MAX_BATCH_BYTES) {
      PendingAppend append = queue.peek();
      if (append.answered || append.records() == null && !encode(append, history, now, answers)) {
        dequeue();
        continue;
      }
      if (!records.isEmpty() && records.size() + append.records().size() > maxRecords) {
        break;
      }
      dequeue();
      appends.add(append);
      sent.put(append.number(), append);
      records.addAll(append.records());
      for (Buffer record : append.records()) {
        bytes += record.length();
      }
    }
    batch = appends;
    lastSent = appends.stream().mapToLong(PendingAppend::number).max().orElse(lastSent);
    adding = !appends.isEmpty();
    return records;
  }

  private void dequeue() {
    queue.remove().queued = false;
  }

  private void queueFirst(PendingAppend append) {
    if (!append.queued) {
      append.queued = true;
      queue.addFirst(append);
    }
  }

  /** Encodes what the log does not have yet; false if that is nothing, and it is answered. */
  private boolean encode(PendingAppend append, SharedHistory history, long now, Answers answers) {
    Publication publication = append.publication();
    try {
      Optional<List<Entry>> original = history.known(publication, now);
      if (original.isPresent()) {
        complete(append, original.get(), answers);
        return false;
      }
    } catch (InvalidEvent e) {
      fail(append, e, answers);
      return false;
    }
    Map<Event, Entry> known = history.knownEvents(publication, now);
    List<Event> events = publication.events();
    if (!known.isEmpty() && known.keySet().containsAll(events)) {
      complete(append, events.stream().map(known::get).toList(), answers);
      return false;
    }
    long seen = history.cursor().offset();
    var origin = new SharedRecord.Origin(writer, ++lastNumber, seen, now, false);
    append.encode(origin, known);
    return true;
  }

  /** The store acknowledged the batch. */
  void batchStored(Answers answers) {
    for (PendingAppend append : batch) {
      append.stored = true;
      if (append.outcome() != null) {
        complete(append, append.outcome(), answers);
      }
    }
    batch = List.of();
    adding = false;
  }

  /** The outcome of adding the batch is unknown: it is queued again, as a retry. */
  void batchFailed() {
    for (int i = batch.size() - 1; i >= 0; i--) {
      PendingAppend append = batch.get(i);
      if (sent.containsKey(append.number())) { // and was not read back in the meantime
        append.encodeRetry();
        queueFirst(append);
      }
    }
    batch = List.of();
    adding = false;
  }

  /** A record was read back. The publication is complete with the last of its parts. */
  void readBack(
      SharedRecord record,
      SharedHistory.Verdict verdict,
      List<Entry> entries,
      SharedHistory history,
      Answers answers) {
    PendingAppend append = wrote(record) ? sent.get(record.number()) : null;
    if (append == null) {
      return;
    }
    append.partReadBack(record, entries);
    if (!record.last()) {
      return;
    }
    if (verdict == SharedHistory.Verdict.STALE && append.outcome() == null) {
      sent.remove(record.number());
      append.discardRecords();
      queueFirst(append);
      return;
    }
    try {
      append.decide(verdict, history);
      if (append.stored || deliversDurable) {
        complete(append, append.outcome(), answers);
      }
    } catch (InvalidEvent | LogUnavailable e) {
      fail(append, e, answers);
    }
  }

  /** The store is read from its beginning: the entries are read back once more. */
  void reloaded() {
    sent.values().forEach(PendingAppend::forgetEntries);
  }

  private void complete(PendingAppend append, List<Entry> entries, Answers answers) {
    close(append);
    answers.complete(append.promise(), entries);
  }

  private void fail(PendingAppend append, Throwable why, Answers answers) {
    close(append);
    answers.fail(append.promise(), why);
  }

  private void close(PendingAppend append) {
    append.answered = true;
    sent.remove(append.number(), append);
    if (open.remove(append)) {
      openBytes -= append.bytes();
    }
  }

  /**
   * Fails the publications whose deadline has passed.
   *
   * @param cause of the last failure of the store; may be null
   */
  void expire(long nanos, Throwable cause, Answers answers) {
    var expired = new ArrayList<PendingAppend>();
    for (PendingAppend append : open) {
      if (append.deadline() - nanos > 0) {
        break;
      }
      expired.add(append);
    }
    expired.forEach(append -> fail(append, append.timeout(cause), answers));
    while (!queue.isEmpty() && queue.peek().answered) {
      dequeue(); // next() would, but is not called while the store fails
    }
  }
}
