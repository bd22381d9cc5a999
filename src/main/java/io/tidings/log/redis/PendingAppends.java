package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.log.DedupIndex;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
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
 * What is to be appended to a shared log: waiting, on its way, or there and not yet read back. Not
 * thread-safe; the log guards it. Promises are kept outside of the guard, so what is decided about
 * them is put down as {@link Answers}.
 *
 * <p>An item is open until it is answered. One that is answered while it is in the queue stays
 * there until its turn comes, and is passed over then.
 */
final class PendingAppends {
  private static final int MAX_BYTES = 1 << 20;

  /** The most bytes of publications that may be open. */
  static final long MAX_OPEN_BYTES = 64L << 20;

  /** What a publication, and each of its events, takes beside its text. */
  private static final int OVERHEAD = 250;

  private final long writer;
  private final int eventsPerRecord;
  private final int maxRecords;
  private final boolean safeWhenHeard;
  private final long maxOpenBytes;
  private final Deque<Item> queue = new ArrayDeque<>();

  /** What has no answer, in the order in which it came, which is that of the deadlines. */
  private final Set<Item> open = new LinkedHashSet<>();

  private long openBytes;

  /** What was given to the store and has not been read back, by number. */
  private final Map<Long, Item> sent = new HashMap<>();

  private List<Item> batch = List.of();
  private boolean busy;
  private long numbers;

  /** The greatest number of a publication that is on its way to the store, or was last. */
  private long given;

  PendingAppends(long writer, RecordStore store, long maxOpenBytes) {
    this.writer = writer;
    this.eventsPerRecord = store.eventsPerRecord();
    this.maxRecords = store.maxRecords();
    this.safeWhenHeard = store.safeWhenHeard();
    this.maxOpenBytes = maxOpenBytes;
  }

  /**
   * @param deadline by {@link System#nanoTime}; not before that of the one that was added last
   * @throws InvalidEvent where there are more events than fit into the store at once
   * @throws LogUnavailable where as much waits as may wait
   */
  void add(Publication what, Promise<List<Entry>> promise, long deadline) {
    long most = (long) maxRecords * eventsPerRecord;
    if (what.events().size() > most) {
      throw new InvalidEvent("body", "must have at most " + most + " events");
    }
    var item = new Item(what, promise, deadline);
    if (!open.isEmpty() && openBytes + item.bytes > maxOpenBytes) {
      throw new LogUnavailable("too much waits to be written, and nothing was stored", null);
    }
    open.add(item);
    openBytes += item.bytes;
    item.queued = true;
    queue.add(item);
  }

  /** A record that says nothing. */
  SharedRecord nothing(long seen, long now) {
    var nothing = new Publication(List.of(), "", false);
    return SharedRecord.of(nothing, writer, ++numbers, seen, now, false, eventsPerRecord).get(0);
  }

  /** A record that says nothing, on its way to the store as {@link #next} is. */
  List<Buffer> trial(long seen, long now) {
    busy = true;
    SharedRecord nothing = nothing(seen, now);
    given = nothing.number();
    return List.of(nothing.encode());
  }

  /** Whether something is on its way to the store. */
  boolean busy() {
    return busy;
  }

  /** Whether something waits for its way to the store. */
  boolean waiting() {
    return !queue.isEmpty();
  }

  /** Whether the record is one that was made here. */
  boolean wrote(SharedRecord record) {
    return record.writer() == writer;
  }

  /** The greatest number of what was given to the store last. */
  long given() {
    return given;
  }

  /** How many bytes are open. */
  long openBytes() {
    return openBytes;
  }

  /** Takes what is to be given to the store next; empty where there is nothing. */
  List<Buffer> next(SharedHistory history, long now, Answers answers) {
    var records = new ArrayList<Buffer>();
    var items = new ArrayList<Item>();
    int bytes = 0;
    while (!queue.isEmpty() && bytes < MAX_BYTES) {
      Item item = queue.peek();
      if (item.answered || item.records == null && !encode(item, history, now, answers)) {
        unqueue();
        continue;
      }
      if (!records.isEmpty() && records.size() + item.records.size() > maxRecords) {
        break;
      }
      unqueue();
      items.add(item);
      sent.put(item.number, item);
      records.addAll(item.records);
      for (Buffer record : item.records) {
        bytes += record.length();
      }
    }
    batch = items;
    given = items.stream().mapToLong(item -> item.number).max().orElse(given);
    busy = !items.isEmpty();
    return records;
  }

  private void unqueue() {
    queue.remove().queued = false;
  }

  private void queueFirst(Item item) {
    if (!item.queued) {
      item.queued = true;
      queue.addFirst(item);
    }
  }

  /** Whether the item must go to the store; else it is answered. */
  private boolean encode(Item item, SharedHistory history, long now, Answers answers) {
    try {
      Optional<List<Entry>> same = history.known(item.what, now);
      if (same.isPresent()) {
        close(item);
        answers.take(item.promise, same.get());
        return false;
      }
    } catch (InvalidEvent e) {
      refuse(item, e, answers);
      return false;
    }
    Map<Event, Entry> known = history.knownEvents(item.what, now);
    known.forEach((event, entry) -> item.byId.put(DedupIndex.identity(event), entry));
    List<Event> events = item.what.events();
    if (!known.isEmpty() && known.keySet().containsAll(events)) {
      close(item);
      answers.take(item.promise, events.stream().map(known::get).toList());
      return false;
    }
    item.number = ++numbers;
    item.seen = history.cursor().offset();
    item.time = now;
    item.events = events.stream().filter(event -> !known.containsKey(event)).toList();
    item.encode(writer, eventsPerRecord);
    return true;
  }

  /** The store has what it was given. */
  void stored(Answers answers) {
    for (Item item : batch) {
      item.stored = true;
      if (item.answer != null) {
        finish(item, answers);
      }
    }
    batch = List.of();
    busy = false;
  }

  /** The store may have what it was given, or not: it is to be given once more. */
  void failed() {
    for (int i = batch.size() - 1; i >= 0; i--) {
      Item item = batch.get(i);
      if (sent.containsKey(item.number)) { // and was not read back in the meantime
        item.again = true;
        item.encode(writer, eventsPerRecord);
        queueFirst(item);
      }
    }
    batch = List.of();
    busy = false;
  }

  /** A record was read back: the whole of its publication is there with the last of them. */
  void came(
      SharedRecord record,
      SharedHistory.Verdict verdict,
      List<Entry> entries,
      SharedHistory history,
      Answers answers) {
    Item item = wrote(record) ? sent.get(record.number()) : null;
    if (item == null) {
      return;
    }
    if (record.part() == 0) {
      item.entries.clear(); // of a part that was read back before the store was read anew
    }
    item.entries.addAll(entries);
    entries.forEach(entry -> item.byId.put(DedupIndex.identity(entry.event()), entry));
    if (!record.last()) {
      return;
    }
    if (verdict == SharedHistory.Verdict.STALE && item.answer == null) {
      sent.remove(record.number());
      item.startAnew();
      queueFirst(item);
      return;
    }
    try {
      if (item.answer == null) {
        item.answer =
            verdict == SharedHistory.Verdict.TAKEN ? item.taken(history) : item.repeated(history);
      }
      if (item.stored || safeWhenHeard) {
        finish(item, answers);
      }
    } catch (InvalidEvent | LogUnavailable e) {
      refuse(item, e, answers);
    }
  }

  /** The store is read anew: where the entries are that were read back is found out again. */
  void restart() {
    sent.values().forEach(Item::forgetEntries);
  }

  private void finish(Item item, Answers answers) {
    close(item);
    answers.take(item.promise, item.answer);
  }

  private void refuse(Item item, Throwable why, Answers answers) {
    close(item);
    answers.refuse(item.promise, why);
  }

  private void close(Item item) {
    item.answered = true;
    sent.remove(item.number, item);
    if (open.remove(item)) {
      openBytes -= item.bytes;
    }
  }

  /** Gives up what has waited too long. */
  void expire(long nanos, Throwable cause, Answers answers) {
    var late = new ArrayList<Item>();
    for (Item item : open) {
      if (item.deadline - nanos > 0) {
        break;
      }
      late.add(item);
    }
    late.forEach(item -> refuse(item, item.late(cause), answers));
    while (!queue.isEmpty() && queue.peek().answered) {
      unqueue(); // where the store takes nothing, nobody else clears the queue
    }
  }

  /** What was decided about promises, to be kept when nothing is guarded any more. */
  static final class Answers {
    private final List<Runnable> list = new ArrayList<>();

    void take(Promise<List<Entry>> promise, List<Entry> entries) {
      list.add(() -> promise.tryComplete(entries));
    }

    void refuse(Promise<List<Entry>> promise, Throwable why) {
      list.add(() -> promise.tryFail(why));
    }

    void give() {
      list.forEach(Runnable::run);
    }
  }

  /** One publication. */
  private static final class Item {
    private final Publication what;
    private final Promise<List<Entry>> promise;
    private final long deadline;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<Object, Entry> byId = new HashMap<>();
    private final long bytes;
    private boolean queued;
    private boolean answered;
    private long number;
    private long seen;
    private long time;
    private boolean again;
    private boolean stored;
    private List<Entry> answer;
    private List<Event> events;
    private List<Buffer> records;

    Item(Publication what, Promise<List<Entry>> promise, long deadline) {
      this.what = what;
      this.promise = promise;
      this.deadline = deadline;
      long size = OVERHEAD + what.key().length();
      for (Event event : what.events()) {
        size += OVERHEAD + event.data().length() + event.id().length();
      }
      this.bytes = size;
    }

    void encode(long writer, int eventsPerRecord) {
      var rest = new Publication(events, what.key(), what.once());
      records =
          SharedRecord.of(rest, writer, number, seen, time, again, eventsPerRecord).stream()
              .map(SharedRecord::encode)
              .toList();
    }

    void forgetEntries() {
      entries.clear();
      byId.clear();
      answer = null;
    }

    void startAnew() {
      forgetEntries();
      again = false;
      records = null;
    }

    /** The entries in the order of the events, where some of them were there before. */
    List<Entry> taken(SharedHistory history) {
      if (!what.once()) {
        return List.copyOf(entries);
      }
      var answer = new ArrayList<Entry>(what.events().size());
      for (Event event : what.events()) {
        Entry entry = byId.get(DedupIndex.identity(event));
        answer.add(
            entry == null
                ? history.window().newestWithId(event, Long.MIN_VALUE).orElseThrow(this::outOfReach)
                : entry);
      }
      return answer;
    }

    /** The entries of the same publication, which somebody else was asked for too. */
    List<Entry> repeated(SharedHistory history) {
      List<Entry> known = history.window().withKey(what.key(), Long.MIN_VALUE);
      Optional<List<Entry>> same =
          known.isEmpty() ? Optional.empty() : DedupIndex.checked(known, what);
      if (same.isPresent()) {
        return same.get();
      } else if (!what.once()) {
        throw outOfReach();
      }
      return taken(history);
    }

    /** It was published before, and the entries it got have left the memory in the meantime. */
    private OutcomeUnknown outOfReach() {
      return new OutcomeUnknown("the log no longer knows where the same was published", null);
    }

    LogUnavailable late(Throwable cause) {
      String why = cause == null ? "" : " (" + cause.getMessage() + ")";
      return records == null
          ? new LogUnavailable("the log can't be reached; nothing was stored" + why, cause)
          : new OutcomeUnknown("the log does not answer" + why, cause);
    }
  }
}
