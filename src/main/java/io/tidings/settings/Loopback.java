package io.tidings.settings;

import java.util.List;
import java.util.Locale;

/** The addresses and names that always mean this machine. */
public final class Loopback {
  private static final String LOCALHOST = "localhost";
  private static final List<Cidr> NETWORKS = Cidr.parse("loopback");

  private Loopback() {}

  /** Whether the address, an IPv6 one without brackets, is one of the loopback interface. */
  public static boolean isAddress(String address) {
    for (int i = 0; i < NETWORKS.size(); i++) {
      if (NETWORKS.get(i).contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the host is {@code localhost}, a name below it, or a loopback address. */
  public static boolean isHost(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.startsWith("[") && name.endsWith("]")) {
      return isAddress(name.substring(1, name.length() - 1));
    }
    String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return plain.equals(LOCALHOST) || plain.endsWith("." + LOCALHOST) || isAddress(name);
  }
}
