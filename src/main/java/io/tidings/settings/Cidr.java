package io.tidings.settings;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Addresses that begin with the same bits (RFC 4632, RFC 4291): {@code 10.0.0.0/8}, {@code
 * fd00::/8}, or a single one.
 */
public final class Cidr {
  static final String RULE =
      "must be a list of addresses or networks such as 10.0.0.5 or fd00::/8, loopback, or private";

  private static final Map<String, String> WORDS =
      Map.of(
          "loopback", "127.0.0.0/8 ::1",
          "private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7");

  private static final int MAPPED = 12;
  private static final byte[] NONE = {};

  private final byte[] first;
  private final int bits;

  private Cidr(byte[] first, int bits) {
    this.first = first;
    this.bits = bits;
  }

  /**
   * What a text names: one network, or those that a word stands for.
   *
   * @throws IllegalArgumentException with the rule, where it is neither
   */
  static List<Cidr> parse(String text) {
    return Arrays.stream(WORDS.getOrDefault(text, text).split(" ", -1)).map(Cidr::one).toList();
  }

  private static Cidr one(String text) {
    String[] parts = text.split("/", 2);
    byte[] first = bytes(parts[0]);
    if (first.length == 0 || parts.length > 1 && !parts[1].matches("\\d{1,3}")) {
      throw new IllegalArgumentException(RULE);
    }
    int all = first.length * Byte.SIZE;
    int bits = parts.length > 1 ? Integer.parseInt(parts[1]) : all;
    if (bits > all) {
      throw new IllegalArgumentException(RULE);
    }
    return new Cidr(first, bits);
  }

  /** Whether the text is an address; never asks for a name. */
  public static boolean isAddress(String text) {
    return bytes(text).length > 0;
  }

  /**
   * @param address IPv4 or IPv6; what is neither is in no network
   */
  public boolean contains(String address) {
    byte[] bytes = bytes(address);
    if (bytes.length != first.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % Byte.SIZE;
      if (((bytes[bit / Byte.SIZE] ^ first[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The bytes of an address, of IPv4 also where it is written as one of IPv6; none of no address.
   */
  private static byte[] bytes(String address) {
    if (address.indexOf('%') >= 0) {
      return NONE; // a zone means nothing elsewhere, and may be any text
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    if (bytes == null) {
      return new byte[0];
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
        && Arrays.equals(network.first, first);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(first) + bits;
  }

  @Override
  public String toString() {
    return NetUtil.bytesToIpAddress(first) + "/" + bits;
  }
}
