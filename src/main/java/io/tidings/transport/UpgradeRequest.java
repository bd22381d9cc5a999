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
 * A request to upgrade to HTTP/2 (RFC 7540, 3.2). Vert.x 5.1 fails on some invalid ones and never
 * answers them; a server may ignore any such request.
 */
final class UpgradeRequest {
  private static final String H2C = "h2c";
  private static final String SETTINGS = "http2-settings";
  private static final String UPGRADE = "upgrade";

  /** The encoded size of one setting: its identifier and value. */
  private static final int SETTING_BYTES = 6;

  private UpgradeRequest() {}

  static boolean wantsWebSocket(HttpRequest request) {
    return request.headers().contains(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
  }

  static boolean wantsHttp2(HttpRequest request) {
    return request.headers().contains(HttpHeaderNames.UPGRADE, H2C, true);
  }

  /** Removes an invalid upgrade to HTTP/2, which leaves a plain HTTP/1 request. */
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
      for (int i = 0; i + SETTING_BYTES <= bytes.length; i += SETTING_BYTES) {
        char id = (char) unsigned(bytes, i, 2);
        settings.put(id, Long.valueOf(unsigned(bytes, i + 2, 4)));
      }
      return bytes.length % SETTING_BYTES == 0;
    } catch (IllegalArgumentException e) {
      return false; // not base64url, or an invalid value
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
