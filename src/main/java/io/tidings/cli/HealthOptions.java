package io.tidings.cli;

import java.util.List;
import java.util.Map;

/**
 * What {@code health} asks, and where.
 *
 * @param host an address of this machine
 * @param ready whether the hub has to be ready too, not only alive
 */
public record HealthOptions(String host, int port, boolean ready, boolean help) {
  private static final String LOOPBACK = "127.0.0.1";
  private static final String LOOPBACK_6 = "::1";
  private static final String DEFAULT_PORT = "8080";

  /**
   * @param arguments the arguments after the word health
   * @param environment of the hub, whose {@code TIDINGS_HTTP_HOST} and {@code TIDINGS_HTTP_PORT}
   *     are the defaults
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   */
  public static HealthOptions parse(List<String> arguments, Map<String, String> environment) {
    String host = environment.getOrDefault("TIDINGS_HTTP_HOST", LOOPBACK);
    String port = environment.getOrDefault("TIDINGS_HTTP_PORT", DEFAULT_PORT);
    boolean ready = false;
    boolean help = false;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String option = equals < 0 ? argument : argument.substring(0, equals);
      switch (option) {
        case "--ready" -> ready = true;
        case "--help", "-h" -> help = true;
        case "--host", "--port" -> {
          if (equals < 0 && ++i == arguments.size()) {
            throw new IllegalArgumentException(option + ": must be followed by a value");
          }
          String value = equals < 0 ? arguments.get(i) : argument.substring(equals + 1);
          host = option.equals("--host") ? value : host;
          port = option.equals("--port") ? value : port;
        }
        default ->
            throw new IllegalArgumentException(argument + ": is not an option; see health --help");
      }
    }
    return new HealthOptions(reachable(host), number(port), ready, help);
  }

  /** Where a hub that listens on all addresses is reached from the same machine. */
  private static String reachable(String host) {
    return switch (host) {
      case "0.0.0.0" -> LOOPBACK;
      case "::", "[::]" -> LOOPBACK_6;
      default -> host;
    };
  }

  private static int number(String port) {
    if (!port.matches("\\d{1,5}")
        || Integer.parseInt(port) < 1
        || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException("--port " + port + ": must be a number from 1 to 65535");
    }
    return Integer.parseInt(port);
  }

  String path() {
    return ready ? "/health/ready" : "/health/live";
  }
}
