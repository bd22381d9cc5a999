package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class VoterListTest {
  @Test
  void eachVoterIsListedWithWhatItLacks() {
    var voters = new FakeVoters();
    var reports =
        new NodeReports(voters, new NodeRequests(voters), "node-a", JsonObject::new, () -> 0);
    JsonObject list = VoterList.of(voters, reports);
    assertEquals(3, list.getLong("term"));
    assertEquals(7, list.getLong("index"));
    assertEquals(
        new JsonObject(
            "{\"address\":\"a\",\"name\":\"node-a\",\"leader\":false,\"answers\":true,\"behind\":0}"),
        list.getJsonArray("voters").getJsonObject(0));
    assertEquals(2, list.getJsonArray("voters").getJsonObject(1).getLong("behind"));
    assertFalse(list.getJsonArray("voters").getJsonObject(2).containsKey("behind"));
    assertEquals(List.of(), list.getJsonArray("edges").getList());
    assertFalse(list.containsKey("changing"));
    assertFalse(list.containsKey("outside"));
  }

  @Test
  void edgesAreListedApartFromTheVoters() {
    var voters = new FakeVoters();
    voters.edges = List.of("d");
    var reports =
        new NodeReports(voters, new NodeRequests(voters), "node-a", JsonObject::new, () -> 0);
    JsonObject list = VoterList.of(voters, reports);
    assertEquals(3, list.getJsonArray("voters").size());
    assertEquals("d", list.getJsonArray("edges").getJsonObject(0).getString("address"));
    assertEquals(3, reports.connected());
    assertEquals(1, reports.edges());
    assertEquals("edge", reports.nodes().getJsonObject(3).getString("role"));
    assertEquals("voter", reports.nodes().getJsonObject(0).getString("role"));
  }
}
