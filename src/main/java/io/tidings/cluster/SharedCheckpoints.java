package io.tidings.cluster;

import com.hazelcast.map.IMap;
import io.tidings.bus.Checkpoints;
import io.vertx.core.Future;
import java.util.Optional;

/** Checkpoints that all nodes of a cluster share, in a Hazelcast map. Any thread. */
final class SharedCheckpoints implements Checkpoints {
  private final IMap<String, String> map;

  SharedCheckpoints(IMap<String, String> map) {
    this.map = map;
  }

  @Override
  public Future<Optional<String>> read(String name) {
    return Future.fromCompletionStage(map.getAsync(name)).map(Optional::ofNullable);
  }

  @Override
  public Future<Void> write(String name, String id) {
    return Future.fromCompletionStage(map.setAsync(name, id));
  }
}
