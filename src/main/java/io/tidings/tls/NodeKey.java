package io.tidings.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.KeyManager;
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
    for (KeyManager manager : certificates.keys().getKeyManagerFactory(null).getKeyManagers()) {
      if (manager instanceof X509KeyManager keys) {
        for (String type : new String[] {"EC", "RSA"}) {
          String[] found = keys.getServerAliases(type, null);
          if (found != null && found.length > 0) {
            return new Pair(
                alias, keys.getPrivateKey(found[0]), keys.getCertificateChain(found[0]));
          }
        }
      }
    }
    throw new GeneralSecurityException("neither an EC nor an RSA key");
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
