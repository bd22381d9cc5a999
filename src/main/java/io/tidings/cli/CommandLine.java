package io.tidings.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The parsed command line.
 *
 * @param action what the process does
 * @param file the configuration file
 * @param settings values by dotted key
 * @param rest the arguments of {@link Action#LOG}
 */
public record CommandLine(
    Action action, String file, Map<String, String> settings, List<String> rest) {
  public enum Action {
    RUN,
    HELP,
    VERSION,
    LOG
  }

  /** Relative to the working directory, or else in the jar. */
  private static final String DEFAULT_FILE = "conf/config.yaml";

  public static final String HELP =
      """
      Tidings: an event hub. Publish over HTTP, subscribe over Server-Sent Events.

      java -jar tidings.jar [options]

        --config FILE      read settings from this YAML file; default conf/config.yaml if it exists
        --host HOST        listen on this address; default 127.0.0.1
        --port PORT        listen on this port, 0 for a free one; default 8080
        --cluster          join a cluster; nodes are found by multicast, or by --set cluster.members=a,b
        --role ROLE        hub, producer, or all (both); default all
        --set KEY=VALUE    set any setting of conf/config.yaml, for example log.keep.age=24h
        --help             print this text
        --version          print the version

      java -jar tidings.jar log ...   inspect or maintain a log's directory; see log --help

      The first of these that has a setting determines it: command line, environment (TIDINGS_HTTP_PORT for http.port),
      file, default.
      """;

  /**
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
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
            throw new IllegalArgumentException(option + ": must be followed by a value");
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
      throw new IllegalArgumentException("--config=" + file + ": must be an existing file");
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
