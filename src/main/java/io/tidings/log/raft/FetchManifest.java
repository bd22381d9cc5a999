package io.tidings.log.raft;

import io.tidings.log.EpochAncestors;
import io.tidings.log.LogParts;
import io.tidings.log.SegmentPart;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What a node can fetch from another one: its newest saved state, and the segments with the entries
 * of that.
 *
 * @param state the state
 * @param voters the configuration of the cluster as that node has stored it, of the state or later
 * @param log the segments
 */
record FetchManifest(SavedState state, byte[] voters, LogParts log) {

  /**
   * A saved state.
   *
   * @param term of the last command
   * @param index of the last command
   * @param size in bytes
   * @param md5 its checksum, in hexadecimal digits
   */
  record SavedState(long term, long index, long size, String md5) {
    private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");
    private static final long MAX_SIZE = Integer.MAX_VALUE - 16L;

    SavedState {
      if (term < 0 || index < 0 || size <= 0 || size > MAX_SIZE || !MD5.matcher(md5).matches()) {
        throw new IllegalArgumentException(
            "no state: %d_%d, %d bytes".formatted(term, index, size));
      }
    }
  }

  String encode() {
    var ancestors = new JsonObject();
    log.ancestors().lastOffsets().forEach((epoch, last) -> ancestors.put("" + epoch, "" + last));
    var segments = new JsonArray();
    for (SegmentPart part : log.segments()) {
      segments.add(
          new JsonArray(
              List.of(
                  "" + part.first(),
                  "" + part.previous(),
                  "" + part.salt(),
                  "" + part.last(),
                  "" + part.length(),
                  "" + part.records())));
    }
    return new JsonObject()
        .put("term", state.term())
        .put("index", state.index())
        .put("size", state.size())
        .put("md5", state.md5())
        .put("voters", voters)
        .put("epoch", "" + log.epoch())
        .put("ancestors", ancestors)
        .put("segments", segments)
        .encode();
  }

  /**
   * @throws IOException if it is none that this version understands
   */
  static FetchManifest decode(String text) throws IOException {
    try {
      var json = new JsonObject(text);
      var state =
          new SavedState(
              json.getLong("term"),
              json.getLong("index"),
              json.getLong("size"),
              json.getString("md5"));
      Map<Long, Long> ancestors = new LinkedHashMap<>();
      json.getJsonObject("ancestors")
          .forEach(
              one ->
                  ancestors.put(Long.valueOf(one.getKey()), Long.valueOf((String) one.getValue())));
      List<SegmentPart> segments =
          json.getJsonArray("segments").stream()
              .map(JsonArray.class::cast)
              .map(FetchManifest::segment)
              .toList();
      long epoch = Long.parseLong(json.getString("epoch"));
      return new FetchManifest(
          state,
          Objects.requireNonNull(json.getBinary("voters")),
          new LogParts(epoch, new EpochAncestors(ancestors), segments));
    } catch (DecodeException
        | ClassCastException
        | NullPointerException
        | IndexOutOfBoundsException
        | IllegalArgumentException e) {
      throw new IOException("its answer can't be understood: " + e.getMessage(), e);
    }
  }

  private static SegmentPart segment(JsonArray words) {
    return new SegmentPart(
        Long.parseLong(words.getString(0)),
        Long.parseLong(words.getString(1)),
        Long.parseLong(words.getString(2)),
        Long.parseLong(words.getString(3)),
        Long.parseLong(words.getString(4)),
        Integer.parseInt(words.getString(5)));
  }
}
