package io.tidings.log.raft;

import java.util.List;
import java.util.Optional;

/**
 * A request of a node that fetches the log, to another node. As text: a word and numbers.
 *
 * @param asker the node
 * @param numbers by kind; see there
 * @param text a note
 */
record FetchRequest(Kind kind, String asker, List<Long> numbers, String text) {
  private static final String PREFIX = "raft-fetch ";

  /** What is asked for. */
  enum Kind {
    /** A {@link FetchManifest}. */
    MANIFEST(0),
    /** Bytes of the state of the last manifest: term, index, position, length. */
    STATE(4),
    /** Bytes of a segment: first, salt, position, length. */
    SEGMENT(4),
    /** Nothing: a {@link FetchNote}. */
    NOTE(0);

    private final int numbers;

    Kind(int numbers) {
      this.numbers = numbers;
    }
  }

  FetchRequest {
    numbers = List.copyOf(numbers);
    if (numbers.size() != kind.numbers) {
      throw new IllegalArgumentException(kind + " has " + kind.numbers + " numbers");
    }
  }

  static FetchRequest of(Kind kind, String asker, Long... numbers) {
    return new FetchRequest(kind, asker, List.of(numbers), "");
  }

  static FetchRequest of(FetchNote note) {
    return new FetchRequest(Kind.NOTE, note.node(), List.of(), note.encode());
  }

  static boolean isOne(String text) {
    return text.startsWith(PREFIX);
  }

  String encode() {
    var encoded = new StringBuilder(PREFIX).append(kind.name()).append(' ').append(asker);
    numbers.forEach(number -> encoded.append(' ').append(number));
    return kind == Kind.NOTE ? encoded.append(' ').append(text).toString() : encoded.toString();
  }

  /** Empty for a request of another version. */
  static Optional<FetchRequest> decode(String encoded) {
    String[] words = encoded.substring(PREFIX.length()).split(" ", 3);
    try {
      Kind kind = Kind.valueOf(words[0]);
      String rest = words.length > 2 ? words[2] : "";
      if (kind == Kind.NOTE) {
        return Optional.of(new FetchRequest(kind, words[1], List.of(), rest));
      }
      List<Long> numbers =
          rest.isEmpty()
              ? List.of()
              : List.of(rest.split(" ")).stream().map(Long::valueOf).toList();
      return Optional.of(new FetchRequest(kind, words[1], numbers, ""));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }
}
