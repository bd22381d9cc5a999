package io.tidings.cluster;

import io.tidings.log.Peers;
import io.vertx.core.Future;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Requests between the nodes that share a log, each a word, which says what answers it, and a body.
 * A request and its answer have at most some 100 KB. Any thread; futures complete on any thread.
 */
public final class NodeRequests {
  private static final Future<String> UNKNOWN_WORD = Future.succeededFuture("");

  private final Peers peers;
  private final Map<String, Function<String, Future<String>>> answerers = new ConcurrentHashMap<>();

  public NodeRequests(Peers peers) {
    this.peers = peers;
    peers.answerWith(this::answer);
  }

  /**
   * Sets what answers the requests of other nodes that begin with a word; it must not block.
   *
   * @param answerer receives the body; an exception is a failure
   */
  public void answer(String word, Function<String, Future<String>> answerer) {
    if (answerers.putIfAbsent(word, answerer) != null) {
      throw new IllegalStateException("requests are answered already: " + word);
    }
  }

  /**
   * Asks another node.
   *
   * @param body may be empty
   * @return its answer, empty from a node of a version that does not know the word; fails if it
   *     does not come in time
   */
  public Future<String> ask(String peer, String word, String body) {
    return peers.ask(peer, body.isEmpty() ? word : word + " " + body);
  }

  private Future<String> answer(String request) {
    int end = request.indexOf(' ');
    String word = end < 0 ? request : request.substring(0, end);
    String body = end < 0 ? "" : request.substring(end + 1);
    Function<String, Future<String>> answerer = answerers.get(word);
    return answerer == null
        ? UNKNOWN_WORD
        : Future.succeededFuture(body).compose(answerer); // turns an exception into a failure
  }
}
