package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.StreamStart;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Context;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** Streams of one event loop whose listener is that of the test, for tests of other rooms. */
public final class TestStreams implements AutoCloseable {
  private final TestLoop loop;

  public TestStreams(StreamListener listener) throws Exception {
    loop = new TestLoop();
    loop.streams().listen(listener);
  }

  /** The context of the loop, which the listener may use too. */
  public Context context() {
    return loop.audiences().context().context();
  }

  /** Runs the action on the loop, and waits for it and for what it tells the listener. */
  public void run(Runnable action) throws Exception {
    loop.run(action);
    loop.run(() -> {});
  }

  /** A stream and its client. */
  public final class Stream {
    private final FakeOutlet outlet = new FakeOutlet();
    private Subscriber subscriber;

    /** The data of the events of a type that it has received. */
    public List<JsonObject> received(String type) throws Exception {
      var all = new List<?>[1];
      run(
          () ->
              all[0] =
                  outlet.parser().all(type).stream()
                      .map(ReceivedEvent::data)
                      .map(JsonObject::new)
                      .toList());
      return all[0].stream().map(JsonObject.class::cast).toList();
    }

    public void block() throws Exception {
      run(() -> outlet.block(100_000));
    }

    public void unblock() throws Exception {
      run(outlet::unblock);
    }

    public void renew(Principal principal, String... topics) throws Exception {
      run(() -> renewNow(principal, topics));
    }

    /** On the loop. */
    public void renewNow(Principal principal, String... topics) {
      subscriber.renew(
          principal, topics.length == 0 ? Optional.empty() : Optional.of(Filter.of(topics)));
    }

    public void end(CloseReason why) throws Exception {
      run(() -> subscriber.end(why));
    }
  }

  /** Opens a stream that wants to be told what the listener knows. */
  public Stream watch(Principal who, String... topics) throws Exception {
    return open(who, Traffic.CLIENT, true, topics);
  }

  public Stream open(Principal who, String... topics) throws Exception {
    return open(who, Traffic.CLIENT, false, topics);
  }

  public Stream open(Principal who, Traffic traffic, boolean watches, String... topics)
      throws Exception {
    var stream = new Stream();
    Filter filter = Filter.of(topics);
    run(
        () -> {
          stream.subscriber =
              loop.audiences()
                  .open(who, filter)
                  .subscribe(
                      new Audiences.Delivered(WireFormat.EVENT_STREAM, traffic),
                      stream.outlet,
                      () -> {});
          if (watches) {
            stream.subscriber.watch();
          }
          StreamStart start =
              loop.log()
                  .find(
                      new ResumeRequest.Live(), stream.subscriber.selection(), Selection.EVERYTHING)
                  .result();
          stream.subscriber.begin(start);
        });
    return stream;
  }

  @Override
  public void close() throws Exception {
    loop.close();
  }
}
