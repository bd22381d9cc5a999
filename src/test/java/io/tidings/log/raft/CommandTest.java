package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.event.Visibility;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.raft.Command.UnknownCommand;
import io.tidings.settings.CommonSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandTest {
  private static final Command.Publish COMMAND =
      new Command.Publish(
          1_700_000_000_000L,
          List.of(
              Publication.of(List.of(Event.of("a", "one\r\ntwo €😀"))),
              new Publication(
                  List.of(
                      new Event(List.of("a.b", "c"), "added", "7", 1_500, ""),
                      new Event(List.of("d"), "", "é", Event.NO_RETRY, "x".repeat(200_000))),
                  "key",
                  true)));

  @Test
  void aDecodedCommandIsTheOneThatWasEncoded() {
    assertEquals(COMMAND, Command.decode(COMMAND.encode()));
  }

  @Test
  void aCommandWithAScopeHasAKindThatVersionsWithoutScopesRefuse() {
    assertEquals(1, COMMAND.encode()[0]);
    List<Publication> all = new ArrayList<>(COMMAND.publications());
    all.add(COMMAND.publications().get(1).withScope("scope"));
    all.add(COMMAND.publications().get(0));
    var scoped = new Command.Publish(1, 5, 1, all);
    assertEquals(4, scoped.encode()[0]);
    assertEquals(scoped, Command.decode(scoped.encode()));
  }

  @Test
  void aCommandWithAPrivateEventHasAKindThatVersionsWithoutTheMarkRefuse() {
    var secret = new Event(List.of("a"), "", "", Event.NO_RETRY, "1", Visibility.PRIVATE);
    List<Publication> all = new ArrayList<>(COMMAND.publications());
    all.add(new Publication(List.of(Event.of("a", "2"), secret), "", false));
    all.add(COMMAND.publications().get(1).withScope("scope"));
    var command = new Command.Publish(1, 5, 1, all);
    assertEquals(5, command.encode()[0]);
    assertEquals(command, Command.decode(command.encode()));
  }

  @Test
  void anExpiringRecordIsDecodedAsItWasEncoded() {
    var record =
        new ExpiringRecord("kind", "é", "{\"a\":1}", Instant.parse("2030-01-01T00:00:00.123456Z"));
    var command = new Command.PutRecord(5, record);
    assertEquals(command, Command.decode(command.encode()));
    byte[] longer = Arrays.copyOf(command.encode(), command.encode().length + 1);
    assertThrows(UnknownCommand.class, () -> Command.decode(longer));
  }

  @Test
  void aReportOfAClockIsDecodedAsItWasEncoded() {
    var command = new Command.ReportClock(5, "é:1", 3, 1L << 40);
    assertEquals(command, Command.decode(command.encode()));
    byte[] longer = Arrays.copyOf(command.encode(), command.encode().length + 1);
    assertThrows(UnknownCommand.class, () -> Command.decode(longer));
  }

  @Test
  void anExpiringRecordThatBreaksARuleIsNotApplied() {
    byte[] encoded =
        new Command.PutRecord(5, new ExpiringRecord("k", "key", "", Instant.EPOCH)).encode();
    encoded[9] = (byte) 0xff; // before 1970
    assertThrows(UnknownCommand.class, () -> Command.decode(encoded));
  }

  @Test
  void aPublicationWithAnUnknownFlagIsNotApplied() {
    byte[] encoded = COMMAND.encode();
    encoded[Command.Publish.HEADER] |= 8;
    assertThrows(UnknownCommand.class, () -> Command.decode(encoded));
  }

  @Test
  void theLeaderSetsTheTimeOfAnEncodedCommand() {
    byte[] encoded = COMMAND.encode();
    Command.setTime(encoded, 42);
    assertEquals(new Command.Publish(42, COMMAND.publications()), Command.decode(encoded));
  }

  @Test
  void aCommandOfAnotherKindIsNotSkipped() {
    byte[] encoded = COMMAND.encode();
    encoded[0] = 6;
    assertThrows(UnknownCommand.class, () -> Command.decode(encoded));
  }

  @Test
  void aCommandThatIsCutOrTooLongIsNotAccepted() {
    byte[] encoded = new Command.Publish(1, COMMAND.publications().subList(0, 1)).encode();
    for (int length = 0; length < encoded.length; length++) {
      byte[] cut = Arrays.copyOf(encoded, length);
      assertThrows(UnknownCommand.class, () -> Command.decode(cut), length + " bytes");
    }
    byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
    assertThrows(UnknownCommand.class, () -> Command.decode(longer));
  }

  @Test
  void aCommandHasAPublication() {
    assertThrows(IllegalArgumentException.class, () -> new Command.Publish(1, List.of()));
  }

  @Test
  void everyKindOfCommandIsDecodedAsItWasEncoded() {
    for (Command command :
        List.of(
            new Command.Configure(1, 2, 3, 4, 5),
            new Command.SetCheckpoint(1, "relay é", "7-1"),
            new Command.Publish(1, Long.MIN_VALUE, 1, COMMAND.publications()),
            new Command.Publish(1, 5, 1, List.of(Publication.of(List.of()))))) {
      byte[] encoded = command.encode();
      assertEquals(command, Command.decode(encoded));
      byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
      assertThrows(UnknownCommand.class, () -> Command.decode(longer));
    }
  }

  @Test
  void aChangeOfSettingsIsDecodedAsItWasEncodedAndNeedsAKindThatEarlierVersionsRefuse() {
    var command =
        new Command.ChangeSettings(
            5, Map.of("limits.body", 7L, "log.once", 0L), CommonSettings.DEFAULT.numbers());
    byte[] encoded = command.encode();
    assertEquals(8, encoded[0]);
    assertEquals(8, command.requiredKind());
    assertEquals(command, Command.decode(encoded));
    byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
    assertThrows(UnknownCommand.class, () -> Command.decode(longer));
    for (int length = 0; length < encoded.length; length++) {
      byte[] cut = Arrays.copyOf(encoded, length);
      assertThrows(UnknownCommand.class, () -> Command.decode(cut), length + " bytes");
    }
  }

  @Test
  void aSettingThatThisVersionDoesNotKnowIsNotSkipped() {
    byte[] encoded = new Command.ChangeSettings(5, Map.of("log.once", 7L), Map.of()).encode();
    encoded[encoded.length - 11] = 'x'; // log.oncx
    assertThrows(UnknownCommand.class, () -> Command.decode(encoded));
  }

  @Test
  void aCheckpointWhoseTextDoesNotFitIsRefusedBeforeItIsSent() {
    String tooLong = "é".repeat(40_000);
    assertThrows(
        IllegalArgumentException.class, () -> new Command.SetCheckpoint(1, tooLong, "7-1"));
    assertThrows(
        IllegalArgumentException.class, () -> new Command.SetCheckpoint(1, "relay", tooLong));
  }
}
