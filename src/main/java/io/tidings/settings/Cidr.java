package io.tidings.settings;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A network of IP addresses in CIDR notation (RFC 4632, RFC 4291): {@code 10.0.0.0/8}, {@code
 * fd00::/8}; a single address is a network of its own.
 */
public final class Cidr {
  static final String RULE =
      "must be a list of addresses or networks such as 10.0.0.5 or fd00::/8, loopback, or private";

  private static final Map<String, String> NAMED =
      Map.of(
          "loopback", "127.0.0.0/8 ::1",
          "private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7");

  private static final int MAPPED = 12;
  private static final byte[] NONE = {};

  private final byte[] prefix;
  private final int bits;

  private Cidr(byte[] prefix, int bits) {
    this.prefix = prefix;
    this.bits = bits;
  }

  /**
   * Parses a network, or a word that names several.
   *
   * @throws IllegalArgumentException with {@link #RULE} as its message
   */
  public static List<Cidr> parse(String text) {
    return Arrays.stream(NAMED.getOrDefault(text, text).split(" ", -1))
        .map(Cidr::parseOne)
        .toList();
  }

  private static Cidr parseOne(String text) {
    String[] parts = text.split("/", 2);
    byte[] prefix = bytes(parts[0]);
    if (prefix.length == 0 || parts.length > 1 && !parts[1].matches("\\d{1,3}")) {
      throw new IllegalArgumentException(RULE);
    }
    int all = prefix.length * Byte.SIZE;
    int bits = parts.length > 1 ? Integer.parseInt(parts[1]) : all;
    if (bits > all) {
      throw new IllegalArgumentException(RULE);
    }
    return new Cidr(prefix, bits);
  }

  /** Whether the text is an IP address; host names are never resolved. */
  public static boolean isAddress(String text) {
    return bytes(text).length > 0;
  }

  /**
   * @param address IPv4 or IPv6; any other text is in no network
   */
  public boolean contains(String address) {
    byte[] bytes = bytes(address);
    if (bytes.length != prefix.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % Byte.SIZE;
      if (((bytes[bit / Byte.SIZE] ^ prefix[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The bytes of an address; those of an IPv4 address if it is IPv4-mapped IPv6; empty for any
   * other text.
   */
  private static byte[] bytes(String address) {
    if (address.indexOf('%') >= 0) {
      return NONE; // a zone is local to its host, and may be any text
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    if (bytes == null) {
      return NONE;
    }
    boolean mapped =
        bytes.length > MAPPED && bytes[MAPPED - 1] == -1 && bytes[MAPPED - 2] == -1 && zero(bytes);
    return mapped ? Arrays.copyOfRange(bytes, MAPPED, bytes.length) : bytes;
  }

  private static boolean zero(byte[] bytes) {
    for (int i = 0; i < MAPPED - 2; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cidr network
        && network.bits == bits
        && Arrays.equals(network.prefix, prefix);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(prefix) + bits;
  }

  @Override
  public String toString() {
    return NetUtil.bytesToIpAddress(prefix) + "/" + bits;
  }
}
