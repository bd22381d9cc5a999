package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be appended to a shared log: waiting, on its way, or there and not yet read back. Not
 * thread-safe; the log guards it. Promises are kept outside of the guard, so what is decided about
 * them is put down as {@link Answers}.
 */
final class Outgoing {
  private static final int MOST_BYTES = 1 << 20;

  private final long writer;
  private final int eventsPerRecord;
  private final int mostRecords;
  private final boolean safeWhenHeard;
  private final Deque<Item> waiting = new ArrayDeque<>();

  /** What was given to the store and has not been read back, by number. */
  private final Map<Long, Item> sent = new HashMap<>();

  private List<Item> batch = List.of();
  private long numbers;

  Outgoing(long writer, RecordStore store) {
    this.writer = writer;
    this.eventsPerRecord = store.eventsPerRecord();
    this.mostRecords = store.mostRecords();
    this.safeWhenHeard = store.safeWhenHeard();
  }

  /**
   * @throws InvalidEvent where there are more events than fit into the store at once
   */
  void add(Publication what, Promise<List<Entry>> promise, long deadline) {
    long most = (long) mostRecords * eventsPerRecord;
    if (what.events().size() > most) {
      throw new InvalidEvent("body", "must have at most " + most + " events");
    }
    waiting.add(new Item(what, promise, deadline));
  }

  /** A record that says nothing. */
  SharedRecord nothing(long seen, long now) {
    var nothing = new Publication(List.of(), "", false);
    return SharedRecord.of(nothing, writer, ++numbers, seen, now, false, eventsPerRecord).get(0);
  }

  /** Whether something is on its way to the store. */
  boolean busy() {
    return !batch.isEmpty();
  }

  /** Takes what is to be given to the store next; empty where there is nothing. */
  List<Buffer> next(SharedHistory history, long now, Answers answers) {
    var records = new ArrayList<Buffer>();
    var items = new ArrayList<Item>();
    int bytes = 0;
    while (!waiting.isEmpty() && bytes < MOST_BYTES) {
      Item item = waiting.peek();
      if (item.records == null && !encode(item, history, now, answers)) {
        waiting.remove();
        continue;
      }
      if (!records.isEmpty() && records.size() + item.records.size() > mostRecords) {
        break;
      }
      waiting.remove();
      items.add(item);
      sent.put(item.number, item);
      records.addAll(item.records);
      for (Buffer record : item.records) {
        bytes += record.length();
      }
    }
    batch = items;
    return records;
  }

  /** Whether the item must go to the store; else it is answered. */
  private boolean encode(Item item, SharedHistory history, long now, Answers answers) {
    try {
      Optional<List<Entry>> known = history.known(item.what, now);
      if (known.isPresent()) {
        answers.take(item.promise, known.get());
        return false;
      }
    } catch (InvalidEvent e) {
      answers.refuse(item.promise, e);
      return false;
    }
    List<Event> unknown = history.unknown(item.what, now);
    if (item.what.once()) {
      for (Event event : item.what.events()) {
        history
            .window()
            .newestWithId(event, Long.MIN_VALUE)
            .ifPresent(entry -> item.byId.put(DedupIndex.identity(event), entry));
      }
    }
    item.number = ++numbers;
    item.seen = history.cursor().offset();
    item.time = now;
    item.events = unknown;
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
  }

  /** The store may have what it was given, or not: it is to be given once more. */
  void failed() {
    for (int i = batch.size() - 1; i >= 0; i--) {
      Item item = batch.get(i);
      if (sent.containsKey(item.number)) { // and was not read back in the meantime
        item.again = true;
        item.encode(writer, eventsPerRecord);
        waiting.addFirst(item);
      }
    }
    batch = List.of();
  }

  /** A record was read back: the whole of its publication is there with the last of them. */
  void came(
      SharedRecord record,
      SharedHistory.Verdict verdict,
      List<Entry> entries,
      SharedHistory history,
      Answers answers) {
    Item item = record.writer() == writer ? sent.get(record.number()) : null;
    if (item == null) {
      return;
    }
    item.entries.addAll(entries);
    entries.forEach(entry -> item.byId.put(DedupIndex.identity(entry.event()), entry));
    if (!record.last()) {
      return;
    }
    if (verdict == SharedHistory.Verdict.STALE && item.answer == null) {
      sent.remove(record.number());
      item.startAnew();
      waiting.remove(item);
      waiting.addFirst(item);
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
    } catch (InvalidEvent e) {
      sent.remove(item.number);
      waiting.remove(item);
      answers.refuse(item.promise, e);
    }
  }

  private void finish(Item item, Answers answers) {
    sent.remove(item.number);
    waiting.remove(item); // where it was about to be given once more
    answers.take(item.promise, item.answer);
  }

  /** Gives up what has waited too long. */
  void expire(long nanos, Throwable cause, Answers answers) {
    waiting.removeIf(
        item -> {
          boolean late = item.deadline - nanos <= 0;
          if (late) {
            sent.remove(item.number, item);
            answers.refuse(item.promise, item.late(cause));
          }
          return late;
        });
    sent.values()
        .removeIf(
            item -> {
              boolean late = item.deadline - nanos <= 0;
              if (late) {
                answers.refuse(item.promise, item.late(cause));
              }
              return late;
            });
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
    }

    void encode(long writer, int eventsPerRecord) {
      var rest = new Publication(events, what.key(), what.once());
      records =
          SharedRecord.of(rest, writer, number, seen, time, again, eventsPerRecord).stream()
              .map(SharedRecord::encode)
              .toList();
    }

    void startAnew() {
      entries.clear();
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
                ? history.window().newestWithId(event, Long.MIN_VALUE).orElseThrow()
                : entry);
      }
      return answer;
    }

    /** The entries of the same publication, which somebody else was asked for too. */
    List<Entry> repeated(SharedHistory history) {
      List<Entry> known = history.window().withKey(what.key(), Long.MIN_VALUE);
      List<Entry> same = known.isEmpty() ? known : DedupIndex.checked(known, what);
      return same.isEmpty() ? taken(history) : same;
    }

    LogUnavailable late(Throwable cause) {
      String why = cause == null ? "" : ": " + cause.getMessage();
      return new LogUnavailable(
          records == null
              ? "the log can't be reached, and nothing was taken" + why
              : "the log does not answer, and may have taken it: publish again with the same "
                  + Publication.KEY
                  + why,
          cause);
    }
  }
}
