package io.tidings.http;

import io.tidings.settings.Cidr;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The proxies whose {@code X-Forwarded-*} headers describe the client's request. These headers are
 * ignored in requests from any other address.
 */
final class TrustedProxies {
  static final String HOST = "X-Forwarded-Host";
  private static final String SCHEME = "X-Forwarded-Proto";
  private static final String FOR = "X-Forwarded-For";

  /** An address with an optional port. */
  private static final Pattern NODE = Pattern.compile("\\[([^]]+)](?::\\d+)?|([^:]+):\\d+|(\\S+)");

  private final List<Cidr> trusted;

  TrustedProxies(List<Cidr> trusted) {
    this.trusted = trusted;
  }

  /**
   * The host, with an optional port, that the client requested. Of several proxies, the first one
   * knows it.
   */
  Optional<String> host(HttpServerRequest request) {
    return forwardedHost(request)
        .or(() -> Optional.ofNullable(request.authority()).map(HostAndPort::toString));
  }

  /** The host that a trusted proxy forwards; empty if there is none. */
  Optional<String> forwardedHost(HttpServerRequest request) {
    return forwardedValues(request, HOST).findFirst();
  }

  /**
   * The scheme of the client's request: what a trusted proxy reports, or that of the connection if
   * it is TLS; otherwise empty, since a proxy that reports nothing may have decrypted the request.
   */
  Optional<String> scheme(HttpServerRequest request) {
    return forwardedValues(request, SCHEME)
        .findFirst()
        .or(() -> request.isSSL() ? Optional.of("https") : Optional.empty());
  }

  /** Whether the client has sent the request over TLS, to the hub or to a trusted proxy. */
  boolean isSecure(HttpServerRequest request) {
    return request.isSSL() || scheme(request).filter("https"::equalsIgnoreCase).isPresent();
  }

  /**
   * The client's address: the last one in the chain that is not a trusted proxy, since a client can
   * forge any address before that. Empty if the connection has none.
   */
  String clientAddress(HttpServerRequest request) {
    String client = peerAddress(request);
    List<String> hops = forwardedValues(request, FOR).toList();
    for (int i = hops.size() - 1; i >= 0 && trusts(client); i--) {
      String hop = addressOf(hops.get(i));
      if (!Cidr.isAddress(hop)) {
        break;
      }
      client = hop;
    }
    return client;
  }

  /** The client's address if a trusted proxy forwards it; otherwise empty. */
  Optional<String> forwardedFor(HttpServerRequest request) {
    return request.headers().contains(FOR) && trusts(request)
        ? Optional.of(clientAddress(request))
        : Optional.empty();
  }

  /** Whether the request comes from a trusted proxy. */
  boolean trusts(HttpServerRequest request) {
    return trusts(peerAddress(request));
  }

  private boolean trusts(String address) {
    return trusted.stream().anyMatch(network -> network.contains(address));
  }

  /**
   * The values of a header, the first proxy's first; empty if the request does not come from a
   * trusted proxy.
   */
  private Stream<String> forwardedValues(HttpServerRequest request, String header) {
    if (!request.headers().contains(header) || !trusts(request)) {
      return Stream.empty();
    }
    return request.headers().getAll(header).stream()
        .flatMap(value -> Stream.of(value.split(",")))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  private static String peerAddress(HttpServerRequest request) {
    SocketAddress peer = request.connection().remoteAddress();
    return peer == null || peer.hostAddress() == null ? "" : peer.hostAddress();
  }

  private static String addressOf(String node) {
    var matcher = NODE.matcher(node);
    if (!matcher.matches()) {
      return node;
    }
    return Stream.of(1, 2, 3).map(matcher::group).filter(group -> group != null).findFirst().get();
  }
}
