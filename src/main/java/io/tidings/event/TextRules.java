package io.tidings.event;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The rules for text that reaches a frame, a header or a file. */
public final class TextRules {
  private TextRules() {}

  /**
   * Decodes UTF-8 and takes nothing else for it.
   *
   * @param field what the bytes are, for the error
   * @throws InvalidEvent where the bytes are not UTF-8
   */
  public static String utf8(String field, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidEvent(field, "must be UTF-8");
    }
  }

  /** Whether the text has only printable ASCII: what any client can send back in a header. */
  public static boolean printableAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  /** The number of bytes that the text takes as UTF-8, without encoding it. */
  public static int utf8Length(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // each half of a surrogate pair accounts for two of the pair's four bytes
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** Text that can be written as UTF-8: no half of a surrogate pair without the other. */
  static String wellFormed(String field, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new InvalidEvent(field, "must not have half of a surrogate pair");
        }
        i++;
      }
    }
    return text;
  }

  /**
   * Text that can stand in one field of a frame or a header: at most so many bytes and no control
   * character, which could end the field and begin another.
   */
  static String singleLine(String field, String text, int maxBytes) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        throw new InvalidEvent(field, "must be a single line without control characters");
      }
    }
    if (utf8Length(wellFormed(field, text)) > maxBytes) {
      throw new InvalidEvent(field, "must have at most " + maxBytes + " bytes");
    }
    return text;
  }
}
