package io.tidings.tls;

import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;

/**
 * Several certificates on one port: the one whose names match the host that the client asks for
 * (RFC 6066, 3), otherwise the first. With {@link PemKeyCertOptions} alone, the JDK would then
 * choose any.
 */
final class PairsByName implements KeyCertOptions {
  private final PemKeyCertOptions first;
  private final PemKeyCertOptions all;

  PairsByName(List<PemFiles.Pair> pairs) {
    first = options(pairs.subList(0, 1));
    all = options(pairs);
  }

  private static PemKeyCertOptions options(List<PemFiles.Pair> pairs) {
    var options = new PemKeyCertOptions();
    pairs.forEach(pair -> options.addCertValue(pair.cert()).addKeyValue(pair.key()));
    return options;
  }

  @Override
  public KeyCertOptions copy() {
    return this; // it is not changed
  }

  @Override
  public KeyManagerFactory getKeyManagerFactory(Vertx vertx) throws Exception {
    return first.getKeyManagerFactory(vertx);
  }

  @Override
  public Function<String, KeyManagerFactory> keyManagerFactoryMapper(Vertx vertx) throws Exception {
    return all.keyManagerFactoryMapper(vertx);
  }
}
