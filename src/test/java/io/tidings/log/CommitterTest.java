package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The results of publications while the journal fails; the test runs the committer's cycles. */
class CommitterTest {
  private static final Selection ALL = Selection.all("**");
  private static final Retention UNLIMITED = new Retention(0, Duration.ZERO, 0);

  private final FailingJournal journal = new FailingJournal();
  private final LocalLog log =
      new LocalLog(7, EpochAncestors.NONE, journal, LocalLog.End.EMPTY, UNLIMITED);
  private final SteppedLog stepped =
      new SteppedLog(
          new StandaloneLog.Opened(
              log,
              OffsetReservation.NONE,
              Long.MIN_VALUE,
              Optional.empty(),
              LocalRecords.inMemory(new ManualClock().cautious()),
              ""),
          Duration.ofMinutes(10),
          new ManualClock());

  /** Stores nothing and fails on command. */
  private static final class FailingJournal implements Journal {
    private final Journal nothing = new NoJournal();
    private boolean appendFails;
    private boolean rollBackFails;
    private boolean probeFails;
    private Runnable whileAppending = () -> {};
    private Runnable whileRetaining = () -> {};

    @Override
    public void append(List<LogRecord> records) throws IOException {
      whileAppending.run();
      if (appendFails) {
        throw new IOException("broken");
      }
    }

    @Override
    public void rollBack(long next) throws IOException {
      if (rollBackFails) {
        throw new IOException("still broken");
      }
    }

    @Override
    public void probe(long next) throws IOException {
      if (probeFails) {
        throw new IOException("still broken");
      }
    }

    @Override
    public void force() throws IOException {
      nothing.force();
    }

    @Override
    public Optional<IOException> forceFailure() {
      return nothing.forceFailure();
    }

    @Override
    public void applyRetention(long now) throws IOException {
      whileRetaining.run();
      nothing.applyRetention(now);
    }

    @Override
    public void expireNewest(long now, long next) throws IOException {
      nothing.expireNewest(now, next);
    }

    @Override
    public Optional<Extent> extent() {
      return nothing.extent();
    }

    @Override
    public <T> Future<T> read(Query<T> query) {
      return nothing.read(query);
    }

    @Override
    public <T> T readBlocking(Query<T> query) throws IOException {
      return nothing.readBlocking(query);
    }

    @Override
    public Optional<LogSize> size() {
      return nothing.size();
    }

    @Override
    public void close(long next) throws IOException {
      nothing.close(next);
    }
  }

  private Future<List<Entry>> publish(String data) {
    return stepped.append(Publication.of(List.of(Event.of("a", data))));
  }

  @Test
  void aFailedPublicationIsRefusedOnlyAfterItsRecordsAreRolledBack() throws Exception {
    journal.appendFails = true;
    journal.rollBackFails = true;
    Future<List<Entry>> result = publish("1");
    stepped.step();
    assertFalse(result.isComplete());
    assertFalse(stepped.writable());
    journal.rollBackFails = false;
    stepped.step();
    assertInstanceOf(LogUnavailable.class, result.cause());
    assertFalse(result.cause() instanceof OutcomeUnknown);
    assertTrue(result.cause().getMessage().contains("nothing was stored"));
  }

  @Test
  void aFailedAppendThatCanNotBeRolledBackInTimeHasAnUnknownOutcome() throws Exception {
    journal.appendFails = true;
    journal.rollBackFails = true;
    Future<List<Entry>> result = publish("1");
    stepped.step();
    stepped.losePatience();
    assertInstanceOf(OutcomeUnknown.class, result.cause());
  }

  @Test
  void offsetsOfAFailedAppendAreNotAssignedAgain() throws Exception {
    journal.appendFails = true;
    publish("1");
    stepped.step();
    journal.appendFails = false;
    stepped.step();
    Future<List<Entry>> result = publish("2");
    stepped.step();
    assertEquals(2, result.result().get(0).offset());
    assertEquals(0, result.result().get(0).previous());
  }

  @Test
  void whileTheLogCantBeWrittenPublicationsAreRefusedAtOnce() throws Exception {
    journal.appendFails = true;
    journal.probeFails = true;
    publish("1");
    stepped.step();
    Future<List<Entry>> refused = publish("2");
    assertInstanceOf(LogUnavailable.class, refused.cause());
    journal.appendFails = false;
    journal.probeFails = false;
    stepped.step();
    assertTrue(stepped.writable());
    Future<List<Entry>> appended = publish("3");
    stepped.step();
    assertEquals("3", appended.result().get(0).event().data());
  }

  @Test
  void aDiskThatHangsMakesTheLogReadOnlyAndWaitingPublicationsExpire() throws Exception {
    Future<List<Entry>> hanging = publish("1");
    var results = new ArrayList<Future<List<Entry>>>();
    journal.whileAppending =
        () -> {
          Future<List<Entry>> queued = publish("2");
          stepped.losePatience();
          results.add(queued);
          results.add(publish("3"));
        };
    stepped.step();
    assertInstanceOf(OutcomeUnknown.class, hanging.cause());
    assertFalse(results.get(0).cause() instanceof OutcomeUnknown);
    assertInstanceOf(LogUnavailable.class, results.get(0).cause());
    assertInstanceOf(LogUnavailable.class, results.get(1).cause());
    journal.whileAppending = () -> {};
    stepped.step();
    Future<List<Entry>> after = publish("4");
    stepped.step();
    assertTrue(after.succeeded());
    List<Entry> entries = stepped.after(stepped.bounds().begin(), ALL, 10_000).result().entries();
    assertEquals(List.of("1", "4"), entries.stream().map(e -> e.event().data()).toList());
  }

  @Test
  void aDiskThatHangsWhileNothingIsPublishedMakesTheLogReadOnlyToo() throws Exception {
    var refused = new ArrayList<Future<List<Entry>>>();
    journal.whileRetaining =
        () -> {
          stepped.losePatience();
          refused.add(publish("1"));
        };
    stepped.step();
    assertInstanceOf(LogUnavailable.class, refused.get(0).cause());
    journal.whileRetaining = () -> {};
    stepped.step();
    Future<List<Entry>> appended = publish("2");
    stepped.step();
    assertTrue(appended.succeeded());
  }

  @Test
  void anErrorInTheJournalFailsOnlyItsGroup() throws Exception {
    journal.whileAppending =
        () -> {
          throw new InternalError("a fault occurred in an unsafe memory access operation");
        };
    Future<List<Entry>> failed = publish("1");
    stepped.step();
    assertInstanceOf(LogUnavailable.class, failed.cause());
    journal.whileAppending = () -> {};
    stepped.step();
    Future<List<Entry>> appended = publish("2");
    stepped.step();
    assertTrue(appended.succeeded());
  }

  @Test
  void aFollowerThatThrowsFailsNoAppend() throws Exception {
    var followed = new ArrayList<Entry>();
    log.follow(
        entries -> {
          throw new AssertionError("a follower's bug");
        });
    log.follow(followed::addAll);
    Future<List<Entry>> appended = publish("1");
    stepped.step();
    assertTrue(appended.succeeded());
    assertEquals(appended.result(), followed);
  }
}
