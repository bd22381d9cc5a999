package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Several {@link Roamer}s that receive the events of a {@link Nodes.Load}. */
final class Roamers {
  private final List<Roamer> all = new ArrayList<>();

  /** They receive what is published with the prefix {@code load}. */
  Roamers(Nodes nodes, int count) {
    for (int i = 0; i < count; i++) {
      all.add(new Roamer(nodes, "topic=load.**", i));
    }
  }

  /**
   * Nothing that was acknowledged is missing or has another id, nothing comes twice, no gap is
   * told, and all receive the same order.
   *
   * @param acknowledged ids by data
   */
  void check(Map<String, String> acknowledged) throws Exception {
    for (Roamer roamer : all) {
      Wait.until(
          "everything was received",
          () -> new HashSet<>(roamer.data()).containsAll(acknowledged.keySet()));
    }
    for (Roamer roamer : all) {
      roamer.close();
    }
    for (Roamer roamer : all) {
      assertEquals(
          List.of(), roamer.data().stream().filter(one -> one.startsWith("hub.gap")).toList());
      List<String> data = events(roamer);
      assertEquals(new HashSet<>(data).size(), data.size(), "something twice");
      var ids = new HashMap<String, String>();
      roamer.received().forEach(one -> ids.put(one.data(), one.lastEventId()));
      acknowledged.forEach((one, id) -> assertEquals(id, ids.get(one), one));
      assertEquals(events(all.get(0)), data);
    }
  }

  /** Without what the hub says, such as that a node is isolated. */
  private static List<String> events(Roamer roamer) {
    return roamer.data().stream().filter(one -> !one.startsWith("hub.")).toList();
  }
}
