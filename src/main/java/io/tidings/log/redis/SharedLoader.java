package io.tidings.log.redis;

import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads all that the store of a shared log has, up to a record of this hub's own, after which all
 * is known. Any thread; an attempt that fails leaves nothing behind but that record.
 */
final class SharedLoader {
  private static final System.Logger LOG = System.getLogger(SharedLoader.class.getName());
  private static final int RECORDS_A_READ = 1_000;

  private final RecordStore store;
  private final Supplier<SharedRecord> nothing;
  private final HistoryFactory histories;

  /** Makes an empty history. */
  interface HistoryFactory {
    /** As the constructor of {@link SharedHistory}. */
    SharedHistory history(long epoch, long begin, boolean whole);
  }

  /**
   * @param nothing makes a record of this hub's that says nothing
   */
  SharedLoader(RecordStore store, Supplier<SharedRecord> nothing, HistoryFactory histories) {
    this.store = store;
    this.nothing = nothing;
    this.histories = histories;
  }

  /** What a store has. */
  Future<Loaded> load(long epoch) {
    SharedRecord own = nothing.get();
    return store.add(List.of(own.encode())).compose(added -> read(0, own, epoch, null));
  }

  private Future<Loaded> read(long from, SharedRecord own, long epoch, Loaded before) {
    return store
        .read(from, RECORDS_A_READ)
        .compose(
            slice -> {
              if (slice.records().isEmpty()) {
                return Future.failedFuture(new LogUnavailable("the log lost what it took", null));
              }
              long first = slice.records().get(0).offset();
              Loaded loaded =
                  before != null && slice.whole()
                      ? before
                      : new Loaded(
                          histories.history(epoch, first - 1, slice.whole()), new ArrayList<>());
              boolean found = false;
              for (RecordStore.Stored stored : slice.records()) {
                found |= loaded.take(stored, own);
              }
              long next = loaded.history.cursor().offset() + store.eventsPerRecord();
              return found ? Future.succeededFuture(loaded) : read(next, own, epoch, loaded);
            });
  }

  /** The record; nothing where it is none of this version's, by which nobody is held up. */
  static Optional<SharedRecord> decoded(RecordStore.Stored stored) {
    try {
      return Optional.of(SharedRecord.decode(stored.bytes()));
    } catch (IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.WARNING, "a record of the log is passed over: " + e.getMessage(), e);
      return Optional.empty();
    }
  }

  /** A record was read, and this became of it. */
  record Came(SharedRecord record, SharedHistory.Verdict verdict, List<Entry> entries) {}

  /**
   * What was read from the store at once.
   *
   * @param own what became of records that this hub wrote
   */
  record Loaded(SharedHistory history, List<Came> own) {
    /** Whether that was the record up to which is read. */
    private boolean take(RecordStore.Stored stored, SharedRecord last) {
      Optional<SharedRecord> decoded = decoded(stored);
      if (decoded.isEmpty()) {
        history.pass(stored);
        return false;
      }
      SharedRecord record = decoded.get();
      var entries = new ArrayList<Entry>();
      SharedHistory.Verdict verdict = history.take(stored, record, entries);
      if (record.writer() == last.writer()) {
        own.add(new Came(record, verdict, entries));
      }
      boolean found = record.identity().equals(last.identity());
      if (found) {
        history.beginAt(stored, record);
      }
      return found;
    }

    /**
     * The entries that come after the offset.
     *
     * @param before in which epoch the log was; where it goes on in another and has nothing new,
     *     the newest entry is there, by which those who follow see that
     */
    List<Entry> freshAfter(long offset, long before) {
      List<Entry> all = history.window().all();
      int from = all.size();
      while (from > 0 && all.get(from - 1).offset() > offset) {
        from--;
      }
      boolean newest = from == all.size() && from > 0 && before != history.epoch();
      return all.subList(newest ? from - 1 : from, all.size());
    }
  }
}
