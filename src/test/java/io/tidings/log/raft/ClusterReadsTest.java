package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Entry;
import io.tidings.log.Gap;
import io.tidings.log.LocalLog;
import io.tidings.log.LogRecord;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterReadsTest {
  private static final long EPOCH = 7;

  private static LocalLog log(int entries) throws IOException {
    LocalLog log = LocalLog.inMemory(EPOCH, new Retention(1 << 20, Duration.ZERO, 0));
    for (int offset = 1; offset <= entries; offset++) {
      var entry = Entry.of(new Position(EPOCH, offset), offset - 1, 0, Event.of("a", "x"));
      log.append(List.of(LogRecord.of(entry, 0, "", "")));
    }
    return log;
  }

  /** The engine is started again whenever it has caught up: then the copy ends at entry 3. */
  private static ClusterReads restarting(boolean isolated) throws IOException {
    LocalLog cut = log(3);
    LocalLog level = log(9);
    return new ClusterReads(() -> cut, () -> Future.succeededFuture(level), () -> isolated);
  }

  private static StreamStart find(ClusterReads reads, String id) {
    var resume = new ResumeRequest.After(id);
    return reads.find(resume, Filter.EVERYTHING, Filter.EVERYTHING, 0).result();
  }

  @Test
  void aPositionIsFoundInTheCopyThatHasCaughtUp() throws Exception {
    var position = new Position(EPOCH, 8);
    StreamStart start = find(restarting(false), position.toString());
    assertTrue(start.gap().isEmpty(), start::toString);
    assertEquals(position, start.after());
  }

  @Test
  void aPageAfterAPositionAheadIsReadFromTheCopyThatHasCaughtUp() throws Exception {
    Page page = restarting(false).after(new Position(EPOCH, 8), Filter.EVERYTHING, 1_000).result();
    assertTrue(page.gap().isEmpty());
    assertEquals(List.of(9L), page.entries().stream().map(Entry::offset).toList());
  }

  @Test
  void anIsolatedNodeAnswersForAPublishersIdButNotForAPosition() throws Exception {
    StreamStart start = find(restarting(true), "nobody's");
    assertEquals(Gap.Reason.UNKNOWN, start.gap().orElseThrow().reason());
    assertTrue(find(restarting(true), new Position(EPOCH, 8).toString()).gap().isEmpty());
  }
}
