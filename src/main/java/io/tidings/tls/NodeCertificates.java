package io.tidings.tls;

import java.time.InstantSource;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What a node shows to the others of its cluster, and what it accepts of them. Others can be taken
 * into use: new connections get them, those that are open go on. Thread-safe.
 */
public final class NodeCertificates {
  private final NodeKey key = new NodeKey();
  private final NodeTrust trust;

  /**
   * @param first has a pair, and authorities
   */
  public NodeCertificates(Certificates first, InstantSource clock) {
    trust = new NodeTrust(clock);
    use(first);
  }

  /**
   * Takes other certificates into use.
   *
   * @throws IllegalStateException if they can't be used; then nothing has changed
   */
  public void use(Certificates certificates) {
    Runnable newTrust = trust.prepare(certificates);
    Runnable newKey = key.prepare(certificates);
    newTrust.run();
    newKey.run();
  }

  /** The node's certificate and key. */
  public X509ExtendedKeyManager key() {
    return key;
  }

  /** Which certificates of other nodes are accepted. */
  public X509ExtendedTrustManager trust() {
    return trust;
  }
}
