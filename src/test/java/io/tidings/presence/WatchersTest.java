package io.tidings.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.auth.Principal;
import io.tidings.event.TopicPattern;
import io.tidings.fanout.StreamListener;
import io.tidings.fanout.Subscriber;
import io.tidings.fanout.TestStreams;
import io.tidings.fanout.TestStreams.Stream;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchersTest {
  private Watchers watchers;

  /** Makes each stream watch the topics that it asks for. */
  private final StreamListener listener =
      new StreamListener() {
        @Override
        public void watches(Subscriber stream) {
          watchers.add(stream);
        }

        @Override
        public void begun(Subscriber stream) {
          watchers.follow(
              stream, stream.asked().patterns().stream().map(TopicPattern::pattern).toList());
        }

        @Override
        public void renewed(Subscriber stream) {}

        @Override
        public void left(Subscriber stream) {
          watchers.remove(stream);
        }
      };

  private static TopicState state(String topic) {
    return new TopicState(topic, Map.of(), 1, List.of());
  }

  /** A state of which the first frame can't be made. */
  private static TopicState faulty(String topic) {
    var failed = new AtomicBoolean();
    Map<MemberKey, Member> members =
        new AbstractMap<>() {
          @Override
          public Set<Entry<MemberKey, Member>> entrySet() {
            if (failed.compareAndSet(false, true)) {
              throw new OutOfMemoryError("thrown by a test");
            }
            return Set.of();
          }
        };
    return new TopicState(topic, members, 1, List.of());
  }

  @Test
  void aTopicThatCannotBeToldDelaysNoOtherAndIsToldNextTime() throws Exception {
    try (var log = new CapturedLog("io.tidings.presence");
        var streams = new TestStreams(listener)) {
      watchers = new Watchers(task -> streams.context().runOnContext(next -> task.run()), () -> 0);
      Stream one = streams.watch(Principal.HUB, "a");
      Stream other = streams.watch(Principal.HUB, "b");
      streams.run(() -> watchers.tell(topic -> topic.equals("a") ? faulty(topic) : state(topic)));
      streams.run(() -> {}); // that the streams were told is known
      assertEquals(0, one.received("hub.presence").size());
      assertEquals(1, other.received("hub.presence").size());
      assertTrue(log.contains("telling who is present failed"));
      TopicState now = state("a");
      streams.run(() -> watchers.tell(topic -> topic.equals("a") ? now : state(topic)));
      assertEquals(1, one.received("hub.presence").size());
      assertEquals(1, other.received("hub.presence").size());
    }
  }
}
