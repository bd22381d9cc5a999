package io.tidings;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Hubs that are no cluster on one event bus with other processes. */
class EventBusIT {
  @Test
  void aProducerProcessPublishesThroughTheHubsOnItsEventBus() throws Exception {
    try (var hub = Nodes.startHubs(1, "role=hub", "cluster.bus=hazelcast", "producer.clock=100ms");
        var producer =
            JarProcess.start(
                "--role",
                "producer",
                "--set",
                "cluster.bus=hazelcast",
                "--set",
                "cluster.name=" + hub.name(),
                "--set",
                "cluster.hazelcast.members=" + hub.busMembers().get(0),
                "--set",
                "producer.clock=100ms",
                "--set",
                "producer.timers=[{\"topic\":\"tea\",\"every\":\"100ms\",\"data\":\"tea\"}]")) {
      try (var roamer = new Roamer(hub, "topic=tea&topic=clock", 5)) {
        Wait.until("it is received", () -> roamer.data().contains("tea"));
        Wait.until(
            "and the clock, from the producer alone",
            () -> roamer.data().toString().contains("time"));
      }
      producer.type("@typed at the producer's console");
      try (var roamer = new Roamer(hub, "topic=typed", 6)) {
        Wait.until(
            "what is typed there is received",
            () -> roamer.data().contains("at the producer's console"));
      }
      producer.terminate();
      assertTrue(List.of(0, 143).contains(producer.exitCode()));
    }
  }
}
