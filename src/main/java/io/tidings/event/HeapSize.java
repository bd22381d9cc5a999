package io.tidings.event;

import java.util.List;

/**
 * How many bytes objects take on the heap, estimated for a JVM with compressed references and
 * objects aligned to 8 bytes. Good to about a fifth: what is bounded by it are budgets, not single
 * objects.
 */
public final class HeapSize {
  private static final int HEADER = 12;
  private static final int ARRAY_HEADER = 16;
  private static final int REFERENCE = 4;
  private static final int ALIGNMENT = 8;
  private static final int STRING = 24;
  private static final int LIST = 24;
  private static final int MAX_WITHOUT_ARRAY = 2;
  private static final char LAST_LATIN_1 = 0xFF;

  private HeapSize() {}

  /** An object with fields of so many bytes; a reference has {@link #references} bytes. */
  public static long object(long fieldBytes) {
    return aligned(HEADER + fieldBytes);
  }

  /** So many references. */
  public static long references(long count) {
    return count * REFERENCE;
  }

  /** An array with elements of so many bytes together. */
  public static long array(long bytes) {
    return aligned(ARRAY_HEADER + bytes);
  }

  /** A text: a byte for each character where all are of ISO 8859-1, else two. */
  public static long of(String text) {
    if (text.isEmpty()) {
      return 0; // one for all
    }
    return STRING + array(latin1(text) ? text.length() : 2L * text.length());
  }

  /** An immutable list and its texts. */
  public static long of(List<String> texts) {
    long bytes = LIST;
    if (texts.size() > MAX_WITHOUT_ARRAY) {
      bytes += array(references(texts.size()));
    }
    for (int i = 0; i < texts.size(); i++) {
      bytes += of(texts.get(i));
    }
    return bytes;
  }

  private static boolean latin1(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > LAST_LATIN_1) {
        return false;
      }
    }
    return true;
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
