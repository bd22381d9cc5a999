package io.tidings.log.redis;

import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads the whole store of a shared log, up to a record that it appends itself to know the end. Any
 * thread. An attempt that fails leaves nothing behind but that record.
 */
final class SharedLoader {
  private static final System.Logger LOG = System.getLogger(SharedLoader.class.getName());
  private static final int RECORDS_PER_READ = 1_000;

  private final RecordStore store;
  private final Supplier<SharedRecord> emptyRecords;
  private final HistoryFactory histories;

  /** Creates an empty history. */
  interface HistoryFactory {
    /** As the constructor of {@link SharedHistory}. */
    SharedHistory history(long epoch, long begin, boolean whole);
  }

  /**
   * @param emptyRecords makes a record of this hub without events
   */
  SharedLoader(RecordStore store, Supplier<SharedRecord> emptyRecords, HistoryFactory histories) {
    this.store = store;
    this.emptyRecords = emptyRecords;
    this.histories = histories;
  }

  /** Reads the store into a history of the given epoch. */
  Future<Loaded> load(long epoch) {
    SharedRecord end = emptyRecords.get();
    return store.add(List.of(end.encode())).compose(added -> read(0, end, epoch, null));
  }

  private Future<Loaded> read(long from, SharedRecord end, long epoch, Loaded before) {
    return store
        .read(from, RECORDS_PER_READ)
        .compose(
            slice -> {
              if (slice.records().isEmpty()) {
                return Future.failedFuture(
                    new LogUnavailable("the store lost a record while it was read", null));
              }
              long first = slice.records().get(0).offset();
              Loaded loaded =
                  before != null && slice.whole()
                      ? before
                      : new Loaded(
                          histories.history(epoch, first - 1, slice.whole()), new ArrayList<>());
              boolean ended = false;
              for (RecordStore.Stored stored : slice.records()) {
                ended |= loaded.apply(stored, end);
              }
              long next = loaded.history.cursor().offset() + 1;
              return ended ? Future.succeededFuture(loaded) : read(next, end, epoch, loaded);
            });
  }

  /** Decodes a record; empty, and logged, if it is not of this version's format. */
  static Optional<SharedRecord> decode(RecordStore.Stored stored) {
    try {
      return Optional.of(SharedRecord.decode(stored.bytes()));
    } catch (IllegalArgumentException e) {
      LOG.log(System.Logger.Level.WARNING, "a record of the log is skipped: " + e.getMessage(), e);
      return Optional.empty();
    }
  }

  /** A record that this hub wrote, the verdict on it, and its entries. */
  record ReadBack(SharedRecord record, SharedHistory.Verdict verdict, List<Entry> entries) {}

  /**
   * The content of the store.
   *
   * @param own the records that this hub wrote
   */
  record Loaded(SharedHistory history, List<ReadBack> own) {
    /** Applies a record; true if it is the one at which reading ends. */
    private boolean apply(RecordStore.Stored stored, SharedRecord end) {
      Optional<SharedRecord> decoded = decode(stored);
      if (decoded.isEmpty()) {
        history.skip(stored);
        return false;
      }
      SharedRecord record = decoded.get();
      var entries = new ArrayList<Entry>();
      SharedHistory.Verdict verdict = history.apply(stored, record, entries);
      if (record.writer() == end.writer()) {
        own.add(new ReadBack(record, verdict, entries));
      }
      boolean ended = record.identity().equals(end.identity());
      if (ended) {
        history.startAt(stored, record);
      }
      return ended;
    }

    /**
     * The entries after the offset, which followers have not received.
     *
     * @param previousEpoch if the epoch has changed and there are none, the newest entry is
     *     returned: followers learn of the change by it
     */
    List<Entry> entriesAfter(long offset, long previousEpoch) {
      List<Entry> all = history.window().all();
      int from = all.size();
      while (from > 0 && all.get(from - 1).offset() > offset) {
        from--;
      }
      boolean newest = from == all.size() && from > 0 && previousEpoch != history.epoch();
      return all.subList(newest ? from - 1 : from, all.size());
    }
  }
}
