package io.tidings.log;

import io.vertx.core.Future;
import java.util.function.Function;

/** Requests between the nodes that share a log. Any thread; futures complete on any thread. */
public interface Peers {
  /**
   * Asks another node.
   *
   * @param request a text of at most some 100 KB
   * @return its answer; fails if it does not come in time
   */
  Future<String> ask(String peer, String request);

  /** Sets what answers the requests of other nodes; it must not block. */
  void answerWith(Function<String, Future<String>> answerer);
}
