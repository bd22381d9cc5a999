package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a listener is told of streams with which something goes wrong. */
class StreamListenerTest {
  private final List<String> told = new ArrayList<>();
  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
    loop.streams()
        .listen(
            new StreamListener() {
              @Override
              public void watches(Subscriber stream) {
                told.add("watches");
              }

              @Override
              public void begun(Subscriber stream) {
                told.add("begun");
              }

              @Override
              public void renewed(Subscriber stream) {
                told.add("renewed");
              }

              @Override
              public void left(Subscriber stream) {
                told.add("left");
              }
            });
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  private Subscriber join(FakeOutlet outlet) throws Exception {
    var opened = new Subscriber[1];
    loop.run(
        () ->
            opened[0] =
                loop.openNow(Principal.HUB, Filter.of("a"), outlet, new ResumeRequest.Live()));
    loop.awaitIdle();
    return opened[0];
  }

  @Test
  void aStreamThatEndsWhileItIsRenewedHasLeft() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet);
    loop.run(
        () -> {
          outlet.onWrite(() -> stream.leave(CloseReason.CLIENT)); // as when the connection breaks
          stream.renew(Principal.HUB, Optional.of(Filter.of("b")));
        });
    assertTrue(stream.left());
    assertEquals(List.of("begun", "left"), told);
  }

  @Test
  void aStreamHasLeftThoughItsAudienceCannotBeRemoved() throws Exception {
    Subscriber stream = join(new FakeOutlet());
    loop.run(
        () -> {
          loop.audiences().index().remove(Filter.of("a"), stream.audience());
          assertThrows(RuntimeException.class, () -> stream.leave(CloseReason.CLIENT));
        });
    assertEquals(List.of("begun", "left"), told);
  }
}
