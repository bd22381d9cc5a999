package io.tidings.bus;

/** The event-bus addresses of the hub. */
public final class Address {
  /**
   * Publishing from any verticle, by a request whose body is a JsonObject as {@link
   * io.tidings.event.EventReader} describes it. The reply is the entry's id, a String, after the
   * entry was appended; or a failure, whose code is the HTTP status and whose message names the
   * field and the rule.
   */
  public static final String PUBLISH = "tidings.publish";

  /**
   * The same for the verticles of this hub. Not registered on other nodes, whose messages do not
   * reach it.
   */
  public static final String PUBLISH_LOCALLY = "tidings.publish.local";

  private Address() {}
}
