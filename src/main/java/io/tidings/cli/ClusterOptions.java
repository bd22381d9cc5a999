package io.tidings.cli;

import io.tidings.settings.Member;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The arguments of {@code cluster}.
 *
 * @param voters the voters to change to; empty to show the cluster
 * @param settings those to change, by name; none to show them; empty if they are not asked for
 * @param url of a node
 * @param token an administrator's, where the node wants one
 * @param authority the file with the authorities of the node's certificate; empty for those of Java
 */
record ClusterOptions(
    boolean help,
    List<String> voters,
    Optional<Map<String, String>> settings,
    URI url,
    Optional<String> token,
    Optional<Path> authority) {
  static final String DEFAULT_URL = "http://127.0.0.1:8080";
  private static final String VOTERS = "voters";
  private static final String SETTINGS = "settings";
  private static final String SET = "set";
  private static final Set<String> OPTIONS = Set.of("--url", "--token", "--ca");

  ClusterOptions {
    voters = List.copyOf(voters);
  }

  /**
   * @param arguments the arguments after the word cluster
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   */
  static ClusterOptions parse(List<String> arguments) {
    var words = new ArrayList<String>();
    String url = DEFAULT_URL;
    Optional<String> token = Optional.empty();
    Optional<Path> authority = Optional.empty();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String option = equals < 0 ? argument : argument.substring(0, equals);
      if (option.equals("--help") || option.equals("-h")) {
        return new ClusterOptions(
            true, List.of(), Optional.empty(), URI.create(url), token, authority);
      } else if (!option.startsWith("--")) {
        words.add(option);
        continue;
      } else if (!OPTIONS.contains(option)) {
        throw new IllegalArgumentException(option + ": is not an option; see cluster --help");
      } else if (equals < 0 && ++i == arguments.size()) {
        throw new IllegalArgumentException(option + ": must be followed by a value");
      }
      String value = equals < 0 ? arguments.get(i) : argument.substring(equals + 1);
      switch (option) {
        case "--url" -> url = value;
        case "--ca" -> authority = Optional.of(Path.of(value));
        default -> token = Optional.of(value);
      }
    }
    Optional<Map<String, String>> settings = settings(words);
    List<String> voters = settings.isPresent() ? List.of() : voters(words);
    return new ClusterOptions(false, voters, settings, url(url), token, authority);
  }

  private static Optional<Map<String, String>> settings(List<String> words) {
    if (words.equals(List.of(SETTINGS))) {
      return Optional.of(Map.of());
    } else if (words.isEmpty() || !words.get(0).equals(SET)) {
      return Optional.empty();
    }
    var settings = new LinkedHashMap<String, String>();
    for (String word : words.subList(1, words.size())) {
      int equals = word.indexOf('=');
      if (equals < 1 || settings.containsKey(word.substring(0, equals))) {
        throw new IllegalArgumentException(
            "cluster set "
                + word
                + (equals < 1 ? ": must be such as log.once=1h" : ": is given twice"));
      }
      settings.put(word.substring(0, equals), word.substring(equals + 1));
    }
    if (settings.isEmpty()) {
      throw new IllegalArgumentException(
          "cluster set: must be followed by settings, such as log.once=1h");
    }
    return Optional.of(settings);
  }

  private static List<String> voters(List<String> words) {
    if (words.isEmpty()) {
      return List.of();
    } else if (!words.get(0).equals(VOTERS)) {
      throw new IllegalArgumentException(
          words.get(0) + ": is not a command of cluster; see cluster --help");
    } else if (words.size() == 1) {
      throw new IllegalArgumentException(
          "cluster voters: must be followed by the addresses of all who are to vote");
    }
    return words.subList(1, words.size()).stream().map(ClusterOptions::address).toList();
  }

  private static String address(String text) {
    try {
      return Member.parse(text).id();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("cluster voters " + text + ": " + e.getMessage(), e);
    }
  }

  private static URI url(String text) {
    try {
      URI url = URI.create(text.endsWith("/") ? text : text + "/");
      if (url.getHost() != null && String.valueOf(url.getScheme()).matches("https?")) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--url " + text + ": " + e.getMessage(), e);
    }
    throw new IllegalArgumentException("--url " + text + ": must be such as " + DEFAULT_URL);
  }
}
