package io.tidings.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Topic;
import io.tidings.event.TopicPattern;
import io.tidings.settings.AuthSettings;
import io.tidings.settings.InvalidSetting;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The settings {@code auth.grants}: topics and globs in which a part such as <code>{sub}</code>
 * stands for a claim. A claim's value is one part of a topic and never a wildcard, so nobody gets
 * more by a name of his choice.
 */
final class GrantTemplates {
  private static final String SECTION = "auth.grants";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{[A-Za-z0-9_]+}");

  private final List<Template> subscribe;
  private final List<Template> publish;

  /**
   * @throws InvalidSetting if a template breaks a rule
   */
  GrantTemplates(AuthSettings.Globs globs) {
    subscribe = globs.subscribe().stream().map(text -> template("subscribe", text)).toList();
    publish = globs.publish().stream().map(text -> template("publish", text)).toList();
  }

  /** What they grant to a token with these claims. */
  Grants of(ObjectNode claims) {
    return new Grants(filter(subscribe, claims), filter(publish, claims), false);
  }

  private static Optional<Filter> filter(List<Template> templates, ObjectNode claims) {
    List<TopicPattern> granted =
        templates.stream().flatMap(template -> template.of(claims).stream()).toList();
    return granted.isEmpty() ? Optional.empty() : Optional.of(new Filter(granted));
  }

  private static Template template(String name, String text) {
    List<String> parts = List.of(text.split("\\.", -1));
    try {
      new TopicPattern(PLACEHOLDER.matcher(text).replaceAll("x"));
    } catch (InvalidEvent e) {
      throw InvalidSetting.of(SECTION + "." + name, text, e.rule());
    }
    for (String part : parts) {
      if (part.matches(".*[{}].*") && !PLACEHOLDER.matcher(part).matches()) {
        throw InvalidSetting.of(
            SECTION + "." + name, text, "must have placeholders such as {sub} as whole parts");
      }
    }
    return new Template(parts);
  }

  private record Template(List<String> parts) {
    /** The pattern for the claims; empty if one of them is missing or not one part. */
    Optional<TopicPattern> of(ObjectNode claims) {
      var filled = new String[parts.size()];
      for (int i = 0; i < filled.length; i++) {
        String part = parts.get(i);
        boolean placeholder = PLACEHOLDER.matcher(part).matches();
        filled[i] = placeholder ? value(claims, part.substring(1, part.length() - 1)) : part;
        if (placeholder && (!isPart(filled[i]) || i == 0 && isSpecial(filled[i] + "."))) {
          return Optional.empty();
        }
      }
      try {
        return Optional.of(new TopicPattern(String.join(".", filled)));
      } catch (InvalidEvent e) { // a control character, or half of a surrogate pair
        return Optional.empty();
      }
    }

    /** The claim if it is a string; otherwise a text that is not a part. */
    private static String value(ObjectNode claims, String name) {
      return claims.path(name).isTextual() ? claims.path(name).textValue() : "";
    }

    /** Whether topics with this prefix need a grant that names them. */
    private static boolean isSpecial(String prefix) {
      return Topic.reserved(prefix) || Topic.ofScenes(prefix);
    }

    private static boolean isPart(String value) {
      return !value.isEmpty() && value.indexOf('.') < 0 && value.indexOf('*') < 0;
    }
  }
}
