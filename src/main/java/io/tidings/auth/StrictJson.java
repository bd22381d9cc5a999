package io.tidings.auth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TextRules;

/**
 * Reads the JSON of tokens and key sets. A text that two readers could understand differently is
 * refused: repeated members, trailing text, other encodings than UTF-8, halves of surrogate pairs,
 * which UTF-8 does not have: a subject would be another one in a record or at another node.
 */
final class StrictJson {
  private static final int MAX_DEPTH = 20;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private StrictJson() {}

  static ObjectNode newObject() {
    return MAPPER.createObjectNode();
  }

  /**
   * @throws IllegalArgumentException if the bytes are not one JSON object
   */
  static ObjectNode object(byte[] utf8) {
    JsonNode read;
    try {
      read = MAPPER.readTree(TextRules.utf8("json", utf8));
    } catch (JsonProcessingException | InvalidEvent e) {
      throw new IllegalArgumentException("must be a JSON object without repeated members", e);
    }
    if (read instanceof ObjectNode object) {
      checkTexts(object);
      return object;
    }
    throw new IllegalArgumentException("must be a JSON object");
  }

  private static void checkTexts(JsonNode node) {
    try {
      if (node.isTextual()) {
        TextRules.wellFormed("json", node.textValue());
      }
      node.fieldNames().forEachRemaining(name -> TextRules.wellFormed("json", name));
    } catch (InvalidEvent e) {
      throw new IllegalArgumentException(e.rule(), e);
    }
    node.forEach(StrictJson::checkTexts);
  }
}
