package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Principal;
import io.tidings.cluster.AllNodes.Answer;
import io.tidings.cluster.AllNodes.Answers;
import io.tidings.fanout.StreamHandle;
import io.tidings.fanout.StreamInfo;
import io.tidings.fanout.StreamPage;
import io.tidings.metrics.Door;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamPagesTest {
  private static StreamHandle handle(int order) {
    return new StreamHandle((long) order << 56, 0);
  }

  private static StreamInfo info(int order, String topic) {
    return new StreamInfo(
        handle(order),
        Principal.UNKNOWN,
        "127.0.0.1:1",
        List.of(topic),
        0,
        Door.STREAM,
        Instant.EPOCH,
        0,
        0);
  }

  private static Answer node(String name, boolean more, int... orders) {
    var streams = new JsonArray();
    for (int order : orders) {
      streams.add(info(order, "a").json());
    }
    return new Answer(name, new JsonObject().put("streams", streams).put("more", more));
  }

  private static List<Integer> orders(JsonObject page) {
    var orders = new ArrayList<Integer>();
    for (Object each : page.getJsonArray("streams")) {
      StreamHandle handle =
          StreamHandle.parse(((JsonObject) each).getString("handle")).orElseThrow();
      orders.add((int) (handle.high() >>> 56));
    }
    return orders;
  }

  private static JsonObject merge(int limit, Answer... nodes) {
    return StreamPages.merge(new Answers(List.of(nodes), List.of()), limit);
  }

  @Test
  void thePagesOfTheNodesAreMergedInOrder() {
    JsonObject page = merge(10, node("one", false, 1, 4, 200), node("two", false, 2, 3));
    assertEquals(List.of(1, 2, 3, 4, 200), orders(page));
    assertEquals("two", page.getJsonArray("streams").getJsonObject(1).getString("node"));
    assertFalse(page.containsKey("next"));
    assertEquals(new JsonArray(), page.getJsonArray("missing"));
  }

  @Test
  void thePageEndsAtTheLimit() {
    JsonObject page = merge(3, node("one", false, 1, 4), node("two", false, 2, 3));
    assertEquals(List.of(1, 2, 3), orders(page));
    assertEquals(handle(3).toString(), page.getString("next"));
  }

  @Test
  void thePageEndsWhereANodeHasMoreThanItSent() {
    JsonObject page = merge(10, node("one", true, 1, 3), node("two", false, 2, 4, 5));
    assertEquals(List.of(1, 2, 3), orders(page));
    assertEquals(handle(3).toString(), page.getString("next"));
  }

  @Test
  void theLastPageHasNoNext() {
    assertFalse(merge(2, node("one", false, 1, 2)).containsKey("next"));
    assertFalse(merge(2, node("one", false)).containsKey("next"));
    assertTrue(merge(2, node("one", true, 1, 2)).containsKey("next"));
  }

  @Test
  void missingNodesAreNamed() {
    JsonObject page =
        StreamPages.merge(new Answers(List.of(node("one", false, 1)), List.of("two", "three")), 10);
    assertEquals(List.of("two", "three"), page.getJsonArray("missing").getList());
  }

  @Test
  void anAnswerBetweenNodesIsCutWhereItBecomesTooLarge() {
    var streams = new ArrayList<StreamInfo>();
    for (int i = 0; i < 100; i++) {
      streams.add(info(i, "t".repeat(5_000)));
    }
    JsonObject answer = StreamPages.ofNode(new StreamPage(streams, false));
    assertTrue(answer.encode().length() < 100_000);
    assertTrue(answer.getBoolean("more"));
    assertEquals(17, answer.getJsonArray("streams").size());
    var huge = new StreamPage(List.of(info(1, "t".repeat(200_000)), info(2, "a")), false);
    assertEquals(1, StreamPages.ofNode(huge).getJsonArray("streams").size());
    assertFalse(
        StreamPages.ofNode(new StreamPage(streams.subList(0, 2), false)).getBoolean("more"));
  }
}
