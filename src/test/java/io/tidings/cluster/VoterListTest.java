package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.json.JsonObject;
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
    assertFalse(list.containsKey("changing"));
    assertFalse(list.containsKey("outside"));
  }
}
