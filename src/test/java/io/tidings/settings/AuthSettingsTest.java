package io.tidings.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthSettingsTest {
  private static AuthSettings of(String issuers) {
    return Settings.of(Map.of("auth.issuers", issuers)).auth();
  }

  @Test
  void anIssuerHasDefaults() {
    AuthSettings.Issuer issuer = of("[{\"issuer\":\"a\",\"keys\":\"k.pem\"}]").issuers().get(0);
    assertEquals(
        new AuthSettings.Issuer(
            "a", "k.pem", "none", "none", List.of("jwt", "at+jwt", "none"), List.of(), "none"),
        issuer);
    assertEquals(Optional.empty(), issuer.expectedAudience());
  }

  @Test
  void anIssuerIsReadFromYamlAndFromOneLine() {
    var issuer =
        new JsonObject()
            .put("issuer", "https://a/")
            .put("keys", "https://a/jwks.json")
            .put("audience", "hub")
            .put("types", new JsonArray().add("at+JWT"))
            .put("algorithms", new JsonArray().add("ES256").add("EdDSA"));
    AuthSettings read = Settings.of(Map.of("auth.issuers", new JsonArray().add(issuer))).auth();
    assertEquals(List.of("at+jwt"), read.issuers().get(0).types());
    assertEquals(List.of("ES256", "EdDSA"), read.issuers().get(0).algorithms());
    assertTrue(read.issuers().get(0).remote());
    assertEquals(read, of("[" + issuer.encode() + "]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'keys':'k'} | issuer=none: must be given",
        "{'issuer':'a'} | keys=none: must be given, or else secret, and not both",
        "{'issuer':'a','keys':'k','secret':'s'} | keys=k: must be given, or else secret, and not both",
        "{'issuer':'a','keys':'http://a/jwks'} | keys=http://a/jwks: must be https; http is for this machine only",
        "{'issuer':'a','keys':'HTTP://a/jwks'} | keys=HTTP://a/jwks: must be https; http is for this machine only",
        "{'issuer':'a','keys':'http://127.0.0.1.evil.example/'} | keys=http://127.0.0.1.evil.example/: must be https; http is for this machine only",
        "{'issuer':'a','keys':'http://localhost:80@evil.example/'} | keys=http://localhost:80@evil.example/: must be https; http is for this machine only",
        "{'issuer':'a','keys':'http://localhost@evil.example/'} | keys=http://localhost@evil.example/: must be https; http is for this machine only",
        "{'issuer':'a','keys':'k','algorithms':['none']} | must be a list of EdDSA",
        "{'issuer':'a','keys':'k','algorithms':['HS512']} | must be a list of EdDSA",
        "{'issuer':'a','keys':'k','algorithm':'ES256'} | algorithm=ES256: is not a setting",
      })
  void anIssuerThatBreaksARuleIsReported(String issuer, String rule) {
    var e = assertThrows(InvalidSetting.class, () -> of("[" + issuer.replace('\'', '"') + "]"));
    assertTrue(e.getMessage().startsWith("auth.issuers[0]."), e.getMessage());
    assertTrue(e.getMessage().contains(rule), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      value = {"http://127.0.0.1:8/jwks", "http://localhost/jwks", "http://[::1]:80", "https://a/"})
  void httpIsForThisMachineOnly(String url) {
    assertTrue(of("[{\"issuer\":\"a\",\"keys\":\"" + url + "\"}]").issuers().get(0).remote());
  }

  @Test
  void anIssuerIsListedOnceAndIsNotTheHub() {
    String one = "{\"issuer\":\"a\",\"keys\":\"k\"}";
    assertThrows(InvalidSetting.class, () -> of("[" + one + "," + one + "]"));
    String hub = "[{\"issuer\":\"tidings\",\"keys\":\"k\"}]";
    var e = assertThrows(InvalidSetting.class, () -> of(hub));
    assertEquals("auth.issuers=tidings: must not be that of auth.secret", e.getMessage());
    Settings.of(Map.of("auth.issuers", hub, "auth.secret", "none"));
  }

  @Test
  void theGlobsAreListsAlsoInTheEnvironment() {
    AuthSettings read =
        Settings.of(
                Map.of(
                    "auth.anonymous.subscribe", "news.**, clock",
                    "auth.grants.subscribe", "[user.{sub}.**]"))
            .auth();
    assertEquals(List.of("news.**", "clock"), read.anonymous().subscribe());
    assertEquals(List.of("user.{sub}.**"), read.grants().subscribe());
  }
}
