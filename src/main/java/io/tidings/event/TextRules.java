package io.tidings.event;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Rules for text that is written to a frame, a header or a file. */
public final class TextRules {
  private TextRules() {}

  /**
   * Decodes UTF-8 strictly.
   *
   * @param field the field's name in the error
   * @throws InvalidEvent if the bytes are not UTF-8
   */
  public static String utf8(String field, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidEvent(field, "must be UTF-8");
    }
  }

  /** Whether the text is printable ASCII, which any client can send back in a header. */
  public static boolean printableAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  /** The length of the text in UTF-8, computed without encoding it. */
  public static int utf8Length(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // each half of a surrogate pair accounts for two of the pair's four bytes
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** Checks that the text can be encoded as UTF-8: it has no unpaired surrogate. */
  public static String wellFormed(String field, String text) {
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
   * Checks that the text fits one field of a frame or a header: a bounded length, and no control
   * character, which could end the field and inject another.
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
