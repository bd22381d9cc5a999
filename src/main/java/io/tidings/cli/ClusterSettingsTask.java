package io.tidings.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;

/** Shows, and changes, the settings that all nodes of a cluster have in common. */
final class ClusterSettingsTask {
  private static final int OK = 200;

  private final ClusterCommand node;
  private final PrintStream out;

  ClusterSettingsTask(ClusterCommand node, PrintStream out) {
    this.node = node;
    this.out = out;
  }

  /**
   * @param changes none to show them only
   * @return the exit status
   */
  int run(Map<String, String> changes) throws IOException, InterruptedException {
    HttpRequest.Builder request = node.request("cluster/settings");
    if (!changes.isEmpty()) {
      var body = new JsonObject();
      changes.forEach(body::put);
      request
          .header("Content-Type", "application/json")
          .POST(BodyPublishers.ofString(body.encode()));
    }
    HttpResponse<String> answer = node.send(request);
    if (answer.statusCode() != OK) {
      throw new IOException(node.problem(answer));
    }
    out.print(text(new JsonObject(answer.body())));
    return 0;
  }

  /** What is shown of {@code /cluster/settings}. */
  static String text(JsonObject answer) {
    var text = new StringBuilder();
    JsonObject ignored = answer.getJsonObject("ignored", new JsonObject());
    for (Map.Entry<String, Object> one : answer.getJsonObject("settings")) {
      Object own = ignored.getValue(one.getKey());
      String note =
          own == null ? "" : "    (this node was started with " + own + ", which does not count)";
      text.append(String.format(Locale.ROOT, "%-17s %s%s%n", one.getKey(), one.getValue(), note));
    }
    if (!answer.getBoolean("replicated", true)) {
      text.append(
          "Not replicated yet: each node has its own settings, but for log.once and log.raft.dedup, until all voters of a new cluster have been there once; in a cluster of an earlier version, until the first `cluster set`\n");
    }
    return text.toString();
  }
}
