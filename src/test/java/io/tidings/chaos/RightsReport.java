package io.tidings.chaos;

import io.tidings.chaos.StreamHistory.End;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What clients with rights did in a run, and how long revocations took. */
final class RightsReport {
  private final RightsHistory rights;

  RightsReport(RightsHistory rights) {
    this.rights = rights;
  }

  /** What should have happened in every run, and did not. */
  List<String> idle() {
    var idle = new ArrayList<String>();
    if (rights.revocations().stream().noneMatch(one -> one.done().isPresent())) {
      idle.add("nothing was revoked");
    }
    if (renewals().noneMatch(one -> one.outcome() == StreamHistory.Outcome.CONFIRMED)) {
      idle.add("no stream was renewed");
    }
    if (rights.tickets().isEmpty()) {
      idle.add("no ticket was used");
    }
    if (rights.lastUses().isEmpty()) {
      idle.add("no revocation was looked at in the end");
    }
    return idle;
  }

  private Stream<StreamHistory> streams() {
    return rights.readers().stream().flatMap(reader -> reader.streams().stream());
  }

  private Stream<StreamHistory.Renewal> renewals() {
    return streams().flatMap(stream -> stream.renewals().stream());
  }

  private long ended(String reason) {
    return streams()
        .flatMap(stream -> stream.items().stream())
        .filter(item -> item instanceof End end && end.reason().equals(reason))
        .count();
  }

  @Override
  public String toString() {
    long done = rights.revocations().stream().filter(one -> one.done().isPresent()).count();
    long none = rights.revocations().stream().filter(one -> one.possible().isEmpty()).count();
    long unknown = rights.revocations().size() - done - none;
    return "revocations: %d done, %d refused, %d unknown%n".formatted(done, none, unknown)
        + "tokens: %s%n".formatted(count(rights.uses().stream().map(TokenUse::outcome)))
        + "renewals: %s%n".formatted(count(renewals().map(StreamHistory.Renewal::outcome)))
        + "streams: %d, of which %d expired and %d revoked; by ticket: %d%n"
            .formatted(
                streams().count(), ended("expired"), ended("revoked"), rights.tickets().size())
        + "a revoked stream ended after (median, 90 %%, 99 %%, most) ms: %s%n"
            .formatted(percentiles(delays()))
        + "a revoked token was accepted after (same) ms: %s%n".formatted(percentiles(accepted()));
  }

  /** How long after a revocation its tokens were accepted, in nanoseconds, sorted. */
  private long[] accepted() {
    var revoked = new RevokedTokens(rights.revocations());
    return rights.uses().stream()
        .filter(use -> use.outcome() == TokenUse.Outcome.ACCEPTED)
        .flatMapToLong(use -> revoked.done(use.token()).stream().map(done -> use.sent() - done))
        .filter(delay -> delay > 0)
        .sorted()
        .toArray();
  }

  /** How long after a revocation streams went on that ended with it, in nanoseconds, sorted. */
  private long[] delays() {
    var revoked = new RevokedTokens(rights.revocations());
    return streams()
        .flatMapToLong(
            stream ->
                stream.items().stream()
                    .filter(item -> item instanceof End end && end.reason().equals("revoked"))
                    .flatMapToLong(
                        end ->
                            revoked.done(stream.tokens(end.time())).stream()
                                .map(done -> end.time() - done)))
        .sorted()
        .toArray();
  }

  private static <T extends Enum<T>> Map<T, Long> count(Stream<T> outcomes) {
    return outcomes.collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  private static String percentiles(long[] sorted) {
    if (sorted.length == 0) {
      return "none";
    }
    return Arrays.stream(new int[] {50, 90, 99, 100})
        .mapToLong(percent -> sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)])
        .map(TimeUnit.NANOSECONDS::toMillis)
        .mapToObj(String::valueOf)
        .collect(Collectors.joining(", "));
  }
}
