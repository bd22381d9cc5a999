package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {
  /** RFC 6750, 2.1, as a pattern. */
  private static final Pattern RULE = Pattern.compile("(?i:Bearer) +([A-Za-z0-9._~+/-]+=*)");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer a.b.c",
        "bearer a",
        "BEARER   a-._~+/z09==",
        "Bearer a=",
      })
  void aTokenIsFound(String header) {
    assertEquals(byRule(header), BearerToken.in(header));
    assertEquals(header.substring(header.lastIndexOf(' ') + 1), BearerToken.in(header).get());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a ",
        " Bearer a",
        "Bearera",
        "Bearer\ta",
        "Bearer =",
        "Bearer a=b",
        "Bearer a,b",
        "Bearer \u00e4",
        "Basic YTpi",
        "Bearer a, Bearer b",
      })
  void anythingElseIsNoToken(String header) {
    assertEquals(Optional.empty(), BearerToken.in(header));
  }

  @Test
  void randomHeadersAreReadAsTheRuleSays() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    String alphabet = "Bearer bEARER  aZ09-._~+/=,;@[`{\t\u00e4";
    for (int i = 0; i < 100_000; i++) {
      var text = new StringBuilder(random.nextInt(4) == 0 ? "" : "Bearer ");
      for (int length = random.nextInt(10); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String header = text.toString();
      assertEquals(byRule(header), BearerToken.in(header), () -> header + ", seed " + seed);
    }
  }

  private static Optional<String> byRule(String header) {
    Matcher matcher = RULE.matcher(header);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
