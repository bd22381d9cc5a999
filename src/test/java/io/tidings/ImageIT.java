package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.settings.SettingSources;
import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * What {@code Dockerfile}, {@code compose.yaml} and the files in {@code deploy} say of the hub is
 * true. No image is built: the jar runs with the modules of the image's runtime.
 */
class ImageIT {
  private static final Path DOCKERFILE = Path.of("Dockerfile");
  private static final Path COMPOSE = Path.of("compose.yaml");
  private static final Path NGINX = Path.of("deploy/compose/nginx.conf");
  private static final Pattern VARIABLE = Pattern.compile("(TIDINGS_[A-Z_]+)=(\\S+)");
  private static final List<String> NODES = List.of("node1", "node2", "node3");

  @TempDir private Path directory;

  @Test
  void theSettingsOfTheImageExist() throws Exception {
    Settings settings = settings(imageEnvironment());
    assertTrue(dockerfile().contains("EXPOSE " + settings.http().port() + " 7700"), "the ports");
    assertTrue(dockerfile().contains("VOLUME /data"));
    assertTrue(settings.log().dir().startsWith("/data/"), "the log is in the volume");
  }

  @Test
  void theSettingsOfTheNodesExistAndTheyAreOneCluster() throws Exception {
    for (String node : NODES) {
      Map<String, Object> service = service(node);
      var environment = new HashMap<>(imageEnvironment());
      map(service.get("environment"))
          .forEach((name, value) -> environment.put(name, interpolated(value.toString())));
      Settings settings = settings(environment);
      assertTrue(settings.cluster().raft());
      assertEquals(NODES.size(), settings.cluster().members().size());
      assertTrue(
          settings.cluster().members().stream()
              .anyMatch(member -> member.host().equals(settings.cluster().host())));
      assertEquals(
          List.of(settings.cluster().host()),
          map(map(service.get("networks")).get("nodes")).get("aliases"),
          "the name of the member in the network of the nodes");
      assertTrue(settings.http().hosts().containsAll(NODES), "Prometheus asks by these names");
      assertTrue(
          seconds(service.get("stop_grace_period"))
              > settings.stream().drain().plus(Duration.ofSeconds(5)).toSeconds(),
          "a node has the time to drain");
      assertTrue(((List<?>) service.get("volumes")).contains("keys:/keys:ro"));
    }
  }

  @Test
  void thereIsNoSecretInTheFileAndNoFileIsMissing() throws Exception {
    String text = Files.readString(COMPOSE);
    assertFalse(
        Pattern.compile("(?i)(password|secret|token)\\w*\\s*[:=]\\s*[^/\\s]").matcher(text).find());
    Matcher mounted = Pattern.compile("\\./([\\w./-]+):/").matcher(text);
    assertTrue(mounted.find());
    do {
      assertTrue(Files.exists(Path.of(mounted.group(1))), mounted.group(1));
    } while (mounted.find());
  }

  /** Whatever conf/nginx.conf says of the hubs, of streams and of clients' addresses. */
  @Test
  void nginxOfComposeHasWhatConfNginxTeaches() throws Exception {
    Pattern tls =
        Pattern.compile("ssl_.*|listen .*|return 301 .*|pid .*|user .*|.*_log .*|server .*");
    String own = lines(NGINX).collect(Collectors.joining("\n"));
    for (String line : lines(Path.of("conf/nginx.conf")).toList()) {
      boolean prefix =
          line.equals("location /push/ {")
              || line.contains("/push/")
              || line.equals("proxy_pass http://tidings/;");
      if (!prefix && !tls.matcher(line).matches()) {
        assertTrue(own.contains(line), line);
      }
    }
    for (String node : NODES) {
      assertTrue(own.contains("server " + node + ":8080 max_fails=1 fail_timeout=1s resolve;"));
    }
  }

  @Test
  void nginxAcceptsItsConfiguration() throws Exception {
    // Debian's nginx does not know "resolve" yet, and needs addresses
    String configuration =
        Files.readString(NGINX)
            .replace(" resolve;", ";")
            .replaceAll("node\\d:8080", "127.0.0.1:8080")
            .replace("user nginx;", "user www-data;")
            .replace("/tmp/nginx.pid", directory + "/nginx.pid");
    Path file = Files.writeString(directory.resolve("nginx.conf"), configuration);
    var result = run(Map.of(), "/usr/sbin/nginx", "-t", "-c", file.toString());
    assertEquals(0, result.status(), result.output());
  }

  /** As in the image: a runtime with these modules, all addresses, a secret of its own. */
  @Test
  void theHealthCheckFollowsAHubWithTheModulesOfTheImage() throws Exception {
    assertHealthFollows(List.of());
  }

  @Test
  void theHealthCheckFollowsAHubWithTls() throws Exception {
    TestCertificate certificate = TestCertificate.create(directory, "one");
    assertHealthFollows(
        List.of(
            "--set", "http.tls.cert=" + certificate.cert(),
            "--set", "http.tls.key=" + certificate.key()));
  }

  private void assertHealthFollows(List<String> more) throws Exception {
    var arguments =
        new ArrayList<>(List.of("--host", "0.0.0.0", "--port", "0", "--set", "auth.secret=create"));
    arguments.addAll(more);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    var options = List.of("--limit-modules", modules());
    int port;
    try (var hub = JarProcess.startOn(java, options, arguments.toArray(String[]::new))) {
      port = hub.port();
      Result alive = health(port);
      assertEquals(0, alive.status(), alive.output());
    }
    assertEquals(1, health(port).status(), "nobody listens");
  }

  /** Runs the image's check, for which tidings is a program on its path. */
  private Result health(int port) throws Exception {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Path tidings = bin.resolve("tidings");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Files.writeString(
        tidings,
        "#!/bin/sh\nexec "
            + java
            + " -jar "
            + Path.of(JarProcess.jar()).toAbsolutePath()
            + " \"$@\"\n");
    tidings.toFile().setExecutable(true);
    return run(
        Map.of(
            "TIDINGS_HTTP_HOST",
            "0.0.0.0",
            "TIDINGS_HTTP_PORT",
            Integer.toString(port),
            "PATH",
            bin + ":" + System.getenv("PATH")),
        "deploy/image/health");
  }

  private record Result(int status, String output) {}

  private Result run(Map<String, String> environment, String... command) throws Exception {
    Path output = directory.resolve("output");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), command[0]);
      return new Result(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String dockerfile() throws IOException {
    return Files.readString(DOCKERFILE);
  }

  private static String modules() throws IOException {
    Matcher modules = Pattern.compile("ARG MODULES=(\\S+)").matcher(dockerfile());
    assertTrue(modules.find());
    return modules.group(1);
  }

  private static Map<String, String> imageEnvironment() throws IOException {
    return VARIABLE
        .matcher(dockerfile())
        .results()
        .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
  }

  private static Settings settings(Map<String, String> environment) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      return SettingSources.read(vertx, "conf/config.yaml", environment, Map.of())
          .toCompletionStage()
          .toCompletableFuture()
          .get(15, TimeUnit.SECONDS);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
    }
  }

  /** The default of each variable of the compose file. */
  private static String interpolated(String text) {
    return text.replaceAll("\\$\\{\\w+:-([^}]*)}", "$1");
  }

  private static int seconds(Object duration) {
    return Integer.parseInt(duration.toString().replaceFirst("s$", ""));
  }

  private static Map<String, Object> service(String name) throws IOException {
    Map<String, Object> compose = map(new Yaml().load(Files.readString(COMPOSE)));
    return map(map(compose.get("services")).get(name));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object node) {
    return (Map<String, Object>) node;
  }

  /** The directives of a file of nginx. */
  private static Stream<String> lines(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"));
  }
}
