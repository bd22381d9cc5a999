package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams whose right has ended, with bytes that are not sent yet. */
@Timeout(30)
class UnreadEndTest {
  @Test
  void onlyAConnectionWhoseClientDoesNotReadTheEndIsCutSinceAnotherMayHaveItsNextStream()
      throws Exception {
    var settings = Settings.of(Map.of("stream.stall", "200ms")).stream();
    try (var loop = new TestLoop(settings)) {
      var read = new FakeOutlet();
      var unread = new FakeOutlet();
      loop.run(
          () -> {
            revoke(loop, read);
            read.unblock();
            revoke(loop, unread); // later, so that it would be cut after the other one
          });
      Wait.until("the connection that nobody reads is cut", unread::wasCut);
      assertFalse(read.wasCut());
      assertTrue(read.ended() && unread.ended());
    }
  }

  private static void revoke(TestLoop loop, FakeOutlet outlet) {
    Subscriber stream =
        loop.openNow(Principal.HUB, Filter.of("a"), outlet, new ResumeRequest.Live());
    outlet.block(100);
    stream.end(CloseReason.REVOKED);
  }
}
