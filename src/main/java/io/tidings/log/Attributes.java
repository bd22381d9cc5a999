package io.tidings.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The attributes that are stored with a record beside its event: values by tag. A reader preserves
 * optional attributes that it does not know; it must know a tag that has the bit {@link #REQUIRED}.
 * Immutable.
 */
public final class Attributes {
  /** A record without attributes. */
  public static final Attributes NONE = new Attributes(new TreeMap<>());

  /** The bit of a tag that a reader must know. */
  public static final int REQUIRED = 0x8000;

  /** Text: the scope in which the publication's key and the event's id are deduplicated. */
  public static final int DEDUP_SCOPE = 1;

  /** Text: the publisher. */
  public static final int PUBLISHER = 2;

  /** Text: the W3C trace context of the publishing request. */
  public static final int TRACEPARENT = 3;

  /** Text: the media type of the data. */
  public static final int CONTENT_TYPE = 4;

  /** Eight bytes: the index of the Raft command that wrote the record. */
  public static final int RAFT_INDEX = 5;

  /** One byte for each topic: 0 for dotted names, 1 for a URI. */
  public static final int TOPIC_KINDS = 6;

  /** The greatest tag, as tags are stored in two bytes. */
  private static final int MAX_TAG = 0xffff;

  private static final int MAX_BYTES = 1 << 20;

  private final SortedMap<Integer, byte[]> values;

  private Attributes(SortedMap<Integer, byte[]> values) {
    this.values = Collections.unmodifiableSortedMap(values);
  }

  /**
   * A copy with the value of the tag added or replaced.
   *
   * @throws IllegalArgumentException if the tag is out of range or the value exceeds 1 MiB
   */
  public Attributes with(int tag, byte[] value) {
    if (tag < 0 || tag > MAX_TAG) {
      throw new IllegalArgumentException("tag " + tag);
    }
    if (value.length > MAX_BYTES) {
      throw new IllegalArgumentException("attribute " + tag + ": " + value.length + " bytes");
    }
    var more = new TreeMap<>(values);
    more.put(tag, value.clone());
    return new Attributes(more);
  }

  /** A copy with the text of the tag added or replaced, in UTF-8. */
  public Attributes with(int tag, String text) {
    return with(tag, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A copy with the number of the tag added or replaced, in eight bytes, big-endian. */
  public Attributes with(int tag, long number) {
    return with(tag, ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  /** The text of the tag; empty if there is none. */
  public Optional<String> text(int tag) {
    return Optional.ofNullable(values.get(tag))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /** The number of the tag; empty if there is none, or if it has not eight bytes. */
  public OptionalLong number(int tag) {
    byte[] bytes = values.get(tag);
    return bytes == null || bytes.length != Long.BYTES
        ? OptionalLong.empty()
        : OptionalLong.of(ByteBuffer.wrap(bytes).getLong());
  }

  /** The values by tag, in the order of the tags; must not be modified. */
  public Map<Integer, byte[]> values() {
    return values;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attributes that
        && values.keySet().equals(that.values.keySet())
        && values.keySet().stream()
            .allMatch(tag -> Arrays.equals(values.get(tag), that.values.get(tag)));
  }

  @Override
  public int hashCode() {
    return values.keySet().hashCode();
  }

  @Override
  public String toString() {
    return "Attributes" + values.keySet();
  }
}
