package io.tidings.chaos;

import io.tidings.chaos.RightsHistory.ReaderStreams;
import io.tidings.chaos.StreamHistory.Item;
import io.tidings.chaos.Violation.Kind;
import io.tidings.event.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges the order in which readers received events, and what they did not receive: all streams of
 * a reader together must have every event of the topics that it kept. Where a stream was between
 * two ids when its topics changed, the client does not know; there, every event is expected of
 * those topics that it had before and after the change.
 */
final class StreamOrderChecker {
  private final List<Delivery> log;
  private final long[] offsets;
  private final Map<String, Integer> indexes = new HashMap<>();
  private final RightsHistory history;
  private final List<Violation> violations = new ArrayList<>();

  /**
   * @param history complete, with at least one replay
   */
  StreamOrderChecker(History history) {
    this.history = history.rights();
    this.log = history.replays().firstEntry().getValue();
    this.offsets = log.stream().mapToLong(entry -> offset(entry.id())).toArray();
    for (int i = 0; i < log.size(); i++) {
      indexes.put(log.get(i).event(), i);
    }
  }

  /** Ids that are not those of events, as of a heartbeat, are known by their order alone. */
  private static long offset(String id) {
    return Position.parse(id).map(Position::offset).orElse(0L);
  }

  List<Violation> check() {
    history.readers().forEach(reader -> new Walk(reader).check());
    return violations;
  }

  /** One reader, on its way through the log. */
  private final class Walk {
    private final ReaderStreams reader;
    private final Set<String> seen = new HashSet<>();

    /** The topics since the last id; more than one set if they were changed since. */
    private final List<Set<String>> topics = new ArrayList<>();

    /** The entry after the last id. */
    private int next;

    private Walk(ReaderStreams reader) {
      this.reader = reader;
    }

    private void violated(Kind kind, StreamHistory stream, String format, Object... arguments) {
      String where = reader.name() + ", " + stream + ": ";
      violations.add(new Violation(kind, where + format.formatted(arguments)));
    }

    private void check() {
      StreamHistory last = null;
      for (StreamHistory stream : reader.streams()) {
        last = stream;
        stream.items().forEach(item -> step(stream, item));
      }
      if (last == null) {
        violations.add(new Violation(Kind.MISSED, reader.name() + " has opened no stream"));
      } else {
        skip(last, log.size());
      }
    }

    private void step(StreamHistory stream, Item item) {
      if (item instanceof StreamHistory.Told told) {
        if (!told.id().isEmpty()) {
          topics.clear(); // from its last id on, the reader has what the new stream has
        }
        topics.add(told.topics());
        advance(stream, told.id());
      } else if (item instanceof StreamHistory.Mark mark) {
        advance(stream, mark.id());
      } else if (item instanceof StreamHistory.End end) {
        advance(stream, end.id());
      } else if (item instanceof StreamHistory.Received received) {
        receive(stream, received.delivery());
      }
    }

    private void receive(StreamHistory stream, Delivery delivery) {
      Integer index = indexes.get(delivery.event());
      if (!seen.add(delivery.event())) {
        violated(Kind.TWICE, stream, "%s", delivery);
      } else if (index == null) {
        violated(Kind.DELIVERED_THEN_LOST, stream, "%s", delivery);
      } else if (index < next) {
        violated(Kind.REORDERED, stream, "%s, after %s", delivery, log.get(next - 1));
      } else {
        if (!log.get(index).id().equals(delivery.id())) {
          violated(Kind.ID_DIFFERS, stream, "%s, stored as %s", delivery, log.get(index));
        }
        skip(stream, index);
        next = index + 1;
      }
    }

    /** The stream is past all entries up to an id. */
    private void advance(StreamHistory stream, String id) {
      int end = next;
      while (end < log.size() && offsets[end] <= offset(id)) {
        end++;
      }
      if (!id.isEmpty()) {
        skip(stream, end);
      }
    }

    /** The reader has not received the entries up to this one. */
    private void skip(StreamHistory stream, int end) {
      for (; next < end; next++) {
        String topic = log.get(next).topic();
        if (topics.stream().allMatch(some -> some.contains(topic))) {
          violated(Kind.MISSED, stream, "%s, with %s", log.get(next), topics);
        }
      }
      Set<String> now = topics.get(topics.size() - 1);
      topics.clear();
      topics.add(now);
    }
  }
}
