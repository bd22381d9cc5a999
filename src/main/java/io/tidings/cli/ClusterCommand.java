package io.tidings.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/**
 * {@code java -jar tidings.jar cluster}: shows a cluster, and changes its voters or settings, by a
 * node.
 */
public final class ClusterCommand {
  static final String HELP =
      """
      java -jar tidings.jar cluster [voters ADDRESS... | settings | set NAME=VALUE...] [options]

        (none)             shows the leader, the term, and the voters and edges with what they lack
        voters ADDRESS...  changes the voters to these, each as host:port, without a port 7700; the cluster goes on
                           meanwhile. New ones must run and wait, with cluster.join=true; most must be voters already,
                           but one voter can become three. Two are refused. Replacing a voter is one change
        settings           shows the settings that all nodes have in common
        set NAME=VALUE...  changes them, all or none, such as log.once=1h limits.body=2MiB; no node is restarted
        recover            where no node runs: goes on with one node when the majority is lost for good; see
                           cluster recover --help

        --url URL          of any node; default http://127.0.0.1:8080
        --token TOKEN      an administrator's (token --admin), where the node wants one
        --ca FILE          for https: the authorities of the node's certificate, PEM; default those of Java
      """;

  private static final Duration TIMEOUT = Duration.ofSeconds(40);
  private static final int FAILED = 1;
  private static final int OK = 200;
  private static final int ACCEPTED = 202;

  private final ClusterOptions options;
  private final PrintStream out;
  private final HttpClient http;

  private ClusterCommand(ClusterOptions options, PrintStream out) throws IOException {
    this.options = options;
    this.out = out;
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5));
    if (options.authority().isPresent()) {
      client.sslContext(TrustedAuthority.context(options.authority().get()));
    }
    this.http = client.build();
  }

  /**
   * @param arguments the arguments after the word cluster
   * @return the exit status
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   * @throws IOException with a message of one line if the node can't be asked, or refuses
   */
  public static int run(List<String> arguments, PrintStream out)
      throws IOException, InterruptedException {
    ClusterOptions options = ClusterOptions.parse(arguments);
    if (options.help()) {
      out.print(HELP);
      return 0;
    }
    var command = new ClusterCommand(options, out);
    if (options.settings().isPresent()) {
      return new ClusterSettingsTask(command, out).run(options.settings().get());
    }
    return options.voters().isEmpty() ? command.show() : command.change();
  }

  private int show() throws IOException, InterruptedException {
    JsonObject cluster = cluster();
    if (cluster.getString("cluster") == null) {
      throw new IOException(options.url() + " is not a node of a cluster");
    }
    out.print(text(cluster));
    return 0;
  }

  /** What is shown of {@code GET /cluster}. */
  static String text(JsonObject cluster) {
    JsonObject raft = cluster.getJsonObject("raft", new JsonObject());
    var text = new StringBuilder();
    text.append(
        "%s: term %d, index %d, %s%n"
            .formatted(
                cluster.getString("cluster"),
                raft.getLong("term", -1L),
                raft.getLong("index", -1L),
                cluster.getBoolean("quorum", false) ? "connected" : "NO MAJORITY"));
    for (Object one : raft.getJsonArray("voters", new JsonArray())) {
      text.append(line((JsonObject) one, "follower"));
    }
    for (Object one : raft.getJsonArray("edges", new JsonArray())) {
      text.append(line((JsonObject) one, "edge"));
    }
    if (raft.containsKey("changing")) {
      text.append("changing to ").append(join(raft.getJsonArray("changing"))).append('\n');
    }
    if (raft.containsKey("outside")) {
      text.append(raft.getString("outside")).append('\n');
    }
    return text.toString();
  }

  private static String line(JsonObject voter, String part) {
    String state =
        voter.getBoolean("leader", false)
            ? "leader"
            : voter.getBoolean("answers", false)
                ? part
                : part.equals("edge") ? "edge, NO ANSWER" : "DOES NOT ANSWER";
    String behind =
        voter.containsKey("behind")
            ? "%d behind".formatted(voter.getLong("behind"))
            : "not heard of";
    return String.format(
        Locale.ROOT,
        "  %-28s %-16s %-16s %s%n",
        voter.getString("address"),
        voter.getString("name"),
        state,
        behind);
  }

  private static String join(JsonArray addresses) {
    return addresses.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private int change() throws IOException, InterruptedException {
    var body = new JsonObject().put("voters", new JsonArray(options.voters()));
    HttpResponse<String> answer =
        send(
            request("cluster/voters")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.encode())));
    if (answer.statusCode() == ACCEPTED) {
      out.println("The new voters receive the log ...");
      if (!new ChangeWait(this::changing, time -> Thread.sleep(time.toMillis()), System::nanoTime)
          .ended()) {
        out.print(text(cluster()));
        out.println(
            "The change is not complete after %d minutes, and goes on: look again with `cluster`"
                .formatted(ChangeWait.MOST.toMinutes()));
        return FAILED;
      }
    } else if (answer.statusCode() != OK) {
      throw new IOException(problem(answer));
    }
    return confirm();
  }

  private boolean changing() throws IOException, InterruptedException {
    return cluster().getJsonObject("raft", new JsonObject()).containsKey("changing");
  }

  private int confirm() throws IOException, InterruptedException {
    JsonObject cluster = cluster();
    out.print(text(cluster));
    Set<String> now =
        cluster
            .getJsonObject("raft", new JsonObject())
            .getJsonArray("voters", new JsonArray())
            .stream()
            .map(one -> ((JsonObject) one).getString("address"))
            .collect(Collectors.toSet());
    if (now.equals(Set.copyOf(options.voters()))) {
      return 0;
    }
    out.println("The voters are not those: the log of the leader says why");
    return FAILED;
  }

  private JsonObject cluster() throws IOException, InterruptedException {
    HttpResponse<String> answer = send(request("cluster").GET());
    if (answer.statusCode() != OK) {
      throw new IOException(problem(answer));
    }
    try {
      return new JsonObject(answer.body());
    } catch (DecodeException | ClassCastException e) {
      throw new IOException(options.url() + ": what answers there is not a hub", e);
    }
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(options.url().resolve(path)).timeout(TIMEOUT);
    options.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (ConnectException e) {
      throw new IOException(options.url() + ": no hub answers there; see cluster --help", e);
    } catch (SSLException e) {
      throw new IOException(options.url() + ": " + untrusted(e), e);
    } catch (IOException e) {
      throw new IOException(options.url() + ": " + e, e);
    }
  }

  private String untrusted(SSLException failure) {
    String authorities =
        options.authority().map(file -> "by " + file).orElse("by Java's authorities");
    return "TLS with it fails, perhaps since its certificate is not trusted "
        + authorities
        + " (--ca FILE names others) or is for another host: "
        + failure.getMessage();
  }

  String problem(HttpResponse<String> answer) {
    String detail;
    try {
      JsonObject json = new JsonObject(answer.body());
      detail = json.getString("detail", json.getString("error", answer.body()));
    } catch (DecodeException | ClassCastException e) {
      detail = "answered " + answer.statusCode();
    }
    return options.url() + ": " + detail;
  }
}
