package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.wire.SseFrame;
import java.util.Optional;

/**
 * Who a stream belongs to, what it asked for, when the token ends by which it is open, and what of
 * that its client has not been told yet. Confined to the loop of its stream, but for {@link
 * #principal}.
 */
final class StreamRights {
  private final ExpiryWheel wheel;

  /** Replaced when the stream is renewed; read by any thread. */
  private volatile Principal principal;

  /** What it asked for, before it was cut to what the principal may read. */
  private Filter asked;

  /** The end of its token; null without one, and while it is not followed. */
  private Expiry expiry;

  private boolean untold;

  /** Whether what the client is to be told includes the filter. */
  private boolean filterUntold;

  StreamRights(ExpiryWheel wheel, Principal principal, Filter asked) {
    this.wheel = wheel;
    this.principal = principal;
    this.asked = asked;
  }

  /** Who opened the stream, or renewed it last. Any thread. */
  Principal principal() {
    return principal;
  }

  Filter asked() {
    return asked;
  }

  /** Replaces them; the end of the former token is not followed any more. */
  void replace(Principal fresh, Filter wanted) {
    principal = fresh;
    asked = wanted;
    unfollow();
  }

  /** Has the stream ended with the token of its principal, if that has one. */
  void follow(Subscriber stream) {
    principal.expires().ifPresent(end -> expiry = wheel.add(stream, end));
  }

  void unfollow() {
    if (expiry != null) {
      wheel.remove(expiry);
      expiry = null;
    }
  }

  /** The client is to be told when its token ends. */
  void tell() {
    untold = true;
  }

  /** The client is to be told, with that, what it receives from now on. */
  void tellFilter() {
    filterUntold = true;
  }

  /** Whether there is something that the client is to be told. */
  boolean untold() {
    return untold;
  }

  /**
   * What the client is to be told.
   *
   * @param filter what it receives from now on
   */
  SseFrame notice(WireFormat wire, Filter filter) {
    return HubEvents.auth(
        wire, principal.expires(), filterUntold ? Optional.of(filter) : Optional.empty());
  }

  /** The client was told. */
  void told() {
    untold = false;
    filterUntold = false;
  }
}
