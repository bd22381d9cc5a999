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
 * @param rest the arguments of {@link Action#LOG}, {@link Action#TOKEN}, {@link Action#HEALTH},
 *     {@link Action#CLUSTER} and {@link Action#RECOVER}
 */
public record CommandLine(
    Action action, String file, Map<String, String> settings, List<String> rest) {
  public enum Action {
    RUN,
    HELP,
    VERSION,
    LOG,
    TOKEN,
    HEALTH,
    CLUSTER,
    RECOVER
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
        --cluster          be a node of a cluster, whose members are --set cluster.members=node1,node2,node3
        --role ROLE        hub, producer, or all (both); edge: a hub that follows a cluster without a vote; default all
        --set KEY=VALUE    set any setting of conf/config.yaml, for example log.keep.age=24h
        --help             print this text
        --version          print the version

      java -jar tidings.jar log ...   inspect or maintain a log's directory; see log --help
      java -jar tidings.jar token ... print a token that grants topics; see token --help
      java -jar tidings.jar health ...   ask the hub on this machine whether it is alive; see health --help
      java -jar tidings.jar cluster ...   show a cluster, change its voters or settings, or go on without a majority; see cluster --help

      The first of these that has a setting determines it: command line, environment (TIDINGS_HTTP_PORT for http.port),
      file, default.
      """;

  /**
   * Parses the arguments of the process.
   *
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   */
  public static CommandLine parse(String... arguments) {
    if (arguments.length > 0 && arguments[0].equals("log")) {
      var rest = List.of(arguments).subList(1, arguments.length);
      return new CommandLine(Action.LOG, DEFAULT_FILE, Map.of(), rest);
    }
    if (arguments.length > 0 && arguments[0].equals("token")) {
      var rest = List.of(arguments).subList(1, arguments.length);
      return new CommandLine(Action.TOKEN, DEFAULT_FILE, Map.of(), rest);
    }
    if (arguments.length > 0 && arguments[0].equals("health")) {
      var rest = List.of(arguments).subList(1, arguments.length);
      return new CommandLine(Action.HEALTH, DEFAULT_FILE, Map.of(), rest);
    }
    if (arguments.length > 1 && arguments[0].equals("cluster") && arguments[1].equals("recover")) {
      var rest = List.of(arguments).subList(2, arguments.length);
      return new CommandLine(Action.RECOVER, DEFAULT_FILE, Map.of(), rest);
    }
    if (arguments.length > 0 && arguments[0].equals("cluster")) {
      var rest = List.of(arguments).subList(1, arguments.length);
      return new CommandLine(Action.CLUSTER, DEFAULT_FILE, Map.of(), rest);
    }
    var settings = new HashMap<String, String>();
    String file = DEFAULT_FILE;
    for (int i = 0; i < arguments.length; i++) {
      Option option = Option.of(arguments[i]);
      switch (option.name) {
        case "--help", "-h" -> {
          return new CommandLine(Action.HELP, file, settings, List.of());
        }
        case "--version" -> {
          return new CommandLine(Action.VERSION, file, settings, List.of());
        }
        case "--cluster" -> {
          if (option.value != null) {
            throw new IllegalArgumentException("--cluster: takes no value; see cluster.members");
          }
          settings.put("cluster.kind", "raft");
        }
        case "--config", "--host", "--port", "--role", "--set" -> {
          if (option.value == null && ++i == arguments.length) {
            throw new IllegalArgumentException(option.name + ": must be followed by a value");
          }
          String value = option.value == null ? arguments[i] : option.value;
          file = option.name.equals("--config") ? existing(value) : file;
          set(option.name, value, settings);
        }
        default ->
            throw new IllegalArgumentException(arguments[i] + ": is not an option; see --help");
      }
    }
    return new CommandLine(Action.RUN, file, settings, List.of());
  }

  /**
   * An argument such as {@code --port=8080} or {@code --port}.
   *
   * @param value null if the argument has none
   */
  private record Option(String name, String value) {
    static Option of(String argument) {
      int equals = argument.indexOf('=');
      return argument.startsWith("--") && equals > 0
          ? new Option(argument.substring(0, equals), argument.substring(equals + 1))
          : new Option(argument, null);
    }
  }

  /** Sets what an option with a value stands for, except for the file. */
  private static void set(String option, String value, Map<String, String> settings) {
    switch (option) {
      case "--host" -> settings.put("http.host", value);
      case "--port" -> settings.put("http.port", value);
      case "--role" -> settings.put("role", value);
      case "--set" -> set(value, settings);
      default -> {} // --config
    }
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
