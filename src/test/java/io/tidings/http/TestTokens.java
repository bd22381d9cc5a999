package io.tidings.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens, also faulty ones, byte by byte: no library that verifies them is involved. */
public final class TestTokens {
  public static final String ISSUER = "https://id.example/";
  static final String SECRET = "a secret of the tests, with more than 32 characters";

  private TestTokens() {}

  /** The setting {@code auth.issuers} with the issuer of these tokens. */
  public static JsonArray issuers(Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("issuer.secret"), SECRET);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return new JsonArray()
        .add(new JsonObject().put("issuer", ISSUER).put("secret", file.toString()));
  }

  /** The claims of a token that is valid for an hour. */
  public static JsonObject claims(String subject, JsonObject grants) {
    return new JsonObject()
        .put("iss", ISSUER)
        .put("sub", subject)
        .put("exp", Instant.now().getEpochSecond() + 3_600)
        .put("tidings", grants);
  }

  public static JsonObject grants(JsonArray subscribe, JsonArray publish) {
    return new JsonObject().put("subscribe", subscribe).put("publish", publish);
  }

  public static String sign(JsonObject claims) throws Exception {
    return sign("HS256", SECRET, claims);
  }

  static String sign(String algorithm, String secret, JsonObject claims) throws Exception {
    String signed = part(new JsonObject().put("alg", algorithm)) + "." + part(claims);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return signed + "." + base64(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
  }

  /** A token without a signature. */
  static String unsigned(JsonObject claims) {
    return part(new JsonObject().put("alg", "none")) + "." + part(claims) + ".";
  }

  private static String part(JsonObject json) {
    return base64(json.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
