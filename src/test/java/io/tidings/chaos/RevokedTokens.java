package io.tidings.chaos;

import io.tidings.chaos.RevocationHistory.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Which tokens were revoked when, by the answers to those who revoked them. */
final class RevokedTokens {
  private final Map<String, List<RevocationHistory>> byTokenId = new HashMap<>();
  private final Map<String, List<RevocationHistory>> bySubject = new HashMap<>();

  RevokedTokens(List<RevocationHistory> revocations) {
    for (RevocationHistory revocation : revocations) {
      Target target = revocation.target();
      target.id().ifPresent(id -> listed(byTokenId, id).add(revocation));
      target.subject().ifPresent(subject -> listed(bySubject, subject).add(revocation));
    }
  }

  private static List<RevocationHistory> listed(
      Map<String, List<RevocationHistory>> map, String key) {
    return map.computeIfAbsent(key, none -> new ArrayList<>());
  }

  /** All revocations that concern a token. */
  List<RevocationHistory> of(Token token) {
    return Stream.concat(
            byTokenId.getOrDefault(token.id(), List.of()).stream(),
            bySubject.getOrDefault(token.subject(), List.of()).stream())
        .filter(revocation -> revocation.target().concerns(token))
        .toList();
  }

  /** When it was first known to be revoked. */
  OptionalLong done(Token token) {
    return of(token).stream()
        .map(RevocationHistory::done)
        .filter(OptionalLong::isPresent)
        .mapToLong(OptionalLong::getAsLong)
        .min();
  }

  /** When the last of these tokens was revoked; empty if one was not. */
  OptionalLong done(List<Token> tokens) {
    long last = Long.MIN_VALUE;
    for (Token token : tokens) {
      OptionalLong done = done(token);
      if (done.isEmpty()) {
        return done;
      }
      last = Math.max(last, done.getAsLong());
    }
    return OptionalLong.of(last);
  }

  /** Whether it may have been revoked before a time. */
  boolean possible(Token token, long time) {
    return of(token).stream()
        .map(RevocationHistory::possible)
        .anyMatch(since -> since.isPresent() && since.getAsLong() - time < 0);
  }
}
