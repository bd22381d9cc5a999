package io.tidings.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TextRules;
import io.tidings.event.TopicPattern;
import io.tidings.settings.LimitSettings;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Reads the body of a request that names topics: {@code {"topics": ["a", "b.**"]}}, or nothing. */
final class TopicsBody {
  /** More than a client could ask for in a URL. */
  static final int MAX_BYTES = 64 * 1024;

  private static final String BODY = "body";
  private static final String TOPICS = "topics";
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private TopicsBody() {}

  /**
   * @return the topics; empty if there are none in the body
   * @throws InvalidEvent if it breaks a rule
   */
  static Optional<Filter> read(Buffer body, LimitSettings limits) {
    if (body.length() == 0) {
      return Optional.empty();
    }
    ObjectNode object = object(TextRules.utf8(BODY, body.getBytes()));
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      if (!names.next().equals(TOPICS)) {
        throw new InvalidEvent(BODY, "must have no other member than topics");
      }
    }
    JsonNode topics = object.path(TOPICS);
    return topics.isMissingNode() ? Optional.empty() : Optional.of(filter(topics, limits));
  }

  private static ObjectNode object(String text) {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new InvalidEvent(BODY, "must be JSON, without repeated members");
    }
    throw new InvalidEvent(BODY, "must be a JSON object");
  }

  private static Filter filter(JsonNode topics, LimitSettings limits) {
    if (!topics.isArray() || topics.isEmpty() || topics.size() > limits.topics()) {
      throw new InvalidEvent(
          TOPICS, "must be a list of topics or globs, from 1 to " + limits.topics());
    }
    List<TopicPattern> patterns = new ArrayList<>();
    for (int i = 0; i < topics.size(); i++) {
      patterns.add(pattern(TOPICS + "[" + i + "]", topics.get(i), limits));
    }
    return new Filter(patterns);
  }

  private static TopicPattern pattern(String field, JsonNode topic, LimitSettings limits) {
    if (!topic.isTextual()) {
      throw new InvalidEvent(field, "must be a string");
    }
    if (TextRules.utf8Length(topic.textValue()) > limits.topic()) {
      throw new InvalidEvent(field, "must have at most " + limits.topic() + " bytes");
    }
    try {
      return new TopicPattern(topic.textValue());
    } catch (InvalidEvent e) {
      throw new InvalidEvent(field, e.rule());
    }
  }
}
