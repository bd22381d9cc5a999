package io.tidings;

import io.tidings.settings.Settings;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** The name of this node on pages and in logs. */
final class NodeName {
  private NodeName() {}

  /** The configured name; by default that of the host, with the HTTP port. */
  static String of(Settings settings) {
    String configured = settings.cluster().node();
    if (!configured.equals(Settings.AUTO)) {
      return configured;
    }
    try {
      return InetAddress.getLocalHost().getHostName() + ":" + settings.http().port();
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }
}
