package io.tidings.bus;

import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The positions of consumers that read the log once for all nodes, by name. Thread-safe. */
public interface Checkpoints {
  /** The last id that was written under the name, if there is one. */
  Future<Optional<String>> read(String name);

  /** Stores the id of the last entry that was processed. */
  Future<Void> write(String name, String id);

  /** Checkpoints in memory, for a hub without a cluster. */
  static Checkpoints ofOneNode() {
    Map<String, String> ids = new ConcurrentHashMap<>();
    return new Checkpoints() {
      @Override
      public Future<Optional<String>> read(String name) {
        return Future.succeededFuture(Optional.ofNullable(ids.get(name)));
      }

      @Override
      public Future<Void> write(String name, String id) {
        ids.put(name, id);
        return Future.succeededFuture();
      }
    };
  }
}
