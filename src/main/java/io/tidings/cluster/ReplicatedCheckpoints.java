package io.tidings.cluster;

import io.tidings.bus.Checkpoints;
import io.tidings.log.raft.Voters;
import io.vertx.core.Future;
import java.util.Optional;

/** Checkpoints that are replicated with the log of a cluster. Any thread. */
public record ReplicatedCheckpoints(Voters voters) implements Checkpoints {
  @Override
  public Future<Optional<String>> read(String name) {
    return voters.checkpoint(name);
  }

  @Override
  public Future<Void> write(String name, String id) {
    return voters.setCheckpoint(name, id);
  }
}
