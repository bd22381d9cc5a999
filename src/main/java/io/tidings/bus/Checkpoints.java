package io.tidings.bus;

import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where those who read the log for all nodes keep how far they are. Any thread. */
public interface Checkpoints {
  /** The id that was kept under the name, if there is one. */
  Future<Optional<String>> read(String name);

  /** Keeps an id under the name. */
  Future<Void> write(String name, String id);

  /** Those of a hub that is alone: they end with it. */
  static Checkpoints ofOneNode() {
    Map<String, String> kept = new ConcurrentHashMap<>();
    return new Checkpoints() {
      @Override
      public Future<Optional<String>> read(String name) {
        return Future.succeededFuture(Optional.ofNullable(kept.get(name)));
      }

      @Override
      public Future<Void> write(String name, String id) {
        kept.put(name, id);
        return Future.succeededFuture();
      }
    };
  }
}
