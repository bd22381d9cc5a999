package io.tidings;

import io.tidings.auth.Authenticator;
import io.tidings.cluster.HazelcastBus;
import io.tidings.settings.AuthMode;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Loopback;
import io.tidings.settings.Settings;
import java.util.Optional;

/** Whether what a hub serves can be reached from outside this machine, and by whom. */
final class Exposure {
  private Exposure() {}

  /**
   * @throws InvalidSetting if others can reach the hub, and no request of theirs could be accepted
   */
  static void check(Settings settings, Authenticator authenticator) {
    String host = settings.http().host();
    boolean decided = authenticator.mode() == AuthMode.OPEN || authenticator.hasKeys();
    boolean grantsWithoutToken =
        !settings.auth().anonymous().subscribe().isEmpty()
            || !settings.auth().anonymous().publish().isEmpty();
    if (!decided && !grantsWithoutToken && !Loopback.isHost(host)) {
      throw InvalidSetting.of(
          "http.host",
          host,
          "can be reached by others, who need a right: make a token with `java -jar tidings.jar token`,"
              + " which creates the secret; or list keys in auth.issuers; or let everybody in with"
              + " auth.mode=open");
    }
  }

  /**
   * Whether every request over the event bus is the hub's own, or trusted as if it were: the bus
   * ends within this process, or it is one with others and the hub is open.
   *
   * @param clustered whether the bus reaches other processes, perhaps by another member than {@code
   *     bus}
   */
  static boolean trustsBus(Settings settings, Optional<HazelcastBus> bus, boolean clustered) {
    AuthMode mode = settings.auth().mode();
    if (bus.isEmpty() && clustered) {
      return mode == AuthMode.OPEN;
    }
    return bus.isEmpty()
        || mode == AuthMode.OPEN
        || mode == AuthMode.AUTO && bus.get().onThisMachine();
  }
}
