package io.tidings.log.raft;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;

/**
 * The address at which a node listens, by its name. In a container the name may become known some
 * seconds after the process has started.
 */
final class OwnAddress {
  private static final System.Logger LOG = System.getLogger(OwnAddress.class.getName());
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long RETRY_MILLIS = 500;

  private OwnAddress() {}

  /** Looks names up. */
  interface Lookup {
    void find(String host) throws UnknownHostException;
  }

  /**
   * Returns when the host has an address. Blocks.
   *
   * @throws IOException if it has none within a minute
   */
  static void await(String host) throws IOException, InterruptedException {
    await(host, InetAddress::getByName, PATIENCE_NANOS);
  }

  static void await(String host, Lookup lookup, long patienceNanos)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    for (boolean first = true; ; first = false) {
      try {
        lookup.find(host);
        return;
      } catch (UnknownHostException e) {
        if (System.nanoTime() - begin > patienceNanos) {
          throw new IOException(
              host + " is this node by cluster.members, and has no address: it can't listen", e);
        } else if (first) {
          LOG.log(
              System.Logger.Level.INFO,
              "waiting until {0}, at which this node listens, has an address",
              host);
        }
      }
      Thread.sleep(RETRY_MILLIS);
    }
  }
}
