package io.tidings.cli;

import io.tidings.auth.TokenSigner;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TopicPattern;
import io.tidings.settings.DurationFormat;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The arguments of {@code token}. */
public final class TokenOptions {
  private static final Duration MIN_LIFE = Duration.ofSeconds(1);
  private static final Duration MAX_LIFE = Duration.ofDays(366);
  private static final int MAX_PATTERNS = 100;
  private static final int MAX_SUBJECT = 256;

  private final List<String> subscribe = new ArrayList<>();
  private final List<String> publish = new ArrayList<>();
  private final List<String> hubArguments = new ArrayList<>();
  private boolean admin;
  private boolean presence;
  private Optional<Object> payload = Optional.empty();
  private boolean help;
  private Optional<String> subject = Optional.empty();
  private Duration life = Duration.ofHours(24);

  private TokenOptions() {}

  /**
   * @param arguments the arguments after the word token
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   */
  public static TokenOptions parse(List<String> arguments) {
    var options = new TokenOptions();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String option = equals < 0 ? argument : argument.substring(0, equals);
      if (equals < 0 && options.setFlag(option)) {
        continue;
      }
      if (equals < 0 && option.startsWith("--") && ++i == arguments.size()) {
        throw new IllegalArgumentException(option + ": must be followed by a value");
      }
      options.set(option, equals < 0 ? arguments.get(i) : argument.substring(equals + 1));
    }
    options.checkGrants();
    return options;
  }

  private boolean setFlag(String option) {
    switch (option) {
      case "--admin" -> admin = true;
      case "--presence" -> presence = true;
      case "--help", "-h" -> help = true;
      default -> {
        return false;
      }
    }
    return true;
  }

  private void set(String option, String value) {
    switch (option) {
      case "--subscribe" -> add(option, value, subscribe);
      case "--publish" -> add(option, value, publish);
      case "--subject" -> subject = Optional.of(subject(value));
      case "--payload" -> payload = Optional.of(payload(value));
      case "--for" -> life = life(value);
      case "--config", "--set" -> {
        hubArguments.add(option);
        hubArguments.add(value);
      }
      default ->
          throw new IllegalArgumentException(option + ": is not an option; see token --help");
    }
  }

  private static void add(String option, String pattern, List<String> to) {
    try {
      to.add(new TopicPattern(pattern).pattern());
    } catch (InvalidEvent e) {
      throw new IllegalArgumentException(option + " " + shown(pattern) + ": " + e.rule());
    }
    if (to.size() > MAX_PATTERNS) {
      throw new IllegalArgumentException(
          option + ": must be given at most " + MAX_PATTERNS + " times; grant globs");
    }
  }

  private static String subject(String name) {
    if (name.isBlank()
        || name.length() > MAX_SUBJECT
        || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "--subject "
              + shown(name)
              + ": must be a name of at most "
              + MAX_SUBJECT
              + " characters");
    }
    return name;
  }

  private static Object payload(String json) {
    try {
      Object value = Json.decodeValue(json);
      if (value != null) {
        return new TokenSigner.Presence(false, Optional.of(value)).payload().orElseThrow();
      }
    } catch (DecodeException e) {
      throw new IllegalArgumentException("--payload " + shown(json) + ": must be JSON", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--payload: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException("--payload null: must be a value");
  }

  private static Duration life(String text) {
    try {
      Duration life = DurationFormat.parse(text);
      if (life.compareTo(MIN_LIFE) >= 0 && life.compareTo(MAX_LIFE) <= 0) {
        return life;
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--for " + shown(text) + ": " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        "--for "
            + text
            + ": must be from "
            + DurationFormat.text(MIN_LIFE)
            + " to "
            + DurationFormat.text(MAX_LIFE));
  }

  private static String shown(String value) {
    return value.replaceAll("\\p{Cntrl}", "?");
  }

  /** A token without any grant is made only for a subject whom {@code auth.grants} may serve. */
  private void checkGrants() {
    if (!help && !admin && subscribe.isEmpty() && publish.isEmpty() && subject.isEmpty()) {
      throw new IllegalArgumentException(
          "token: must have --subscribe, --publish, --admin or --subject; see token --help");
    }
  }

  /** Whether only the help text is asked for. */
  public boolean help() {
    return help;
  }

  /**
   * The command line of a hub with the same settings.
   *
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   */
  public CommandLine line() {
    return CommandLine.parse(hubArguments.toArray(String[]::new));
  }

  TokenSigner.Content content() {
    return new TokenSigner.Content(
        subject.orElseGet(() -> "token-" + UUID.randomUUID()),
        subscribe,
        publish,
        admin,
        new TokenSigner.Presence(presence, payload));
  }

  Duration life() {
    return life;
  }
}
