package io.tidings.cli;

import io.tidings.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The arguments of {@code log}: a command, its operand, and options. */
final class LogOptions {
  static final String HELP = "help";

  private static final Set<String> COMMANDS_WITH_PATH = Set.of("import", "backup", "restore");

  private Optional<String> command = Optional.empty();
  private Optional<Path> path = Optional.empty();
  private Path dir = Path.of("data");
  private String after = "";
  private long limit = Long.MAX_VALUE;
  private Duration once = Settings.of(Map.of()).log().once();
  private final List<String> topics = new ArrayList<>();

  private LogOptions() {}

  /**
   * @param arguments the arguments after the word log
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   */
  static LogOptions parse(List<String> arguments) {
    var options = new LogOptions();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("--")) {
        options.addOperand(argument);
      } else if (argument.equals("--help")) {
        options.command = Optional.of(HELP);
        return options;
      } else {
        int equals = argument.indexOf('=');
        String option = equals < 0 ? argument : argument.substring(0, equals);
        if (equals < 0 && ++i == arguments.size()) {
          throw new IllegalArgumentException(option + ": must be followed by a value");
        }
        options.set(option, equals < 0 ? arguments.get(i) : argument.substring(equals + 1));
      }
    }
    return options;
  }

  private void addOperand(String argument) {
    if (command.isEmpty()) {
      command = Optional.of(argument);
    } else if (path.isEmpty() && COMMANDS_WITH_PATH.contains(command())) {
      path = Optional.of(Path.of(argument));
    } else {
      throw new IllegalArgumentException(argument + ": is not expected here; see log --help");
    }
  }

  private void set(String option, String value) {
    switch (option) {
      case "--dir" -> dir = Path.of(value);
      case "--after" -> after = value;
      case "--topic" -> topics.add(value);
      case "--once" -> once = Settings.of(Map.of("log.once", value)).log().once();
      case "--limit" -> {
        if (!value.matches("\\d{1,18}")) {
          throw new IllegalArgumentException("--limit " + value + ": must be a whole number");
        }
        limit = Long.parseLong(value);
      }
      default -> throw new IllegalArgumentException(option + ": is not an option; see log --help");
    }
  }

  String command() {
    return command.orElse("info");
  }

  /** The file or directory after the command, which may be omitted. */
  Optional<Path> path() {
    return path;
  }

  /**
   * The file or directory after the command.
   *
   * @param name the operand's name in the help text
   * @throws IllegalArgumentException if it was omitted
   */
  Path requiredPath(String name) {
    return path.orElseThrow(
        () -> new IllegalArgumentException("log " + command() + ": must be followed by " + name));
  }

  /** The log's directory. */
  Path dir() {
    return dir;
  }

  /** The topics and globs to print; empty for all. */
  List<String> topics() {
    return topics;
  }

  /** The id or position after which entries are printed; empty for the oldest entry. */
  String after() {
    return after;
  }

  /** How long the log recognises repetitions. */
  Duration once() {
    return once;
  }

  /** The maximum number of entries to print. */
  long limit() {
    return limit;
  }
}
