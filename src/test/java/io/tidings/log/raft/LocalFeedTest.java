package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.EpochAncestors;
import io.tidings.log.Journal;
import io.tidings.log.LocalLog;
import io.tidings.log.Retention;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LocalFeedTest {
  private final List<Long> received = new ArrayList<>();
  private boolean diskFails;
  private final LocalFeed feed = new LocalFeed((epoch, trustedUpTo) -> newLog(epoch));

  private LocalLog newLog(long epoch) throws IOException {
    if (diskFails) {
      throw new IOException("input/output error");
    }
    return LocalLog.inMemory(epoch, Retention.of(Settings.of(Map.of()).log().keep()));
  }

  private static void append(LocalLog log, ReplicatedState state, String... data) throws Exception {
    List<Event> events = Arrays.stream(data).map(one -> Event.of("a", one)).toList();
    log.append(state.apply(1, new Command.Publish(1, List.of(Publication.of(events)))).records());
  }

  /** A run of the engine that lost what was not forced applies the same commands again. */
  @Test
  void followersReceiveEachEntryOnceThoughTheNextRunAppliesItAgain() throws Exception {
    feed.follow(entries -> entries.forEach(entry -> received.add(entry.offset())));
    append(feed.open(7, 0), ReplicatedState.empty(7, 0, 0), "1", "2");
    LocalLog again = feed.open(7, 0);
    ReplicatedState state = ReplicatedState.empty(7, 0, 0);
    append(again, state, "1");
    append(again, state, "2", "3");
    assertEquals(List.of(1L, 2L, 3L), received);
    assertSame(again, feed.log().orElseThrow());
  }

  @Test
  void aLogThatCannotBeOpenedLeavesThePreviousOneForReading() throws Exception {
    assertTrue(feed.log().isEmpty());
    LocalLog first = feed.open(7, 0);
    diskFails = true;
    assertThrows(IOException.class, () -> feed.open(7, 0));
    assertSame(first, feed.log().orElseThrow());
  }

  /** Of a log that was fetched, the newest entry is read before the log is used. */
  @Test
  void aFetchedLogThatCannotBeReadIsClosedAndOpenedAgain() throws Exception {
    var opened = new ArrayList<String>();
    var fetching = new LocalFeed((epoch, trustedUpTo) -> unreadable(epoch, trustedUpTo, opened));
    LocalLog first = fetching.open(7, 0);
    assertThrows(IOException.class, () -> fetching.open(7, 5));
    assertThrows(IOException.class, () -> fetching.open(7, 5));
    assertEquals(List.of("closed 6", "closed 6"), opened);
    assertSame(first, fetching.log().orElseThrow());
  }

  /** A log on a disk that can't be read. */
  private static LocalLog unreadable(long epoch, long last, List<String> closed) {
    var journal =
        (Journal)
            Proxy.newProxyInstance(
                Journal.class.getClassLoader(),
                new Class<?>[] {Journal.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "extent" ->
                          Optional.of(new Journal.Extent(0, Long.MIN_VALUE, List.of()));
                      case "read" -> Future.failedFuture(new IOException("input/output error"));
                      case "close" -> closed.add("closed " + arguments[0]) ? null : null;
                      default -> throw new IllegalStateException(method.getName());
                    });
    return new LocalLog(
        epoch,
        EpochAncestors.NONE,
        journal,
        new LocalLog.End(last, 0, last + 1),
        Retention.of(Settings.of(Map.of()).log().keep()));
  }
}
