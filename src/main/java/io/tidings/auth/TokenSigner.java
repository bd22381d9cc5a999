package io.tidings.auth;

import io.tidings.event.TextRules;
import io.tidings.settings.AuthSettings;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.SecretKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** Signs tokens with the hub's own secret. Blocks. */
public final class TokenSigner {
  private final SecretKey secret;

  private TokenSigner(SecretKey secret) {
    this.secret = secret;
  }

  /**
   * A signer with the secret of {@code auth.secret}, whose file is created if it is missing and in
   * {@code log.dir}.
   *
   * @param dir {@code log.dir}
   * @throws InvalidSetting if there is no secret, or it can't be used
   */
  public static TokenSigner of(AuthSettings settings, Path dir) {
    if (!settings.hasSecret()) {
      throw InvalidSetting.of("auth.secret", settings.secret(), "must be auto, create or a file");
    }
    Path file = secret(settings, dir);
    try {
      if (settings.secretInLogDir()) {
        SecretFile.create(file);
      }
      return new TokenSigner(SecretFile.read(file));
    } catch (UnusableKeys e) {
      throw InvalidSetting.of("auth.secret", file, e.getMessage());
    } catch (IOException e) {
      throw InvalidSetting.of("auth.secret", file, "can't be created: " + e);
    }
  }

  /** The file of the hub's own secret. */
  static Path secret(AuthSettings settings, Path dir) {
    return settings.secretInLogDir() ? dir.resolve(SecretFile.NAME) : Path.of(settings.secret());
  }

  /**
   * What a token says.
   *
   * @param subject unique among those who get tokens
   * @param presence who may be seen, and what is shown
   */
  public record Content(
      String subject,
      List<String> subscribe,
      List<String> publish,
      boolean admin,
      Presence presence) {}

  /**
   * @param granted whether the token's owner may see who is present
   * @param payload what others see of him: any JSON value but null; empty for nothing
   */
  public record Presence(boolean granted, Optional<Object> payload) {
    public static final Presence NONE = new Presence(false, Optional.empty());

    /**
     * @throws IllegalArgumentException if the payload would be left out
     */
    public Presence {
      if (payload.isPresent()
          && TextRules.utf8Length(Json.encode(payload.get())) > Principal.MAX_PAYLOAD) {
        throw new IllegalArgumentException("must have at most " + Principal.MAX_PAYLOAD + " bytes");
      }
    }
  }

  /**
   * A token of the issuer {@value AuthSettings#OWN_ISSUER}.
   *
   * @throws IllegalArgumentException if it gets too long
   */
  public String sign(Content content, Instant now, Duration life) {
    var grants = new JsonObject();
    if (!content.subscribe().isEmpty()) {
      grants.put(GrantsClaim.SUBSCRIBE, new JsonArray(content.subscribe()));
    }
    if (!content.publish().isEmpty()) {
      grants.put(GrantsClaim.PUBLISH, new JsonArray(content.publish()));
    }
    if (content.admin()) {
      grants.put(GrantsClaim.ADMIN, true);
    }
    if (content.presence().granted()) {
      grants.put(GrantsClaim.PRESENCE, true);
    }
    JsonObject claims = claims(content.subject(), now, life).put(GrantsClaim.NAME, grants);
    content.presence().payload().ifPresent(payload -> claims.put(ClaimChecks.PAYLOAD, payload));
    String token = signed(claims);
    if (token.length() > SignedToken.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "the token would have more than " + SignedToken.MAX_LENGTH + " characters; grant globs");
    }
    return token;
  }

  private static JsonObject claims(String subject, Instant now, Duration life) {
    return new JsonObject()
        .put("iss", AuthSettings.OWN_ISSUER)
        .put("sub", subject)
        .put("iat", now.getEpochSecond())
        .put("exp", now.plus(life).getEpochSecond())
        .put("jti", UUID.randomUUID().toString());
  }

  private String signed(JsonObject claims) {
    var signature = new JsonWebSignature();
    signature.setAlgorithmHeaderValue(Algorithm.HS256.joseName());
    signature.setHeader("typ", "JWT");
    signature.setPayload(claims.encode());
    signature.setKey(secret);
    try {
      return signature.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException("the secret was checked when it was read", e);
    }
  }
}
