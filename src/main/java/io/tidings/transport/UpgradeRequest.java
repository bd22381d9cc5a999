package io.tidings.transport;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The request to go on in HTTP/2 (RFC 7540, 3.2). Vert.x 5.1 fails on some that are not as they
 * should be, and leaves the connection without an answer; a server may ignore any of them.
 */
final class UpgradeRequest {
  private static final String H2C = "h2c";
  private static final String SETTINGS = "http2-settings";
  private static final String UPGRADE = "upgrade";

  /** The bytes of one setting: its number, and its value. */
  private static final int SETTING = 6;

  private UpgradeRequest() {}

  static boolean wantsWebSocket(HttpRequest request) {
    return request.headers().contains(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
  }

  static boolean wantsHttp2(HttpRequest request) {
    return request.headers().contains(HttpHeaderNames.UPGRADE, H2C, true);
  }

  /** Makes a request that wants HTTP/2, but may not, one of HTTP/1. */
  static void ignoreUnlessValid(HttpRequest request) {
    HttpHeaders headers = request.headers();
    if (wantsHttp2(request) && !valid(headers)) {
      headers.remove(HttpHeaderNames.UPGRADE);
      headers.remove(SETTINGS);
    }
  }

  private static boolean valid(HttpHeaders headers) {
    List<String> connection = headers.getAll(HttpHeaderNames.CONNECTION);
    List<String> settings = headers.getAll(SETTINGS);
    return headers.getAll(HttpHeaderNames.HOST).size() == 1
        && connection.size() == 1
        && tokens(connection.get(0)).containsAll(Set.of(UPGRADE, SETTINGS))
        && settings.size() == 1
        && areSettings(settings.get(0))
        && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  private static Set<String> tokens(String list) {
    return Arrays.stream(list.toLowerCase(Locale.ROOT).split(","))
        .map(String::strip)
        .collect(Collectors.toSet());
  }

  private static boolean areSettings(String text) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      var settings = new io.netty.handler.codec.http2.Http2Settings();
      for (int i = 0; i + SETTING <= bytes.length; i += SETTING) {
        char id = (char) unsigned(bytes, i, 2);
        settings.put(id, Long.valueOf(unsigned(bytes, i + 2, 4)));
      }
      return bytes.length % SETTING == 0;
    } catch (IllegalArgumentException e) {
      return false; // no base64url, or a value that the setting can't have
    }
  }

  private static long unsigned(byte[] bytes, int from, int count) {
    long number = 0;
    for (int i = from; i < from + count; i++) {
      number = number << Byte.SIZE | bytes[i] & 0xff;
    }
    return number;
  }
}
