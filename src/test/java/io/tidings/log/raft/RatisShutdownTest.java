package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** {@link RatisShutdown} relies on these fields; it can't be compiled against them. */
class RatisShutdownTest {
  private static Class<?> field(String type, String name) throws ReflectiveOperationException {
    return Class.forName("org.apache.ratis.server.impl." + type).getDeclaredField(name).getType();
  }

  @Test
  void theThreadThatAppliesIsStoppedByAnIndexThatRatisKeepsInThisField() throws Exception {
    assertEquals("ServerState", field("RaftServerImpl", "state").getSimpleName());
    assertTrue(Supplier.class.isAssignableFrom(field("ServerState", "stateMachineUpdater")));
    assertEquals(AtomicReference.class, field("StateMachineUpdater", "stopIndex"));
  }
}
