package io.tidings.scenes;

import io.tidings.bus.ContextFutures;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads what the log has of recent answers. Confined to its verticle's event loop. */
final class AnswerHistory {
  /** Within it, publishing the same event again stores nothing twice: {@code log.once}. */
  private static final Duration AGE = Duration.ofMinutes(10);

  /** More than can be given at a time. */
  private static final int MAX_REQUESTS = 100;

  private static final int PAGE_BYTES = 64 * 1024;

  private final EventLog log;

  AnswerHistory(EventLog log) {
    this.log = log;
  }

  /**
   * The newest requests of the last ten minutes, and all events of their answers, up to the present
   * head of the log, in order. Topics are read by name, which a log has indexes for.
   */
  Future<List<Entry>> read() {
    return entries(Selection.all(Answers.TOPIC))
        .compose(
            requests -> {
              var recent =
                  requests.subList(Math.max(0, requests.size() - MAX_REQUESTS), requests.size());
              Stream<String> answers = recent.stream().flatMap(AnswerHistory::topics).distinct();
              return entries(
                      Selection.all(
                          Stream.concat(Stream.of(Answers.TOPIC), answers).toArray(String[]::new)))
                  .map(all -> recent.isEmpty() ? all : since(recent.get(0).position(), all));
            });
  }

  /** An earlier request, whose answer was not read, would look as if that had no end. */
  private static List<Entry> since(Position first, List<Entry> all) {
    return all.stream().filter(entry -> entry.position().offset() >= first.offset()).toList();
  }

  private static Stream<String> topics(Entry request) {
    try {
      return Stream.of(Answers.topicOf(Command.of(request.event())));
    } catch (InvalidEvent e) {
      return Stream.of(); // it was refused when it came
    }
  }

  private Future<List<Entry>> entries(Selection selection) {
    var found = new ArrayList<Entry>();
    return ContextFutures.of(log.find(new ResumeRequest.Since(AGE), selection, selection))
        .compose(start -> readAfter(start.after(), log.bounds().newest(), selection, found))
        .map(found);
  }

  private Future<Void> readAfter(
      Position position, long head, Selection selection, List<Entry> found) {
    if (position.offset() >= head) {
      return Future.succeededFuture();
    }
    return ContextFutures.of(log.after(position, selection, PAGE_BYTES))
        .compose(
            page -> {
              found.addAll(page.entries());
              boolean advanced = page.end().offset() > position.offset();
              return readAfter(page.end(), advanced ? head : 0, selection, found);
            });
  }
}
