package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Position;
import io.tidings.event.Resume;
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
  void liveIsTheEndAndEarliestTheBeginning() {
    assertEquals(Start.after(HEAD), find(new Resume.Live()));
    assertEquals(Start.after(BEGIN), find(new Resume.Earliest()));
  }

  @Test
  void latestIsBeforeTheNewestOfTheSelection() {
    log.found = ResumePoint.at(HEAD.at(14));
    assertEquals(Start.after(HEAD.at(14)), find(new Resume.Latest()));
  }

  @Test
  void anAgeIsTakenFromNow() {
    log.found = ResumePoint.oldest(Gap.Reason.FORGOTTEN);
    assertEquals(
        gap(BEGIN, Gap.Reason.FORGOTTEN, null), find(new Resume.Since(Duration.ofMillis(300))));
    assertEquals(700, log.since);
  }

  @Test
  void aPositionOfTheLogIsChecked() {
    log.found = ResumePoint.gap(HEAD.at(15), Gap.Reason.LOST);
    String id = HEAD.at(12).toString();
    assertEquals(gap(HEAD.at(15), Gap.Reason.LOST, id), find(new Resume.After(id)));
    assertEquals(HEAD.at(12), log.checked);
  }

  @Test
  void aPublishersIdIsLookedUp() {
    log.offset = OptionalLong.of(13);
    assertEquals(Start.after(HEAD.at(13)), find(new Resume.After("own")));
    String formed = new Position(8, 13).toString();
    assertEquals(Start.after(HEAD.at(13)), find(new Resume.After(formed)));
  }

  @Test
  void anIdThatIsNotThereIsUnknownOrOfAnotherLog() {
    assertEquals(gap(BEGIN, Gap.Reason.UNKNOWN, "own"), find(new Resume.After("own")));
    String formed = new Position(8, 13).toString();
    assertEquals(gap(BEGIN, Gap.Reason.EPOCH, formed), find(new Resume.After(formed)));
  }

  @Test
  void aGapAtTheEndHasNoNextEntry() {
    log.found = ResumePoint.gap(HEAD, Gap.Reason.LOST);
    var gap = new Gap(Gap.Reason.LOST, HEAD.toString(), null);
    assertEquals(new Start(HEAD, Optional.of(gap)), find(new Resume.After(HEAD.toString())));
  }

  private Start find(Resume resume) {
    return new ResumeResolver(log).find(resume, Selection.EVERYTHING, 1_000).result();
  }

  private static Start gap(Position after, Gap.Reason reason, String asked) {
    return new Start(after, Optional.of(new Gap(reason, asked, "next " + after.offset())));
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
    public Future<ResumePoint> beforeNewest(Selection what) {
      return Future.succeededFuture(found);
    }

    @Override
    public Future<ResumePoint> since(long time) {
      since = time;
      return Future.succeededFuture(found);
    }

    @Override
    public boolean makes(Position id) {
      return id.epoch() == EPOCH;
    }

    @Override
    public Future<ResumePoint> check(Position asked) {
      checked = asked;
      return Future.succeededFuture(found);
    }

    @Override
    public Future<OptionalLong> offsetOf(String id, Selection what) {
      return Future.succeededFuture(offset);
    }

    @Override
    public Future<String> idAfter(Position position) {
      return Future.succeededFuture("next " + position.offset());
    }
  }
}
