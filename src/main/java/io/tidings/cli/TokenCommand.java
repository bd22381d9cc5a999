package io.tidings.cli;

import io.tidings.auth.TokenSigner;
import io.tidings.settings.Settings;
import java.nio.file.Path;
import java.time.InstantSource;

/** {@code java -jar tidings.jar token}: makes a token with the hub's own secret. */
public final class TokenCommand {
  public static final String HELP =
      """
      java -jar tidings.jar token [options]

      Prints a token that is signed with the hub's own secret (auth.secret), which is created if it is missing. Whoever
      has the token can use it until it ends: treat it as a password. All nodes of a cluster need the same file.

        --subscribe TOPIC  grant reading this topic, or these topics: * matches one part, a final ** any number of
                           parts; may be repeated
        --publish TOPIC    grant publishing to this topic, or these topics; may be repeated
        --admin            grant the hub's own state: /cluster, /metrics, /stats
        --presence         grant seeing who is present at the topics that it reads
        --payload JSON     what others see of who uses it where he is present; at most 1,024 bytes
        --subject NAME     who uses it, for limits and audit lines; default: a new name
        --for TIME         how long it is valid, from 1s to 366d; default 24h
        --config FILE      the hub's configuration, which names the secret; default conf/config.yaml if it exists
        --set KEY=VALUE    a setting of the hub, such as log.dir=/var/lib/tidings
      """;

  private TokenCommand() {}

  /**
   * The text to print.
   *
   * @throws IllegalArgumentException with a message of one line
   * @throws io.tidings.settings.InvalidSetting if the secret can't be used
   */
  public static String run(TokenOptions options, Settings settings, InstantSource clock) {
    var signer = TokenSigner.of(settings.auth(), Path.of(settings.log().dir()));
    return signer.sign(options.content(), clock.instant(), options.life()) + "\n";
  }
}
