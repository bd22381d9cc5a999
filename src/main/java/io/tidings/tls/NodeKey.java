package io.tidings.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * A node's certificate and key, which can be replaced while handshakes are under way: a handshake
 * that has chosen a pair by its alias gets that pair, although another one is in use meanwhile.
 * Thread-safe.
 */
final class NodeKey extends X509ExtendedKeyManager {
  private record Pair(String alias, PrivateKey key, X509Certificate[] chain) {}

  private volatile Pair current;
  private volatile Pair previous;
  private int generation;

  /**
   * Reads the first pair of these.
   *
   * @return takes it into use
   * @throws IllegalStateException if it can't be read
   */
  synchronized Runnable prepare(Certificates certificates) {
    try {
      Pair next = pair(certificates, "node-" + generation++);
      return () -> use(next);
    } catch (Exception e) {
      throw new IllegalStateException("the certificate's key can't be read", e);
    }
  }

  private synchronized void use(Pair next) {
    previous = current == null ? next : current;
    current = next;
  }

  private static Pair pair(Certificates certificates, String alias) throws Exception {
    X509KeyManager keys = certificates.files().pairs().get(0).read();
    String type = certificates.own().get(0).getPublicKey().getAlgorithm();
    String found = keys.getServerAliases(type, null)[0];
    return new Pair(alias, keys.getPrivateKey(found), keys.getCertificateChain(found));
  }

  private Pair find(String alias) {
    Pair now = current;
    return now.alias().equals(alias) ? now : previous;
  }

  private String choose(String... types) {
    Pair now = current;
    return Arrays.asList(types).contains(now.key().getAlgorithm()) ? now.alias() : null;
  }

  private String[] all(String type) {
    String alias = choose(type);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public String[] getClientAliases(String type, Principal[] issuers) {
    return all(type);
  }

  @Override
  public String[] getServerAliases(String type, Principal[] issuers) {
    return all(type);
  }

  @Override
  public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
    return choose(types);
  }

  @Override
  public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
    return choose(type);
  }

  @Override
  public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
    return choose(types);
  }

  @Override
  public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
    return choose(type);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return find(alias).chain().clone();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return find(alias).key();
  }
}
