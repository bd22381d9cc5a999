package io.tidings.settings;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The section {@code http}: the listening socket and its connections.
 *
 * @param port 0 for any free port
 * @param idle how long a connection without a stream may be idle before it is closed; zero: never
 * @param loops the number of event loops; 0 for the default
 * @param proxies the networks whose {@code X-Forwarded-*} headers are trusted
 * @param hosts the accepted host names in lower case, beside localhost and IP addresses; a name
 *     that begins with {@code *.} accepts all its subdomains
 * @param connections the limit of open connections; 0 for what the file descriptor limit allows
 * @param upload the time limit for receiving a request body; zero for none
 * @param tls TLS on the port, and the redirection to it
 */
public record HttpSettings(
    String host,
    int port,
    Duration idle,
    Transport transport,
    int loops,
    List<Cidr> proxies,
    List<String> hosts,
    int connections,
    Duration upload,
    TlsSettings tls) {
  private static final Pattern HOST = Pattern.compile("(\\*\\.)?[\\w-]+(\\.[\\w-]+)*");
  private static final String HOST_RULE =
      "must be a list of names such as news.example.org, without scheme and port, or *.example.org";

  /** The native transport; {@link #AUTO} selects the first one that is available. */
  public enum Transport {
    AUTO,
    IO_URING,
    EPOLL,
    NIO
  }

  /** The scheme of the hub's URLs. */
  public String scheme() {
    return tls.enabled() ? "https" : "http";
  }

  static HttpSettings read(SettingValues values) {
    return new HttpSettings(
        values.string("http.host", "127.0.0.1"),
        values.integer("http.port", 8080, 0, 65_535),
        values.duration("http.idle", Duration.ofMinutes(1), SettingValues.DAY),
        values.choice("http.transport", Transport.AUTO, Transport.class),
        values.integer("http.loops", 0, 0, 256),
        networks(values),
        hosts(values),
        values.integer("http.connections", 0, 0, 10_000_000),
        values.duration("http.upload", Duration.ofSeconds(30), SettingValues.DAY),
        TlsSettings.read(values));
  }

  private static List<Cidr> networks(SettingValues values) {
    return values.list("http.proxies", "[loopback]", Cidr::parse).stream()
        .flatMap(List::stream)
        .toList();
  }

  private static List<String> hosts(SettingValues values) {
    return values.strings("http.hosts", HOST, HOST_RULE).stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .toList();
  }
}
