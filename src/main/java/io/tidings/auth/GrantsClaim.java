package io.tidings.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.auth.InvalidToken.Reason;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the claim {@code tidings}: {@code {"subscribe": [globs], "publish": [globs], "admin": true,
 * "presence": true}}. An unknown member is refused: a later version may mean a restriction by it.
 */
final class GrantsClaim {
  static final String NAME = "tidings";
  static final String SUBSCRIBE = "subscribe";
  static final String PUBLISH = "publish";
  static final String ADMIN = "admin";
  static final String PRESENCE = "presence";
  static final int MAX_PATTERNS = 100;

  private static final Set<String> MEMBERS = Set.of(SUBSCRIBE, PUBLISH, ADMIN, PRESENCE);

  private GrantsClaim() {}

  /** The grants of a token's claims; none without the claim. */
  static Grants of(ObjectNode claims) {
    JsonNode claim = claims.path(NAME);
    if (claim.isMissingNode()) {
      return Grants.NONE;
    }
    if (!(claim instanceof ObjectNode object)) {
      throw invalid("", "must be an object");
    }
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!MEMBERS.contains(name)) {
                throw invalid("", "must have subscribe, publish, admin and presence only");
              }
            });
    return new Grants(filter(object, SUBSCRIBE), filter(object, PUBLISH), flag(object, ADMIN))
        .withPresence(flag(object, PRESENCE));
  }

  private static Optional<Filter> filter(ObjectNode claim, String name) {
    JsonNode list = claim.path(name);
    if (list.isMissingNode()) {
      return Optional.empty();
    }
    if (!list.isArray() || list.size() > MAX_PATTERNS) {
      throw invalid("." + name, "must be a list of at most " + MAX_PATTERNS + " topics or globs");
    }
    List<TopicPattern> patterns = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      patterns.add(pattern("." + name + "[" + i + "]", list.get(i)));
    }
    return patterns.isEmpty() ? Optional.empty() : Optional.of(new Filter(patterns));
  }

  private static TopicPattern pattern(String place, JsonNode value) {
    if (!value.isTextual()) {
      throw invalid(place, "must be a string");
    }
    try {
      return new TopicPattern(value.textValue());
    } catch (InvalidEvent e) {
      throw invalid(place, e.rule());
    }
  }

  private static boolean flag(ObjectNode claim, String name) {
    JsonNode flag = claim.path(name);
    if (!flag.isMissingNode() && !flag.isBoolean()) {
      throw invalid("." + name, "must be true or false");
    }
    return flag.asBoolean();
  }

  private static InvalidToken invalid(String place, String rule) {
    return new InvalidToken(Reason.GRANTS, "the token's claim " + NAME + place + " " + rule);
  }
}
