package io.tidings;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The strings in a class file, as the Java Virtual Machine Specification lays it out (4.4). */
final class StringConstants {
  private static final int MAGIC_AND_VERSION = 8;
  private static final int UTF8 = 1;
  private static final int STRING = 8;

  private StringConstants() {}

  static Set<String> of(Class<?> type) throws IOException {
    String file = "/" + type.getName().replace('.', '/') + ".class";
    try (InputStream bytes = type.getResourceAsStream(file);
        var in = new DataInputStream(bytes)) {
      in.skipNBytes(MAGIC_AND_VERSION);
      return read(in);
    }
  }

  private static Set<String> read(DataInputStream in) throws IOException {
    Map<Integer, String> texts = new HashMap<>();
    Set<Integer> strings = new HashSet<>();
    int count = in.readUnsignedShort();
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case UTF8 -> texts.put(i, in.readUTF());
        case STRING -> strings.add(in.readUnsignedShort());
        case 7, 16, 19, 20 -> in.skipNBytes(2); // class, method type, module, package
        case 15 -> in.skipNBytes(3); // method handle
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4); // numbers, members, dynamic
        case 5, 6 -> { // long and double take two entries
          in.skipNBytes(8);
          i++;
        }
        default -> throw new IOException("unknown constant " + tag);
      }
    }
    texts.keySet().retainAll(strings);
    return Set.copyOf(texts.values());
  }
}
