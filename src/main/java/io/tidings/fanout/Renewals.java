package io.tidings.fanout;

import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/**
 * Renews the open streams of this node, for its own clients and for other nodes: the node that a
 * client asks has authenticated it, and is believed who it is and what it may do. Any thread; a
 * stream is renewed on its own loop.
 */
public final class Renewals {
  private final OpenStreams streams;

  public Renewals(OpenStreams streams) {
    this.streams = streams;
  }

  /** Renews a stream, all or nothing. */
  public Future<RenewalResult> renew(Renewal renewal) {
    return streams
        .on(renewal.stream(), stream -> renew(stream, renewal))
        .map(result -> result.orElseGet(RenewalResult.Unknown::new));
  }

  /** Answers another node. */
  public Future<JsonObject> answer(JsonObject renewal) {
    return renew(Renewal.read(renewal)).map(RenewalResult::json);
  }

  private RenewalResult renew(Subscriber stream, Renewal renewal) {
    if (!stream.begun()) {
      return new RenewalResult.Unknown(); // its client does not know the id yet
    }
    if (!same(stream.principal(), renewal.principal())) {
      return new RenewalResult.Foreign();
    }
    try {
      Filter filter = stream.renew(renewal.principal(), renewal.topics());
      streams.endIfRevoked(stream);
      return new RenewalResult.Renewed(filter);
    } catch (NotGranted e) {
      return new RenewalResult.NotReadable(e.topic());
    } catch (InvalidEvent e) {
      return new RenewalResult.Invalid(e.field(), e.rule());
    }
  }

  private static boolean same(Principal one, Principal other) {
    return one.issuer().equals(other.issuer()) && one.subject().equals(other.subject());
  }
}
