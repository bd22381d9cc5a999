package io.tidings.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HubNoticeTest {
  @Test
  void anEventHasATypeAndDataButNoId() {
    assertEquals(
        "event: hub.stats\ndata: {\"in\":1}\n\n",
        HubNotice.event("hub.stats", "{\"in\":1}").toString());
  }

  @Test
  void anEventWithADelaySetsItFirst() {
    assertEquals(
        "retry: 500\nevent: hub.open\ndata: {}\n\n",
        HubNotice.event("hub.open", "{}", 500).toString());
  }

  @Test
  void aLineHasItsJsonAsAString() {
    assertEquals(
        "{\"topic\":\"hub\",\"type\":\"hub.stats\",\"data\":\"{\\\"in\\\":1}\"}\n",
        HubNotice.line("hub.stats", "{\"in\":1}").toString());
  }
}
