package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.log.LogState;
import io.tidings.settings.AuthSettings.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevocationGateTest {
  @ParameterizedTest
  @CsvSource({
    "true,  ANONYMOUS, UP,        true,  true",
    "true,  ANONYMOUS, READ_ONLY, true,  false",
    "true,  ANONYMOUS, ISOLATED,  false, false",
    "true,  KNOWN,     ISOLATED,  true,  false",
    "true,  ANONYMOUS, DOWN,      true,  false",
    "false, ANONYMOUS, UP,        true,  true",
    "false, ANONYMOUS, READ_ONLY, true,  true",
    "false, ANONYMOUS, DOWN,      true,  false"
  })
  void tokensAreAcceptedAsFarAsTheirRevocationsAreKnown(
      boolean voter, Isolated isolated, LogState state, boolean known, boolean fresh) {
    var gate = new RevocationGate(voter, isolated);
    gate.log(state);
    assertEquals(known, gate.admitsKnown());
    assertEquals(fresh, gate.admitsNew());
  }
}
