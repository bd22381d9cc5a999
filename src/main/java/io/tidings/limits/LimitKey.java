package io.tidings.limits;

import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Whose requests are counted together: those of a principal, or of an address. Comparable, so that
 * keys whose hashes an attacker made equal are still found fast.
 *
 * @param issuer of the principal's token; empty for an address
 * @param subject of the principal's token; empty for an address
 * @param network an IPv4 address, the first 64 bits of an IPv6 address, or empty for a principal
 */
public record LimitKey(String issuer, String subject, String network)
    implements Comparable<LimitKey> {
  private static final Comparator<LimitKey> ORDER =
      Comparator.comparing(LimitKey::network)
          .thenComparing(LimitKey::subject)
          .thenComparing(LimitKey::issuer);

  /** Longer names are kept as their hash, so that the size of a key is bounded. */
  private static final int MAX_LENGTH = 200;

  private static final int NETWORK_BYTES = 8;
  private static final Pattern IPV6_NETWORK = Pattern.compile("[0-9a-f]{16}");

  public LimitKey {
    issuer = bounded(issuer);
    subject = bounded(subject);
    network = bounded(network);
  }

  public static LimitKey ofPrincipal(String issuer, String subject) {
    return new LimitKey(issuer, subject, "");
  }

  /**
   * The key of an address. A subscriber of IPv6 has a whole network of 64 bits, and may use a new
   * address for each request; so they count as one.
   *
   * @param address IPv4 or IPv6; any other text, such as that of a local socket, is a key as it is
   */
  public static LimitKey ofAddress(String address) {
    return new LimitKey("", "", address.indexOf(':') < 0 ? address : prefix(address));
  }

  /** The network as people write it: an IPv4 address, or the prefix of an IPv6 network. */
  public String networkText() {
    if (!IPV6_NETWORK.matcher(network).matches()) {
      return network;
    }
    var text = new StringBuilder();
    for (int i = 0; i < network.length(); i += 4) {
      text.append(Integer.toHexString(Integer.parseInt(network.substring(i, i + 4), 16)))
          .append(':');
    }
    return text.append(":/64").toString();
  }

  private static String prefix(String address) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    if (bytes == null || bytes.length < NETWORK_BYTES) {
      return address;
    }
    String hex = HexFormat.of().formatHex(bytes);
    boolean mapped = hex.startsWith("00000000000000000000ffff");
    return mapped
        ? NetUtil.bytesToIpAddress(Arrays.copyOfRange(bytes, 12, 16))
        : hex.substring(0, 2 * NETWORK_BYTES);
  }

  private static String bounded(String name) {
    if (name.length() <= MAX_LENGTH) {
      return name;
    }
    try {
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  @Override
  public int compareTo(LimitKey other) {
    return ORDER.compare(this, other);
  }
}
