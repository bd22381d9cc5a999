package io.tidings.settings;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The section {@code auth}: who may do what, and by which keys tokens are verified.
 *
 * @param secret the file of the hub's own secret; {@link Settings#AUTO} for {@code secret} in
 *     {@code log.dir}, {@link #CREATE} for the same, which a single hub creates at its start,
 *     {@link Settings#NONE} for none
 * @param anonymous the grants of requests without a token
 * @param grants the grants of every verified token, with placeholders for its claims
 * @param cookie the cookie that may carry a token; {@link Settings#NONE} for none
 * @param leeway by how much an issuer's clock may be ahead of this machine's
 * @param revocation how long a revocation lasts that names no end
 * @param isolated which tokens an isolated node accepts
 */
public record AuthSettings(
    AuthMode mode,
    String secret,
    List<Issuer> issuers,
    Globs anonymous,
    Globs grants,
    String cookie,
    Duration leeway,
    Duration revocation,
    Isolated isolated) {
  /** The issuer of tokens that are signed with the hub's own secret. */
  public static final String OWN_ISSUER = "tidings";

  /** A secret that a hub without it creates, unless others have to have the same one. */
  public static final String CREATE = "create";

  private static final Pattern COOKIE = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}");

  /** What a node serves that has not reached a majority of its cluster for some time. */
  public enum Isolated {
    /** What is granted to everybody. */
    ANONYMOUS,
    /** That, and tokens that it knew before. */
    KNOWN
  }

  /** Patterns of topics; checked by the room that uses them. */
  public record Globs(List<String> subscribe, List<String> publish) {
    private static Globs read(String section, SettingValues values) {
      return new Globs(
          values.list(section + ".subscribe", "[]", text -> text),
          values.list(section + ".publish", "[]", text -> text));
    }
  }

  /**
   * An issuer of tokens. Either {@link #keys} or {@link #secret} is given.
   *
   * @param issuer the claim {@code iss}
   * @param keys a PEM file, a JWKS file, or the URL of a JWKS; {@link Settings#NONE}
   * @param secret a file with a secret for HS256; {@link Settings#NONE}
   * @param audience the claim {@code aud} has it; {@link Settings#NONE} if tokens have no audience
   * @param types the accepted values of the header {@code typ}, in lower case
   * @param algorithms the accepted algorithms; empty for all that fit the keys
   * @param ca a PEM file with the certificates that are trusted for the URL; {@link Settings#NONE}
   *     for those that the JVM trusts
   */
  public record Issuer(
      String issuer,
      String keys,
      String secret,
      String audience,
      List<String> types,
      List<String> algorithms,
      String ca) {
    /** A {@code typ} that stands for tokens without one. */
    public static final String NO_TYPE = Settings.NONE;

    private static final String URL = "(?i)https?://.*";
    private static final Pattern PLAIN_URL =
        Pattern.compile("http://(127\\.0\\.0\\.1|\\[::1]|localhost)(:\\d+)?([/?].*)?");
    private static final Set<String> ALGORITHMS =
        Set.of(
            "EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384",
            "PS512", "HS256");

    /** Whether the keys are fetched by HTTP. */
    public boolean remote() {
      return keys.matches(URL);
    }

    /** Whether tokens are signed with a secret that the hub has too. */
    public boolean symmetric() {
      return !secret.equals(Settings.NONE);
    }

    /** The audience that tokens must have, if they have one. */
    public Optional<String> expectedAudience() {
      return audience.equals(Settings.NONE) ? Optional.empty() : Optional.of(audience);
    }

    private static Issuer read(SettingValues values) {
      var read =
          new Issuer(
              values.string("issuer", Settings.NONE),
              values.parsed("keys", Settings.NONE, Issuer::checkKeys),
              values.string("secret", Settings.NONE),
              values.string("audience", Settings.NONE),
              values.list("types", "[JWT, at+jwt, none]", text -> text.toLowerCase(Locale.ROOT)),
              values.list("algorithms", "[]", Issuer::checkAlgorithm),
              values.string("ca", Settings.NONE));
      if (read.issuer.equals(Settings.NONE)) {
        throw InvalidSetting.of("issuer", read.issuer, "must be given");
      }
      if (read.symmetric() != read.keys.equals(Settings.NONE)) {
        throw InvalidSetting.of("keys", read.keys, "must be given, or else secret, and not both");
      }
      return read;
    }

    private static String checkKeys(String keys) {
      boolean plain = keys.matches("(?i)http:.*");
      if (plain && !PLAIN_URL.matcher(keys).matches()) {
        throw new IllegalArgumentException("must be https; http is for this machine only");
      }
      return keys;
    }

    private static String checkAlgorithm(String name) {
      if (!ALGORITHMS.contains(name)) {
        throw new IllegalArgumentException(
            "must be a list of EdDSA, ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512, HS256");
      }
      return name;
    }
  }

  static AuthSettings read(SettingValues values) {
    var read =
        new AuthSettings(
            values.choice("auth.mode", AuthMode.AUTO, AuthMode.class),
            values.string("auth.secret", Settings.AUTO),
            values.objects("auth.issuers", Issuer::read),
            Globs.read("auth.anonymous", values),
            Globs.read("auth.grants", values),
            values.parsed("auth.cookie", "__Host-tidings", AuthSettings::checkCookie),
            values.duration("auth.leeway", Duration.ofSeconds(10), Duration.ofMinutes(5)),
            values.duration("auth.revocation", Duration.ofDays(366), Duration.ofDays(3_660)),
            values.choice("auth.isolated", Isolated.ANONYMOUS, Isolated.class));
    read.checkIssuers();
    return read;
  }

  /** Whether the hub verifies tokens that are signed with a secret of its own. */
  public boolean hasSecret() {
    return !secret.equals(Settings.NONE);
  }

  /** Whether the file of the hub's own secret is in {@code log.dir}, and may be missing. */
  public boolean secretInLogDir() {
    return secret.equals(Settings.AUTO) || secret.equals(CREATE);
  }

  private void checkIssuers() {
    var names = new HashSet<String>();
    if (hasSecret()) {
      names.add(OWN_ISSUER);
    }
    for (Issuer one : issuers) {
      if (!names.add(one.issuer)) {
        String rule =
            one.issuer.equals(OWN_ISSUER) && hasSecret()
                ? "must not be that of auth.secret"
                : "must be listed once";
        throw InvalidSetting.of("auth.issuers", one.issuer, rule);
      }
    }
  }

  private static String checkCookie(String name) {
    if (!COOKIE.matcher(name).matches()) {
      throw new IllegalArgumentException("must be a cookie's name, or none");
    }
    return name;
  }
}
