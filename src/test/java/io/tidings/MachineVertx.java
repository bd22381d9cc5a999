package io.tidings;

import io.tidings.logging.Logging;
import io.tidings.settings.HttpSettings;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The Vert.x with the transport of this machine, for tests of other rooms. */
public final class MachineVertx {
  private MachineVertx() {}

  /** One with the transport and the event loops that are set; to be closed by the caller. */
  public static Vertx of(HttpSettings settings) throws Exception {
    VertxInstance.sizeRings();
    Logging.silenceLibraries();
    return VertxInstance.of(settings, Optional.empty())
        .toCompletionStage()
        .toCompletableFuture()
        .get(15, TimeUnit.SECONDS)
        .vertx();
  }
}
