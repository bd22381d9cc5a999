package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ResumeResolverTest {
  private static final long EPOCH = 7;
  private static final Position HEAD = new Position(EPOCH, 20);
  private static final Position BEGIN = new Position(EPOCH, 10);

  private final Lookups log = new Lookups();

  @Test
  void liveBeginsAtTheHeadAndEarliestAtTheOldestEntry() {
    assertEquals(StreamStart.after(HEAD), find(new ResumeRequest.Live()));
    assertEquals(StreamStart.after(BEGIN), find(new ResumeRequest.Earliest()));
  }

  @Test
  void latestBeginsBeforeTheNewestEntryOfTheFilter() {
    log.found = ResumePoint.at(HEAD.at(14));
    assertEquals(StreamStart.after(HEAD.at(14)), find(new ResumeRequest.Latest()));
  }

  @Test
  void anAgeIsRelativeToNow() {
    log.found = ResumePoint.oldest(Gap.Reason.REMOVED);
    assertEquals(
        gap(BEGIN, Gap.Reason.REMOVED, null),
        find(new ResumeRequest.Since(Duration.ofMillis(300))));
    assertEquals(700, log.since);
  }

  @Test
  void aPositionOfTheLogIsChecked() {
    log.found = ResumePoint.gap(HEAD.at(15), Gap.Reason.LOST);
    String id = HEAD.at(12).toString();
    assertEquals(gap(HEAD.at(15), Gap.Reason.LOST, id), find(new ResumeRequest.After(id)));
    assertEquals(HEAD.at(12), log.checked);
  }

  @Test
  void aPublishersIdIsLookedUp() {
    log.offset = OptionalLong.of(13);
    assertEquals(StreamStart.after(HEAD.at(13)), find(new ResumeRequest.After("own")));
    String formed = new Position(8, 13).toString();
    assertEquals(StreamStart.after(HEAD.at(13)), find(new ResumeRequest.After(formed)));
  }

  @Test
  void aMissingIdIsUnknownOrOfAnotherEpoch() {
    assertEquals(gap(BEGIN, Gap.Reason.UNKNOWN, "own"), find(new ResumeRequest.After("own")));
    String formed = new Position(8, 13).toString();
    assertEquals(gap(BEGIN, Gap.Reason.EPOCH, formed), find(new ResumeRequest.After(formed)));
  }

  @Test
  void aGapAtTheHeadHasNoNextEntry() {
    log.found = ResumePoint.gap(HEAD, Gap.Reason.LOST);
    var gap = new Gap(Gap.Reason.LOST, HEAD.toString(), null);
    assertEquals(
        new StreamStart(HEAD, Optional.of(gap)), find(new ResumeRequest.After(HEAD.toString())));
  }

  private StreamStart find(ResumeRequest resume) {
    return new ResumeResolver(log)
        .find(resume, Selection.EVERYTHING, Selection.EVERYTHING, 1_000)
        .result();
  }

  private static StreamStart gap(Position after, Gap.Reason reason, String asked) {
    return new StreamStart(after, Optional.of(new Gap(reason, asked, "next " + after.offset())));
  }

  private static final class Lookups implements ResumeLookups {
    private ResumePoint found;
    private OptionalLong offset = OptionalLong.empty();
    private long since;
    private Position checked;

    @Override
    public Bounds bounds() {
      return new Bounds(BEGIN.offset(), HEAD);
    }

    @Override
    public Future<ResumePoint> beforeNewest(Selection filter) {
      return Future.succeededFuture(found);
    }

    @Override
    public Future<ResumePoint> since(long time) {
      since = time;
      return Future.succeededFuture(found);
    }

    @Override
    public boolean owns(Position id) {
      return id.epoch() == EPOCH;
    }

    @Override
    public Future<ResumePoint> check(Position asked) {
      checked = asked;
      return Future.succeededFuture(found);
    }

    @Override
    public Future<OptionalLong> offsetOf(String id, Selection filter, Selection readable) {
      return Future.succeededFuture(offset);
    }

    @Override
    public Future<String> idAfter(Position position, Selection readable) {
      return Future.succeededFuture("next " + position.offset());
    }
  }
}
