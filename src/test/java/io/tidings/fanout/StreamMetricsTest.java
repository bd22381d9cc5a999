package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.metrics.Metrics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Counts what real streams are sent. */
class StreamMetricsTest {
  private static final Filter ALL = Filter.of("**");
  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  @Test
  void deliveriesToDashboardsAndTicksOfTheClockAreCountedAsInternalToo() throws Exception {
    FakeOutlet client = loop.join(ALL);
    var dashboard = new FakeOutlet();
    var opened = new Subscriber[1];
    loop.run(
        () -> {
          opened[0] =
              loop.audiences()
                  .open(Principal.HUB, ALL)
                  .subscribe(
                      new Audiences.Delivered(WireFormat.EVENT_STREAM, Traffic.DASHBOARD),
                      dashboard,
                      () -> {});
          opened[0].begin(
              loop.log()
                  .find(new ResumeRequest.Live(), Selection.all(ALL), Selection.EVERYTHING)
                  .result());
        });
    loop.awaitIdle();
    assertEquals(1, loop.metrics().internalStreams());
    loop.publish("a", "1", "2");
    loop.publish("clock", "12:00");
    loop.receive();
    assertEquals(client.received(), dashboard.received());
    Metrics.Totals all = loop.metrics().totals();
    Metrics.Totals internal = loop.metrics().internalTotals();
    assertEquals(6, all.eventsOut());
    assertEquals(4, internal.eventsOut(), "three to the dashboard, and a tick to the client");
    assertTrue(internal.bytesOut() > all.bytesOut() / 2 && internal.bytesOut() < all.bytesOut());
    loop.run(() -> opened[0].end(CloseReason.CLIENT));
    assertEquals(0, loop.metrics().internalStreams());
  }

  @Test
  void pagesForLaggingStreamsAreCountedLikeDeliveries() throws Exception {
    loop.publish("a", "1");
    loop.publish("clock", "12:00");
    loop.receive();
    loop.join(ALL, new ResumeRequest.Earliest());
    assertEquals(2, loop.metrics().totals().eventsOut());
    assertEquals(1, loop.metrics().internalTotals().eventsOut());
  }

  @Test
  void aClosedStreamIsCountedByItsReason() throws Exception {
    Subscriber subscriber = loop.open(ALL, new FakeOutlet());
    loop.run(() -> subscriber.cut(CloseReason.STALLED));
    String line = "tidings_streams_closed_total{reason=\"stalled\"} 1.0";
    assertTrue(loop.metrics().text().lines().anyMatch(line::equals));
  }

  @Test
  void aGapIsCountedWhenItIsSent() throws Exception {
    loop.join(ALL, new ResumeRequest.After("no id of this log"));
    assertEquals(1, loop.metrics().totals().gaps());
  }
}
