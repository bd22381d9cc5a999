package io.tidings.http;

import io.tidings.cluster.AllNodes.Answer;
import io.tidings.cluster.AllNodes.Answers;
import io.tidings.fanout.StreamHandle;
import io.tidings.fanout.StreamInfo;
import io.tidings.fanout.StreamPage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Pages of the open streams, in the order of their handles: that of one node, which is bounded in
 * bytes as answers between nodes are, and that of all nodes.
 */
final class StreamPages {
  /** Of the streams in a page of one node. */
  static final int MAX_BYTES = 90_000;

  private static final String STREAMS = "streams";
  private static final String MORE = "more";
  private static final String HANDLE = "handle";

  private StreamPages() {}

  /** The answer of one node, with fewer streams than the page if they need too many bytes. */
  static JsonObject ofNode(StreamPage page) {
    var streams = new JsonArray();
    int bytes = 0;
    for (StreamInfo one : page.streams()) {
      JsonObject json = one.json();
      bytes += json.toBuffer().length();
      if (bytes > MAX_BYTES && !streams.isEmpty()) {
        break;
      }
      streams.add(json);
    }
    boolean more = page.more() || streams.size() < page.streams().size();
    return new JsonObject().put(STREAMS, streams).put(MORE, more);
  }

  /**
   * Merges the answers of the nodes. A node that has more streams than it sent ends the page, since
   * its next one may come before others.
   */
  static JsonObject merge(Answers all, int limit) {
    var merged = new TreeMap<StreamHandle, JsonObject>();
    Optional<StreamHandle> end = Optional.empty();
    for (Answer answer : all.answers()) {
      List<StreamHandle> handles = add(answer, merged);
      if (answer.content().getBoolean(MORE)) {
        StreamHandle last = handles.get(handles.size() - 1);
        end = Optional.of(end.filter(earlier -> earlier.compareTo(last) < 0).orElse(last));
      }
    }
    var handles = new ArrayList<StreamHandle>(merged.keySet());
    if (end.isPresent()) {
      StreamHandle last = end.get();
      handles.removeIf(handle -> handle.compareTo(last) > 0);
    }
    List<StreamHandle> page = handles.subList(0, Math.min(limit, handles.size()));
    var streams = new JsonArray();
    page.forEach(handle -> streams.add(merged.get(handle)));
    var json = new JsonObject().put(STREAMS, streams).put("missing", new JsonArray(all.missing()));
    boolean more = page.size() < merged.size() || end.isPresent();
    return more ? json.put("next", page.get(page.size() - 1).toString()) : json;
  }

  /** Adds the streams of a node, and returns their handles, in order. */
  private static List<StreamHandle> add(Answer answer, TreeMap<StreamHandle, JsonObject> merged) {
    var handles = new ArrayList<StreamHandle>();
    for (Object each : answer.content().getJsonArray(STREAMS)) {
      JsonObject stream = ((JsonObject) each).copy().put("node", answer.node());
      StreamHandle handle = StreamHandle.parse(stream.getString(HANDLE)).orElseThrow();
      merged.put(handle, stream);
      handles.add(handle);
    }
    handles.sort(Comparator.naturalOrder());
    return handles;
  }
}
