package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub and every proxy in front of it must agree on where a request ends. */
class FramingTest {
  private static final String POST = "POST /events/a HTTP/1.1\r\nHost: localhost\r\n";
  private static final String SMUGGLED = "POST /events/b HTTP/1.1\r\nHost: localhost\r\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked;a=b\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: ,\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: \u000bchunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5\u0000\r\n",
      })
  void aBodyOfAmbiguousLengthIsRejectedAndWhatFollowsIsNotARequest(String headers)
      throws Exception {
    rejectedWithAllThatFollows(POST + headers);
  }

  @Test
  void chunksAreRejectedInHttp10() throws Exception {
    rejectedWithAllThatFollows(
        POST.replace("1.1", "1.0") + "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n");
  }

  /**
   * Checks that the response is 400 and the last one, and that neither the request nor what follows
   * is published.
   */
  private static void rejectedWithAllThatFollows(String head) throws Exception {
    try (var hub = RunningHub.start();
        var client = new RawClient(hub.port());
        var subscriber = RawClient.subscribe(hub.port(), "/events?topic=a&topic=b")) {
      String smuggled = SMUGGLED + "Content-Length: 5\r\n\r\nstray";
      client.send(head + "\r\n5\r\nhello\r\n0\r\n\r\n" + smuggled);
      assertEquals(400, client.answer().status());
      assertEquals("", rest(client));
      RawClient.post(hub.port(), "/events/b", "the first");
      assertEquals("the first", subscriber.awaitData(1).get(0));
    }
  }

  @Test
  void aValidChunkedBodyIsRead() throws Exception {
    try (var hub = RunningHub.start();
        var client = new RawClient(hub.port());
        var subscriber = RawClient.subscribe(hub.port(), "/events/a")) {
      client.send(POST + "Transfer-Encoding: Chunked\r\n\r\n3\r\none\r\n0\r\n\r\n");
      assertEquals(200, client.answer().status());
      client.send(POST + "Content-Length: 3\r\n\r\ntwo");
      assertEquals(200, client.answer().status());
      assertEquals("[one, two]", subscriber.awaitData(2).toString());
    }
  }

  private static String rest(RawClient client) throws IOException {
    return new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }
}
