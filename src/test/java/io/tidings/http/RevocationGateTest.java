package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.log.LogState;
import io.tidings.settings.AuthSettings.Isolated;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevocationGateTest {
  @ParameterizedTest
  @CsvSource({
    "true, ANONYMOUS, UP, 0, true, true",
    "true, ANONYMOUS, READ_ONLY, 0, true, false",
    "true, ANONYMOUS, ISOLATED, 0, false, false",
    "true, KNOWN, ISOLATED, 0, true, false",
    "true, ANONYMOUS, DOWN, 0, true, false",
    "false, ANONYMOUS, UP, 0, true, true",
    "false, ANONYMOUS, READ_ONLY, 0, true, true",
    "false, ANONYMOUS, READ_ONLY, 3000, true, false",
    "false, ANONYMOUS, READ_ONLY, 10000, false, false",
    "false, KNOWN, READ_ONLY, 10000, true, false",
    "false, ANONYMOUS, DOWN, 0, true, false"
  })
  void tokensAreAcceptedAsFarAsTheirRevocationsAreKnown(
      boolean voter, Isolated isolated, LogState state, long behind, boolean known, boolean fresh) {
    var gate = new RevocationGate(voter, isolated, () -> behind, Duration.ofSeconds(10));
    gate.log(state);
    assertEquals(known, gate.admitsKnown());
    assertEquals(fresh, gate.admitsNew());
  }
}
