package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
  private final RequestBody.Parts parts = new RequestBody.Parts(10);

  /** The client goes on sending for as long as it likes; the memory is given back before. */
  @Test
  void nothingIsHeldOfABodyThatIsTooLarge() {
    parts.add(Buffer.buffer("x".repeat(10)));
    assertEquals(10, parts.heldBytes());
    parts.add(Buffer.buffer("y"));
    assertEquals(0, parts.heldBytes());
    parts.add(Buffer.buffer("z"));
    assertEquals(0, parts.heldBytes());
  }

  @Test
  void nothingIsHeldOfABodyThatTookTooLong() {
    parts.add(Buffer.buffer("x"));
    parts.fail(Problem.of(408, "body: must arrive"));
    parts.add(Buffer.buffer("y"));
    assertEquals(0, parts.heldBytes());
  }
}
