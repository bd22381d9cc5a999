package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may ask for other voters, and how a hub answers that is not a node of a cluster. */
@Timeout(60)
class VotersRouteTest {
  private static final String BODY = "{\"voters\":[\"a\",\"b\",\"c\"]}";

  @TempDir private Path directory;
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.startWithTokens(directory, Map.of());
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private RawClient.Answer post(JsonObject grants) throws Exception {
    String token = "Authorization: Bearer " + sign(claims("root", grants));
    return RawClient.post(hub.port(), "/cluster/voters", BODY, token);
  }

  @Test
  void onlyAnAdministratorMayAsk() throws Exception {
    assertEquals(401, RawClient.post(hub.port(), "/cluster/voters", BODY).status());
    RawClient.Answer answer =
        post(grants(new JsonArray().add("hub.cluster"), new JsonArray().add("**")));
    assertEquals(403, answer.status(), answer.body());
  }

  @Test
  void aHubThatIsNoNodeOfAClusterRefuses() throws Exception {
    RawClient.Answer answer = post(new JsonObject().put("admin", true));
    assertEquals(409, answer.status(), answer.body());
    assertTrue(answer.body().contains("not a node of a cluster"), answer.body());
  }
}
