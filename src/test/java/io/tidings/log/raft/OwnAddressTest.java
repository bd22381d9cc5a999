package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OwnAddressTest {
  private int lookups;

  @Test
  void aNameThatBecomesKnownIsWaitedFor() throws Exception {
    OwnAddress.await(
        "tidings-0.nodes",
        host -> {
          if (++lookups < 2) {
            throw new UnknownHostException(host);
          }
        },
        TimeUnit.MINUTES.toNanos(1));
    assertEquals(2, lookups);
  }

  @Test
  void aNameThatStaysUnknownEndsTheStart() {
    var failure =
        assertThrows(
            IOException.class,
            () ->
                OwnAddress.await(
                    "nowhere",
                    host -> {
                      throw new UnknownHostException(host);
                    },
                    -1));
    assertTrue(failure.getMessage().contains("nowhere is this node"), failure::getMessage);
  }
}
