package io.tidings.settings;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The section {@code cluster.tls}, and {@code cluster.open}: TLS between the nodes of a cluster.
 *
 * @param files this node's certificate and key, and the authorities of all nodes' certificates;
 *     empty without TLS
 * @param open whether nodes may do without TLS on addresses that others can reach
 */
public record NodeTls(Optional<TlsFiles> files, boolean open) {
  private static final String SECTION = "cluster.tls";
  private static final String CERT = SECTION + ".cert";
  private static final String KEY = SECTION + ".key";
  private static final String CA = SECTION + ".ca";

  static NodeTls read(SettingValues values) {
    Optional<String> cert = file(values, CERT);
    Optional<String> key = file(values, KEY);
    Optional<String> authorities = file(values, CA);
    Duration reload =
        values.duration(SECTION + ".reload", Duration.ofSeconds(10), SettingValues.DAY);
    boolean open = values.flag("cluster.open", false);
    if (cert.isEmpty() && key.isEmpty() && authorities.isEmpty()) {
      return new NodeTls(Optional.empty(), open);
    }
    return new NodeTls(
        Optional.of(
            new TlsFiles(
                SECTION,
                List.of(new TlsFiles.Pair(required(cert, CERT), required(key, KEY))),
                Optional.of(new TlsFiles.Authorities(CA, required(authorities, CA))),
                reload)),
        open);
  }

  private static Optional<String> file(SettingValues values, String key) {
    return values.parsed(
        key,
        Settings.NONE,
        text -> {
          if (text.isEmpty()) {
            throw new IllegalArgumentException("must be a file");
          }
          return text.equals(Settings.NONE) ? Optional.empty() : Optional.of(text);
        });
  }

  private static String required(Optional<String> file, String key) {
    return file.orElseThrow(
        () ->
            InvalidSetting.of(
                key, Settings.NONE, "must be set too: TLS between nodes needs cert, key and ca"));
  }
}
