package io.tidings.bus;

/** The addresses on the event bus that the hub listens on or sends to. */
public final class Address {
  /**
   * Any verticle publishes here, with a request whose body is a JsonObject as {@link
   * io.tidings.event.EventReader} describes it. The reply is the entry's id, a String, after the
   * log has the entry; or a failure, whose code is the HTTP status and whose message names the
   * field and the rule.
   */
  public static final String PUBLISH = "tidings.publish";

  /**
   * Every entry, in the log's order, in batches: an {@link EntryBatch} once to each consumer on
   * this node. By reference, never sent to another node, where the log itself is followed.
   */
  public static final String LIVE = "tidings.live";

  private Address() {}
}
