package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.log.Gap;
import io.tidings.log.StreamStart;
import io.tidings.wire.EventStreamParser;
import io.tidings.wire.SseFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubEventsTest {
  private static final StreamId ID = new StreamId(1, 2);
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final Position BEGIN = new Position(7, 40);
  private static final Gap GAP = new Gap(Gap.Reason.REMOVED, "old", "next");

  @Test
  void aStreamOpensWithItsFilterAndThePositionWhereItBegins() {
    EventStreamParser parser = parse(open(Filter.of("a", "b.*"), StreamStart.after(BEGIN)));
    var opening = parser.all("hub.open").get(0);
    assertEquals("{\"filter\":[\"a\",\"b.*\"],\"stream\":\"" + ID + "\"}", opening.data());
    assertEquals(BEGIN.toString(), opening.lastEventId());
    assertEquals(RETRY.toMillis(), parser.retry());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\"b", "a\\b", "\u00fc", "\u2028", "\ud83d\ude00", "a b", "~"})
  void aTopicIsEscapedAsJsonDemands(String topic) {
    String data =
        parse(open(Filter.of(topic), StreamStart.after(BEGIN))).all("hub.open").get(0).data();
    var expected =
        new JsonObject().put("filter", new JsonArray().add(topic)).put("stream", ID.toString());
    assertEquals(expected.encode(), data);
  }

  @Test
  void aStreamThatIsLessThanWhatWasAskedForSaysBoth() {
    Filter asked = Filter.of("**");
    Filter granted = Filter.of("a.**", "b");
    SseFrame opening =
        HubEvents.open(
            WireFormat.EVENT_STREAM,
            new HubEvents.Description(ID, asked, granted, Optional.of(Instant.EPOCH)),
            StreamStart.after(BEGIN),
            RETRY);
    assertEquals(
        new JsonObject()
            .put("filter", new JsonArray().add("a.**").add("b"))
            .put("asked", new JsonArray().add("**"))
            .put("stream", ID.toString())
            .put("expires", "1970-01-01T00:00:00Z"),
        new JsonObject(parse(opening).all("hub.open").get(0).data()));
  }

  @Test
  void aFilterThatWasOnlyReducedIsNotCut() {
    SseFrame opening =
        HubEvents.open(
            WireFormat.EVENT_STREAM,
            new HubEvents.Description(
                ID, Filter.of("a.**", "a.b"), Filter.of("a.**"), Optional.empty()),
            StreamStart.after(BEGIN),
            RETRY);
    assertEquals(
        new JsonObject().put("filter", new JsonArray().add("a.**")).put("stream", ID.toString()),
        new JsonObject(parse(opening).all("hub.open").get(0).data()));
  }

  @Test
  void aStreamWithAGapOpensWithTheIdBeforeTheLoss() {
    var start = new StreamStart(BEGIN, Optional.of(GAP));
    var opening = parse(open(Filter.of("a"), start)).all("hub.open").get(0);
    assertEquals("old", opening.lastEventId());
    assertEquals(gap(), new JsonObject(opening.data()).getJsonObject("gap"));
  }

  @Test
  void aGapAdvancesTheClientPastTheLoss() {
    var gap = parse(HubEvents.gap(WireFormat.EVENT_STREAM, GAP, BEGIN)).all("hub.gap").get(0);
    assertEquals(BEGIN.toString(), gap.lastEventId());
    assertEquals(gap(), new JsonObject(gap.data()));
  }

  @Test
  void theRightsAreToldWithoutAnId() {
    Instant end = Instant.ofEpochSecond(1_800_000_000);
    SseFrame told =
        HubEvents.auth(WireFormat.EVENT_STREAM, Optional.of(end), Optional.of(Filter.of("a")));
    assertEquals(
        "event: hub.auth\ndata: {\"expires\":\"2027-01-15T08:00:00Z\",\"filter\":[\"a\"]}\n\n",
        told.toString());
  }

  @Test
  void anEndHasItsReasonAndThePositionToResumeFrom() {
    assertEquals(
        "event: hub.end\ndata: {\"reason\":\"revoked\"}\nid: " + BEGIN + "\n\n",
        HubEvents.end(WireFormat.EVENT_STREAM, BEGIN, "revoked").toString());
  }

  @Test
  void patternsThatMakeTheLineTooLongAreCountedInsteadOfListed() {
    String[] patterns =
        IntStream.range(0, 30).mapToObj(i -> "x".repeat(98) + (10 + i)).toArray(String[]::new);
    var opening = parse(open(Filter.of(patterns), StreamStart.after(BEGIN))).all("hub.open").get(0);
    var json = new JsonObject(opening.data());
    JsonArray listed = json.getJsonArray("filter");
    assertEquals(20, listed.size());
    assertEquals(10, json.getInteger("omitted"));
  }

  private static JsonObject gap() {
    return new JsonObject().put("reason", "removed").put("after", "old").put("next", "next");
  }

  private static SseFrame open(Filter filter, StreamStart start) {
    return HubEvents.open(
        WireFormat.EVENT_STREAM,
        new HubEvents.Description(ID, filter, filter, Optional.empty()),
        start,
        RETRY);
  }

  private static EventStreamParser parse(SseFrame frame) {
    var parser = new EventStreamParser();
    parser.feed(frame.bytes());
    return parser;
  }
}
