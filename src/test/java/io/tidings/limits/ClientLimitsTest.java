package io.tidings.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.metrics.Refusal;
import io.tidings.settings.LimitSettings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientLimitsTest {
  private static final LimitKey A = LimitKey.ofAddress("192.0.2.1");
  private static final LimitKey B = LimitKey.ofAddress("192.0.2.2");

  private long now = -42;

  private ClientLimits limits(int streams, int opens, int publishes, long bytes, int logins) {
    return new ClientLimits(
        new LimitSettings.Client(streams, opens, publishes, bytes, logins), () -> now);
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private static LimitExceeded refused(Refusal reason, Runnable what) {
    var refusal = assertThrows(LimitExceeded.class, what::run);
    assertEquals(reason, refusal.reason());
    return refusal;
  }

  @Test
  void aRefusalNamesTheSettingItsRuleAndWhenToTryAgain() {
    ClientLimits limits = limits(0, 0, 10, 0, 0);
    limits.publish(A, 20, 0);
    LimitExceeded refusal = refused(Refusal.PUBLISHES, () -> limits.publish(A, 15, 0));
    assertEquals("limits.client.publishes", refusal.setting());
    assertEquals("at most 10 events a second for each client", refusal.rule());
    assertEquals(
        "limits.client.publishes: at most 10 events a second for each client",
        refusal.getMessage());
    assertEquals(2, refusal.retrySeconds());
    pass(Duration.ofSeconds(2));
    limits.publish(A, 15, 0);
  }

  @Test
  void clientsDoNotUseUpEachOthersLimits() {
    ClientLimits limits = limits(1, 1, 1, 0, 1);
    limits.openStream(A);
    limits.publish(A, 2, 0);
    limits.failedLogin(A);
    limits.openStream(B);
    limits.publish(B, 2, 0);
    limits.checkLogin(B);
    refused(Refusal.STREAMS, () -> limits.openStream(A));
    refused(Refusal.PUBLISHES, () -> limits.publish(A, 1, 0));
    refused(Refusal.LOGINS, () -> limits.checkLogin(A));
  }

  @Test
  void aPublicationThatIsRefusedIsNotCounted() {
    ClientLimits limits = limits(0, 0, 10, 100, 0);
    for (int i = 0; i < 100; i++) {
      limits.publish(A, 1, 150);
      pass(Duration.ofSeconds(1));
      refused(Refusal.BYTES, () -> limits.publish(A, 20, 201));
      pass(Duration.ofSeconds(1));
    }
    limits.publish(A, 20, 200);
  }

  @Test
  void aBodyLargerThanABurstPassesWhenTheClientWasIdle() {
    ClientLimits limits = limits(0, 0, 0, 100, 0);
    limits.publish(A, 1, 1_000);
    assertEquals(9, refused(Refusal.BYTES, () -> limits.publish(A, 1, 100)).retrySeconds());
    pass(Duration.ofSeconds(9));
    limits.publish(A, 1, 100);
  }

  @Test
  void bytesOfAPublicationThatIsRefusedLaterAreGivenBack() {
    ClientLimits limits = limits(0, 0, 10, 100, 0);
    limits.publish(A, 0, 200);
    refused(Refusal.BYTES, () -> limits.publish(A, 0, 1));
    limits.refuseBytes(A, 200);
    limits.publish(A, 0, 200);
  }

  @Test
  void nothingIsAcceptedBeforeAnEventMayBePublished() {
    ClientLimits limits = limits(0, 0, 10, 0, 0);
    for (int i = 0; i < 100; i++) {
      limits.publish(A, 0, 1);
    }
    limits.publish(A, 20, 1);
    refused(Refusal.PUBLISHES, () -> limits.publish(A, 0, 1));
  }

  @Test
  void streamsThatAreOpenedTooFastAreRefusedAndNotCounted() {
    ClientLimits limits = limits(3, 1, 0, 0, 0);
    for (int i = 0; i < 10; i++) {
      limits.openStream(A).run();
    }
    assertEquals(1, refused(Refusal.OPENS, () -> limits.openStream(A)).retrySeconds());
    refused(Refusal.OPENS, () -> limits.checkStream(A));
    pass(Duration.ofSeconds(3));
    for (int i = 0; i < 3; i++) {
      limits.checkStream(A);
      limits.openStream(A);
    }
    pass(Duration.ofSeconds(3));
    refused(Refusal.STREAMS, () -> limits.openStream(A));
    refused(Refusal.STREAMS, () -> limits.checkStream(A));
  }

  @Test
  void aStreamIsReleasedOnceHoweverOftenItEnds() {
    ClientLimits limits = limits(2, 0, 0, 0, 0);
    Runnable one = limits.openStream(A);
    limits.openStream(A);
    one.run();
    one.run();
    one.run();
    limits.openStream(A);
    refused(Refusal.STREAMS, () -> limits.openStream(A));
  }

  @Test
  void failedLoginsBlockTheAddressForAWhile() {
    ClientLimits limits = limits(0, 0, 0, 0, 6);
    for (int i = 0; i < 6; i++) {
      limits.checkLogin(A);
      limits.failedLogin(A);
    }
    limits.failedLogin(A); // one that began before
    assertEquals(10, refused(Refusal.LOGINS, () -> limits.checkLogin(A)).retrySeconds());
    pass(Duration.ofSeconds(10));
    limits.checkLogin(A);
  }

  @Test
  void zeroIsNoLimit() {
    ClientLimits limits = limits(0, 0, 0, 0, 0);
    for (int i = 0; i < 10_000; i++) {
      limits.openStream(A);
      limits.publish(A, 1_000_000, 1_000_000);
      limits.failedLogin(A);
    }
    limits.checkStream(A);
    limits.checkLogin(A);
  }

  @Test
  void theCountOfStreamsIsExact() {
    long seed = Long.getLong("limits.seed", System.nanoTime());
    var random = new Random(seed);
    ClientLimits limits = limits(7, 0, 0, 0, 0);
    List<Deque<Runnable>> open = new ArrayList<>();
    for (int client = 0; client < 200; client++) {
      open.add(new ArrayDeque<>());
    }
    for (int i = 0; i < 100_000; i++) {
      int client = random.nextInt(open.size());
      Deque<Runnable> streams = open.get(client);
      LimitKey key = LimitKey.ofAddress("2001:db8:0:" + Integer.toHexString(client) + "::1");
      String step = "seed " + seed + ", step " + i;
      if (random.nextInt(5) < 2 && !streams.isEmpty()) {
        Runnable release = random.nextBoolean() ? streams.pollFirst() : streams.pollLast();
        release.run();
        release.run();
      } else if (streams.size() < 7) {
        streams.add(limits.openStream(key));
      } else {
        assertThrows(LimitExceeded.class, () -> limits.openStream(key), step);
      }
      pass(Duration.ofNanos(random.nextInt(1_000_000)));
    }
  }
}
