package io.tidings.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was said on the command line.
 *
 * @param action what to do
 * @param file the configuration file
 * @param settings values by dotted key
 * @param rest what was said to {@link Action#LOG}
 */
public record CommandLine(
    Action action, String file, Map<String, String> settings, List<String> rest) {
  /** What to do. */
  public enum Action {
    RUN,
    HELP,
    VERSION,
    LOG
  }

  /** On disk beside the process, or else in the jar. */
  private static final String DEFAULT_FILE = "conf/config.yaml";

  public static final String HELP =
      """
      Tidings: an event hub. Publish over HTTP, hear over Server-Sent Events.

      java -jar tidings.jar [options]

        --config FILE      settings, YAML; default conf/config.yaml where there is one
        --host HOST        listen on this address; default 127.0.0.1
        --port PORT        listen on this port, 0 for a free one; default 8080
        --cluster          be a node of a cluster; others are found in the network, or by --set cluster.members=a,b
        --role ROLE        hub, producer, or all, which is both; default all
        --set KEY=VALUE    any setting of conf/config.yaml, for example log.keep.age=24h
        --help             this text
        --version          the version

      java -jar tidings.jar log ...   looks into a log's directory, without a hub; see log --help

      Settings count in this order: command line, environment (TIDINGS_HTTP_PORT for http.port), file, default.
      """;

  /**
   * @throws IllegalArgumentException in one line, where an argument is not understood
   */
  public static CommandLine parse(String... arguments) {
    if (arguments.length > 0 && arguments[0].equals("log")) {
      var rest = List.of(arguments).subList(1, arguments.length);
      return new CommandLine(Action.LOG, DEFAULT_FILE, Map.of(), rest);
    }
    var settings = new HashMap<String, String>();
    String file = DEFAULT_FILE;
    for (int i = 0; i < arguments.length; i++) {
      String option = arguments[i];
      String value = null;
      int equals = option.indexOf('=');
      if (option.startsWith("--") && equals > 0) {
        value = option.substring(equals + 1);
        option = option.substring(0, equals);
      }
      switch (option) {
        case "--help", "-h" -> {
          return new CommandLine(Action.HELP, file, settings, List.of());
        }
        case "--version" -> {
          return new CommandLine(Action.VERSION, file, settings, List.of());
        }
        case "--cluster" -> {
          if (value != null) {
            throw new IllegalArgumentException("--cluster: takes no value; see cluster.members");
          }
          settings.put("cluster.kind", "hazelcast");
          continue;
        }
        case "--config", "--host", "--port", "--role", "--set" -> {
          if (value == null && ++i == arguments.length) {
            throw new IllegalArgumentException(option + ": must have a value after it");
          }
          value = value == null ? arguments[i] : value;
        }
        default ->
            throw new IllegalArgumentException(arguments[i] + ": is not an option; see --help");
      }
      switch (option) {
        case "--config" -> file = existing(value);
        case "--host" -> settings.put("http.host", value);
        case "--port" -> settings.put("http.port", value);
        case "--role" -> settings.put("role", value);
        default -> set(value, settings);
      }
    }
    return new CommandLine(Action.RUN, file, settings, List.of());
  }

  private static String existing(String file) {
    if (!Files.isRegularFile(Path.of(file))) {
      throw new IllegalArgumentException("--config=" + file + ": must be a file that there is");
    }
    return Path.of(file).toAbsolutePath().toString();
  }

  private static void set(String assignment, Map<String, String> settings) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException("--set " + assignment + ": must be KEY=VALUE");
    }
    settings.put(assignment.substring(0, equals), assignment.substring(equals + 1));
  }
}
