package io.tidings.auth;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** Keys, and tokens of every kind: signed by the library, or put together by hand. */
final class TestTokens {
  static final KeyPair RSA = pair("RSA", 2048);
  static final KeyPair P256 = ec("secp256r1");
  static final KeyPair P384 = ec("secp384r1");
  static final KeyPair P521 = ec("secp521r1");
  static final KeyPair ED25519 = pair("Ed25519", 0);
  static final KeyPair STRANGER = ec("secp256r1");

  private TestTokens() {}

  static KeyPair pair(String kind, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      if (bits > 0) {
        generator.initialize(bits);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static KeyPair ec(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static JsonObject claims(String issuer, Instant now) {
    return new JsonObject()
        .put("iss", issuer)
        .put("sub", "alice")
        .put("exp", now.getEpochSecond() + 300)
        .put(
            "tidings",
            new JsonObject()
                .put("subscribe", new JsonArray().add("orders.**"))
                .put("publish", new JsonArray().add("news")));
  }

  static JsonObject header(String algorithm) {
    return new JsonObject().put("alg", algorithm).put("typ", "JWT");
  }

  static String sign(Key key, String algorithm, JsonObject claims) {
    return sign(key, header(algorithm), claims.encode());
  }

  /** Signs by the library. */
  static String sign(Key key, JsonObject header, String claims) {
    var signature = new JsonWebSignature();
    signature.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
    header.forEach(member -> signature.setHeader(member.getKey(), plain(member.getValue())));
    signature.setPayload(claims);
    signature.setKey(key);
    try {
      return signature.getCompactSerialization();
    } catch (JoseException e) {
      throw new AssertionError(e);
    }
  }

  private static Object plain(Object value) {
    return value instanceof JsonObject object
        ? object.getMap()
        : value instanceof JsonArray array ? array.getList() : value;
  }

  /** Signs by hand, with HMAC over whatever the texts are. */
  static String hmac(byte[] secret, String header, String claims) {
    String content = base64(header) + "." + base64(claims);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return content + "." + base64(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static JsonObject jwk(PublicKey key, String id) {
    try {
      JsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(key);
      return new JsonObject(jwk.toJson()).put("kid", id);
    } catch (JoseException e) {
      throw new AssertionError(e);
    }
  }

  static String jwks(JsonObject... keys) {
    var all = new JsonArray();
    for (JsonObject key : keys) {
      all.add(key);
    }
    return new JsonObject().put("keys", all).encode();
  }

  static String pem(String kind, byte[] der) {
    return "-----BEGIN "
        + kind
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + kind
        + "-----\n";
  }

  static String pem(PublicKey key) {
    return pem("PUBLIC KEY", key.getEncoded());
  }

  static <T> T await(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
