package io.tidings.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.auth.InvalidToken.Reason;
import io.tidings.event.Filter;
import io.tidings.event.Selection;
import io.tidings.event.TopicPattern;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A ticket as it is in URLs: JSON in base64url, a dot, and the signature of what precedes the dot.
 * There is one text only for each ticket, since both parts are compared as text.
 *
 * @param payload what is signed
 * @param ticket what the payload says; to be believed only if {@link #isSignedBy}
 */
record TicketText(String payload, String signature, Ticket ticket) {
  /** The length of a ticket that fits into a URL wherever URLs of eight thousand do. */
  static final int MAX_LENGTH = 4_096;

  private static final String KEY = "k";
  private static final String NONCE = "n";
  private static final String ISSUED = "t";
  private static final String TOPICS = "f";

  /** Absent if they are the same as the topics. */
  private static final String PRIVATES = "p";

  private static final String ORIGIN = "o";
  private static final String ISSUER = "i";
  private static final String SUBJECT = "s";
  private static final String TOKEN_ID = "j";
  private static final String EXPIRES = "e";
  private static final String TOKEN_ISSUED = "a";

  /** Present and true, or absent. */
  private static final String PRESENCE = "m";

  private static final String PAYLOAD = "d";

  /** The text of a ticket. */
  static String of(Ticket ticket, TicketKey key) {
    Selection topics = ticket.content().topics();
    var json =
        new JsonObject()
            .put(KEY, ticket.keyId())
            .put(NONCE, ticket.nonce())
            .put(ISSUED, ticket.issued().toEpochMilli())
            .put(TOPICS, patterns(topics.filter()))
            .put(ORIGIN, ticket.origin());
    if (!topics.whole()) {
      json.put(PRIVATES, topics.privates().map(TicketText::patterns).orElseGet(JsonArray::new));
    }
    ticket.content().holder().ifPresent(holder -> put(json, holder));
    byte[] bytes = json.encode().getBytes(StandardCharsets.UTF_8);
    String payload = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    return payload + "." + key.sign(payload);
  }

  private static void put(JsonObject json, Ticket.Holder holder) {
    json.put(ISSUER, holder.issuer())
        .put(SUBJECT, holder.subject())
        .put(EXPIRES, holder.expires().toEpochMilli());
    holder.tokenId().ifPresent(id -> json.put(TOKEN_ID, id));
    holder.tokenIssued().ifPresent(time -> json.put(TOKEN_ISSUED, time.toEpochMilli()));
    if (holder.presence().granted()) {
      json.put(PRESENCE, true);
    }
    holder.presence().payload().ifPresent(payload -> json.put(PAYLOAD, payload));
  }

  /**
   * Reads a ticket, without believing it.
   *
   * @throws InvalidToken if it is none
   */
  static TicketText parse(String text) {
    int dot = text.indexOf('.');
    if (text.length() > MAX_LENGTH || dot < 0) {
      throw malformed();
    }
    String payload = text.substring(0, dot);
    try {
      ObjectNode json = StrictJson.object(Base64.getUrlDecoder().decode(payload));
      var content = new Ticket.Content(topics(json), string(json, ORIGIN), holder(json));
      var ticket = new Ticket(string(json, KEY), string(json, NONCE), time(json, ISSUED), content);
      return new TicketText(payload, text.substring(dot + 1), ticket);
    } catch (IllegalArgumentException e) { // also a topic that breaks a rule
      throw malformed();
    }
  }

  /** Compares in a time that does not depend on where the signatures differ. */
  boolean isSignedBy(TicketKey key) {
    return MessageDigest.isEqual(bytes(key.sign(payload)), bytes(signature));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static JsonArray patterns(Filter filter) {
    return new JsonArray(filter.patterns().stream().map(TopicPattern::pattern).toList());
  }

  private static Selection topics(ObjectNode json) {
    Filter filter = Filter.of(strings(json.path(TOPICS)));
    if (!json.has(PRIVATES)) {
      return Selection.all(filter);
    }
    List<String> privates = strings(json.path(PRIVATES));
    return Selection.of(
        filter, privates.isEmpty() ? Optional.empty() : Optional.of(Filter.of(privates)));
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    for (JsonNode one : array) {
      strings.add(string(one));
    }
    return strings;
  }

  private static Optional<Ticket.Holder> holder(ObjectNode json) {
    if (!json.has(SUBJECT)) {
      return Optional.empty();
    }
    return Optional.of(
        new Ticket.Holder(
            string(json, ISSUER),
            string(json, SUBJECT),
            json.has(TOKEN_ID) ? Optional.of(string(json, TOKEN_ID)) : Optional.empty(),
            time(json, EXPIRES),
            json.has(TOKEN_ISSUED) ? Optional.of(time(json, TOKEN_ISSUED)) : Optional.empty(),
            presence(json)));
  }

  private static Ticket.Presence presence(ObjectNode json) {
    return new Ticket.Presence(
        json.path(PRESENCE).asBoolean(),
        json.has(PAYLOAD) ? Optional.of(string(json, PAYLOAD)) : Optional.empty());
  }

  private static Instant time(ObjectNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IllegalArgumentException(name);
    }
    return Instant.ofEpochMilli(value.longValue());
  }

  private static String string(ObjectNode json, String name) {
    return string(json.path(name));
  }

  private static String string(JsonNode value) {
    if (!value.isTextual()) {
      throw new IllegalArgumentException("must be a string");
    }
    return value.textValue();
  }

  private static InvalidToken malformed() {
    return new InvalidToken(Reason.MALFORMED, "the ticket is none of this hub's");
  }

  /** Without the ticket. */
  @Override
  public String toString() {
    return ticket.toString();
  }
}
