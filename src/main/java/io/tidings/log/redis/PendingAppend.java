package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.DedupIndex;
import io.tidings.log.DedupNames;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One publication on its way into a shared log: its records, and the entries that are known so far.
 * Belongs to {@link PendingAppends}. Not thread-safe; the log's lock guards it.
 */
final class PendingAppend {
  private final Publication publication;
  private final Promise<List<Entry>> promise;
  private final long deadline;
  private final long bytes;

  /** The entries that were read back, in the order of the records. */
  private final List<Entry> entries = new ArrayList<>();

  /** The entries of events with an id: those that existed before, and those read back. */
  private final Map<Object, Entry> entriesById = new HashMap<>();

  /** Whether it is in the queue; set by {@link PendingAppends}, as the two below. */
  boolean queued;

  /** Whether its outcome is decided. */
  boolean answered;

  /** Whether the store acknowledged its records. */
  boolean stored;

  private SharedRecord.Origin origin;
  private List<Event> newEvents;
  private List<Buffer> records;
  private List<Entry> outcome;

  /**
   * @param deadline when its publisher is answered at the latest, by {@link System#nanoTime}
   */
  PendingAppend(Publication publication, Promise<List<Entry>> promise, long deadline) {
    this.publication = publication;
    this.promise = promise;
    this.deadline = deadline;
    this.bytes = publication.cost();
  }

  Publication publication() {
    return publication;
  }

  Promise<List<Entry>> promise() {
    return promise;
  }

  long deadline() {
    return deadline;
  }

  /** The estimated size of its publication on the heap, in bytes. */
  long bytes() {
    return bytes;
  }

  /** The number of its records; 0 if it has never been encoded. */
  long number() {
    return origin == null ? 0 : origin.number();
  }

  /** The encoded records; null before {@link #encode}, and after the store found them stale. */
  List<Buffer> records() {
    return records;
  }

  /** The entries for its publisher; null while they are not known. */
  List<Entry> outcome() {
    return outcome;
  }

  /**
   * Encodes the events that the log does not have yet.
   *
   * @param known the entries of the others
   */
  void encode(SharedRecord.Origin source, Map<Event, Entry> known) {
    known.forEach((event, entry) -> entriesById.put(identity(event), entry));
    newEvents = publication.events().stream().filter(event -> !known.containsKey(event)).toList();
    encode(source);
  }

  /** Encodes the records again, marked as a retry, after an add of unknown outcome. */
  void encodeRetry() {
    encode(
        new SharedRecord.Origin(
            origin.writer(), origin.number(), origin.seen(), origin.time(), true));
  }

  private void encode(SharedRecord.Origin source) {
    origin = source;
    var rest =
        new Publication(newEvents, publication.key(), publication.once(), publication.scope());
    records = SharedRecord.split(rest, source).stream().map(SharedRecord::encode).toList();
  }

  /** Adds the entries of a part that was read back. */
  void partReadBack(SharedRecord record, List<Entry> added) {
    if (record.part() == 0) {
      entries.clear(); // of parts that were read back before a reload
    }
    entries.addAll(added);
    added.forEach(entry -> entriesById.put(identity(entry.event()), entry));
  }

  /** Determines the outcome, once all parts are read back. */
  void decide(SharedHistory.Verdict verdict, SharedHistory history) {
    if (outcome == null) {
      outcome =
          verdict == SharedHistory.Verdict.STORED
              ? storedEntries(history)
              : duplicateEntries(history);
    }
  }

  /** Forgets what was read back; it is read again by a reload. */
  void forgetEntries() {
    entries.clear();
    entriesById.clear();
    outcome = null;
  }

  /** Forgets its records too: every hub ignores them, so it has to be encoded as new. */
  void discardRecords() {
    forgetEntries();
    records = null;
  }

  /** The entries in the order of the events, where some of them existed before. */
  private List<Entry> storedEntries(SharedHistory history) {
    if (!publication.once()) {
      return List.copyOf(entries);
    }
    var inOrder = new ArrayList<Entry>(publication.events().size());
    for (Event event : publication.events()) {
      Entry entry = entriesById.get(identity(event));
      inOrder.add(entry == null ? newest(event, history) : entry);
    }
    return inOrder;
  }

  private Entry newest(Event event, SharedHistory history) {
    return history
        .window()
        .newestWithId(publication.scope(), event, Long.MIN_VALUE)
        .orElseThrow(this::notInMemory);
  }

  private Object identity(Event event) {
    return DedupNames.identity(publication.scope(), event);
  }

  /** The entries of the same publication, which was also sent to another hub. */
  private List<Entry> duplicateEntries(SharedHistory history) {
    List<Entry> known =
        history.window().withKey(publication.scope(), publication.key(), Long.MIN_VALUE);
    Optional<List<Entry>> original =
        known.isEmpty() ? Optional.empty() : DedupIndex.checked(known, publication);
    if (original.isPresent()) {
      return original.get();
    } else if (!publication.once()) {
      throw notInMemory();
    }
    return storedEntries(history);
  }

  /** The original entries have left the memory since the publication was written. */
  private OutcomeUnknown notInMemory() {
    return new OutcomeUnknown("the log no longer knows where the same was published", null);
  }

  /** The failure for a publisher whose deadline has passed. */
  LogUnavailable timeout(Throwable cause) {
    String why = cause == null ? "" : " (" + cause.getMessage() + ")";
    return records == null
        ? new LogUnavailable("the log can't be reached; nothing was stored" + why, cause)
        : new OutcomeUnknown("the log does not answer" + why, cause);
  }
}
