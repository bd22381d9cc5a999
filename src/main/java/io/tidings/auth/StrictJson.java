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
 * refused: repeated members, trailing text, other encodings than UTF-8.
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
    try {
      JsonNode read = MAPPER.readTree(TextRules.utf8("json", utf8));
      if (read instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException | InvalidEvent e) {
      throw new IllegalArgumentException("must be a JSON object without repeated members", e);
    }
    throw new IllegalArgumentException("must be a JSON object");
  }
}
