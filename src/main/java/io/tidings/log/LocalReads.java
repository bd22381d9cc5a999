package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Reads and resume lookups in the log of one process: in the window if it has the entries,
 * otherwise in the journal. Thread-safe; a read never waits for the disk on the calling thread.
 */
final class LocalReads implements ResumeLookups {
  private final long epoch;
  private final EpochAncestors ancestors;
  private final Journal journal;
  private final Window window;
  private final LongSupplier next;
  private final ResumeResolver resolver = new ResumeResolver(this);

  /**
   * @param ancestors the earlier epochs of the log
   * @param next the lowest offset that was never assigned to a record that is in the log, or was
   *     refused or lost
   */
  LocalReads(
      long epoch, EpochAncestors ancestors, Journal journal, Window window, LongSupplier next) {
    this.epoch = epoch;
    this.ancestors = ancestors;
    this.journal = journal;
    this.window = window;
    this.next = next;
  }

  /** Whether the window has all entries, since the journal stores nothing. */
  boolean windowHasAll() {
    return journal.extent().isEmpty();
  }

  @Override
  public Bounds bounds() {
    Bounds inMemory = window.bounds();
    long start = journal.extent().map(Journal.Extent::start).orElse(inMemory.start());
    Position head = inMemory.head();
    return new Bounds(start, head.offset() < start ? head.at(start) : head);
  }

  // ---- resuming

  /**
   * As {@link EventLog#find}.
   *
   * @param now the time, in milliseconds since 1970
   */
  Future<StreamStart> find(
      ResumeRequest resume, Selection selection, Selection readable, long now) {
    return resolver.find(resume, selection, readable, now);
  }

  @Override
  public Future<ResumePoint> beforeNewest(Selection selection) {
    Bounds bounds = bounds();
    Optional<Entry> inMemory =
        window.newestOf(selection).filter(entry -> entry.previous() >= bounds.start());
    if (inMemory.isPresent() || windowHasAll()) {
      return Future.succeededFuture(before(inMemory, bounds));
    }
    return journal.read(reader -> before(reader.newestOf(selection), bounds));
  }

  private static ResumePoint before(Optional<Entry> entry, Bounds bounds) {
    return ResumePoint.at(
        entry.map(found -> bounds.head().at(found.previous())).orElse(bounds.head()));
  }

  @Override
  public Future<ResumePoint> since(long time) {
    Position head = bounds().head();
    if (evictedSince(journal.extent(), time)) {
      return Future.succeededFuture(ResumePoint.oldest(Gap.Reason.REMOVED));
    } else if (windowHasAll() || !window.hasEvictedSince(time)) {
      return Future.succeededFuture(ResumePoint.at(head.at(window.offsetBefore(time))));
    }
    return journal.read(
        reader ->
            evictedSince(Optional.of(reader.extent()), time)
                ? ResumePoint.oldest(Gap.Reason.REMOVED)
                : ResumePoint.at(head.at(reader.before(time))));
  }

  private boolean evictedSince(Optional<Journal.Extent> extent, long time) {
    return extent
        .map(contents -> contents.evictedTime() >= time)
        .orElseGet(() -> window.hasEvictedSince(time));
  }

  @Override
  public boolean owns(Position id) {
    return id.epoch() == epoch || ancestors.has(id);
  }

  @Override
  public Future<ResumePoint> check(Position position) {
    return Future.succeededFuture(check(position, journal.extent()));
  }

  @Override
  public Future<OptionalLong> offsetOf(String id, Selection selection, Selection readable) {
    if (windowHasAll()) {
      return Future.succeededFuture(window.offsetOf(id, selection, readable));
    }
    // the journal decides even if the window has the id: the id may have been used before, and a
    // client that resumes from that use would miss the entries in between
    return journal.read(
        reader ->
            reader
                .withId(id, selection, readable)
                .map(entry -> OptionalLong.of(entry.offset()))
                .orElseGet(OptionalLong::empty));
  }

  @Override
  public Future<String> idAfter(Position position, Selection readable) {
    return after(position, Selection.EVERYTHING, 1).map(page -> page.firstId(readable));
  }

  /** Where a stream resumes that has received everything up to the position, and with which gap. */
  private ResumePoint check(Position position, Optional<Journal.Extent> extent) {
    // read before the bounds, which then include everything below it: only an offset that was
    // skipped
    // can be between them
    long unassigned = next.getAsLong();
    Bounds bounds = bounds();
    long offset = position.offset();
    if (position.epoch() != epoch) {
      OptionalLong common = ancestors.common(position.epoch());
      if (common.isEmpty()) {
        return ResumePoint.oldest(Gap.Reason.EPOCH);
      } else if (offset > common.getAsLong()) {
        // entries of an earlier epoch beyond the common part are not in this log
        var after = new Position(epoch, Math.max(common.getAsLong(), bounds.start()));
        return ResumePoint.gap(after, Gap.Reason.EPOCH);
      }
    }
    long start = extent.map(Journal.Extent::start).orElse(bounds.start());
    if (offset < start) {
      return ResumePoint.gap(new Position(epoch, start), Gap.Reason.REMOVED);
    } else if (offset > bounds.newest()) {
      return offset < unassigned
          ? ResumePoint.gap(bounds.head(), Gap.Reason.LOST)
          : ResumePoint.oldest(Gap.Reason.UNKNOWN);
    }
    for (SequenceGap gap : extent.map(Journal.Extent::gaps).orElse(List.of())) {
      if (gap.missedBy(offset)) {
        var after = new Position(epoch, Math.max(offset, gap.previous()));
        return ResumePoint.gap(after, Gap.Reason.LOST);
      }
    }
    return ResumePoint.at(new Position(epoch, offset));
  }

  // ---- pages

  /** As {@link EventLog#after}. */
  Future<Page> after(Position position, Selection selection, int maxBytes) {
    StreamStart start = start(position, journal.extent());
    if (start.gap().isEmpty() || windowHasAll()) {
      Optional<Page> page = readWindow(start, selection, maxBytes);
      if (page.isPresent()) {
        return Future.succeededFuture(page.get());
      } else if (windowHasAll()) { // the next entries were evicted meanwhile
        return after(position, selection, maxBytes);
      }
    }
    long memoryFrom = window.bounds().start();
    return journal.read(
        reader -> {
          StreamStart from = start(position, Optional.of(reader.extent()));
          Page page = reader.after(from.after(), selection, maxBytes, memoryFrom);
          if (page.entries().isEmpty() && page.end().offset() == from.after().offset()) {
            // the read may have discovered a loss that begins here
            from = start(position, journal.extent());
            page = reader.after(from.after(), selection, maxBytes, memoryFrom);
          }
          if (from.gap().isEmpty()) {
            return page;
          }
          String id = reader.idAfter(epoch, from.after().offset(), selection);
          return new Page(page.entries(), page.end(), from.resumingAt(id).gap());
        });
  }

  private StreamStart start(Position position, Optional<Journal.Extent> extent) {
    return check(position, extent).start(position.toString(), bounds());
  }

  private Optional<Page> readWindow(StreamStart start, Selection selection, int maxBytes) {
    return window
        .page(start.after().offset(), selection, maxBytes)
        .map(
            page -> {
              String id =
                  start.gap().isEmpty() ? null : window.idAfter(start.after().offset(), selection);
              return new Page(page.entries(), page.end(), start.resumingAt(id).gap());
            });
  }
}
