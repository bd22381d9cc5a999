package io.tidings.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.limits.ClientState.Opening;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClientTableTest {
  private static final long NANOS = Duration.ofSeconds(1).toNanos();
  private static final int PLACES = 128;
  private static final int CLIENTS = 5;

  private final Rate rate = new Rate(0, 10, Duration.ofSeconds(1), Duration.ofSeconds(1));
  private final ClientTable table = new ClientTable(List.of(rate), 0, PLACES, 4);

  private static LimitKey key(int n) {
    return LimitKey.ofAddress("192.0.2." + n);
  }

  private ClientState used(int n, long now) {
    ClientState state = table.get(key(n), now);
    assertEquals(0, rate.take(state.buckets(), 1, now));
    return state;
  }

  @Test
  void aFloodOfAddressesThatDoNothingMoreDoesNotGrowTheTable() {
    for (int i = 0; i < 100_000; i++) {
      used(i, i * NANOS);
    }
    assertEquals(PLACES, table.size());
  }

  @Test
  void aFloodOfActiveAddressesDoesNotGrowTheTableAndThoseInItKeepTheirState() {
    List<ClientState> first = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      first.add(used(i, 0));
    }
    Set<ClientState> shared = new HashSet<>();
    for (int i = PLACES; i < 10_000; i++) {
      shared.add(table.get(key(i), 0));
    }
    assertEquals(PLACES, table.size());
    assertEquals(4, shared.size());
    for (int i = 0; i < PLACES; i++) {
      assertSame(first.get(i), table.get(key(i), 0));
    }
  }

  @Test
  void aClientWithoutAPlaceGetsOneWhenAnotherIsIdle() {
    for (int i = 0; i < PLACES; i++) {
      used(i, 0);
    }
    ClientState shared = table.get(key(1_000), 0);
    assertSame(shared, table.get(key(1_000), 0));
    ClientState own = table.get(key(1_000), NANOS);
    assertNotSame(shared, own);
    assertSame(own, table.get(key(1_000), NANOS));
  }

  @Test
  void aClientWithAnOpenStreamKeepsItsPlace() {
    ClientState open = table.get(key(0), 0);
    assertEquals(Opening.OPENED, open.openStream(1));
    for (int i = 1; i < 10_000; i++) {
      used(i, i * NANOS);
    }
    assertSame(open, table.get(key(0), 0));
    assertEquals(Opening.TOO_MANY, table.get(key(0), 0).openStream(1));
  }

  @Test
  void noStreamIsCountedInAStateThatWasRemoved() {
    ClientState old = table.get(key(0), 0);
    for (int i = 1; i <= PLACES; i++) {
      used(i, 0);
    }
    assertEquals(Opening.RETIRED, old.openStream(0));
    assertNotSame(old, table.get(key(0), NANOS));
  }

  /** Each thread opens and closes streams of few clients, which are evicted all the time. */
  @Test
  void threadsThatEvictAndOpenCountEveryStream() throws Exception {
    var small = new ClientTable(List.of(rate), 0, 2, 1);
    var lost = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      int seed = t;
      var thread = new Thread(() -> churn(small, lost, new Random(seed)));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, lost.get());
    for (int i = 0; i < CLIENTS; i++) {
      assertEquals(0, small.get(key(i), 0).streams());
    }
    assertTrue(small.size() <= 2 + threads.size());
  }

  private static void churn(ClientTable table, AtomicInteger lost, Random random) {
    for (int i = 0; i < 50_000; i++) {
      LimitKey key = key(random.nextInt(CLIENTS));
      ClientState state = table.get(key, 0);
      if (state.openStream(0) == Opening.RETIRED) {
        table.forget(state);
        continue;
      }
      if (state.streams() < 1) {
        lost.incrementAndGet();
      }
      state.closeStream();
    }
  }
}
