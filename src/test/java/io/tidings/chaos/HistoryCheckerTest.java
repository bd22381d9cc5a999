package io.tidings.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.chaos.Answer.Outcome;
import io.tidings.chaos.Publication.Sent;
import io.tidings.chaos.Violation.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Right and wrong histories of events a, b, c in the topic t, with the ids 1, 2, 3. */
class HistoryCheckerTest {
  private static final Delivery A = new Delivery("a", "t", "1");
  private static final Delivery B = new Delivery("b", "t", "2");
  private static final Delivery C = new Delivery("c", "t", "3");

  private final History history = new History();
  private long time;

  private Publication publication(String key, String... events) {
    var sent = new ArrayList<Sent>();
    for (String event : events) {
      sent.add(new Sent(event, "t"));
    }
    return history.add(new Publication(key, sent));
  }

  private void answer(Publication publication, Outcome outcome, String... ids) {
    publication.answered(new Answer(outcome, List.of(ids), time++, time++, 0, ""));
  }

  private void acknowledged(Delivery... entries) {
    for (Delivery entry : entries) {
      answer(publication("", entry.event()), Outcome.ACKNOWLEDGED, entry.id());
    }
  }

  private void replays(Delivery... entries) {
    history.replayed(1, List.of(entries));
    history.replayed(2, List.of(entries));
  }

  private ReaderHistory reader(String begin, Delivery... deliveries) {
    var reader = history.add(new ReaderHistory("reader", topic -> topic.equals("t"), begin));
    List.of(deliveries).forEach(reader::received);
    return reader;
  }

  private Set<Kind> kinds() {
    var kinds = EnumSet.noneOf(Kind.class);
    HistoryChecker.check(history).forEach(violation -> kinds.add(violation.kind()));
    return kinds;
  }

  @Test
  void aHistoryInWhichEveryAnswerIsTrueHasNoViolations() {
    acknowledged(A, B);
    answer(publication("", "refused"), Outcome.REFUSED);
    answer(publication("", "unknown and not there"), Outcome.UNKNOWN);
    answer(publication("", "c"), Outcome.UNKNOWN);
    replays(A, B, C);
    reader("", A, B, C);
    reader("1", B, C);
    assertEquals(List.of(), HistoryChecker.check(history));
  }

  @Test
  void anAcknowledgedEventThatANodeDoesNotHaveIsLost() {
    acknowledged(A, B);
    history.replayed(1, List.of(A, B));
    history.replayed(2, List.of(A));
    assertEquals(Set.of(Kind.LOST, Kind.REPLAYS_DIFFER), kinds());
  }

  @Test
  void anEventThatAReaderReceivedAndNoNodeHasIsLost() {
    acknowledged(A);
    answer(publication("", "b"), Outcome.UNKNOWN);
    replays(A);
    reader("", A, B);
    assertEquals(Set.of(Kind.DELIVERED_THEN_LOST), kinds());
  }

  @Test
  void anEventThatIsStoredTwiceIsReported() {
    acknowledged(A);
    replays(A, new Delivery("a", "t", "9"));
    assertEquals(Set.of(Kind.TWICE, Kind.ID_DIFFERS), kinds());
  }

  @Test
  void anEventThatAReaderReceivesTwiceIsReported() {
    acknowledged(A, B);
    replays(A, B);
    reader("", A, A, B);
    assertEquals(Set.of(Kind.TWICE), kinds());
  }

  @Test
  void aReaderThatPassesOverAnEventIsReported() {
    acknowledged(A, B, C);
    replays(A, B, C);
    reader("", A, C);
    assertEquals(Set.of(Kind.MISSED), kinds());
  }

  @Test
  void aReaderThatDoesNotReceiveTheEndIsReported() {
    acknowledged(A, B, C);
    replays(A, B, C);
    reader("", A, B);
    assertEquals(Set.of(Kind.MISSED), kinds());
  }

  @Test
  void aReaderInWhoseOrderTwoEventsAreSwappedIsReported() {
    acknowledged(A, B, C);
    replays(A, B, C);
    reader("", A, C, B);
    assertEquals(Set.of(Kind.REORDERED), kinds());
  }

  @Test
  void twoNodesWithDifferentOrdersAreReported() {
    answer(publication("", "a"), Outcome.UNKNOWN);
    answer(publication("", "b"), Outcome.UNKNOWN);
    history.replayed(1, List.of(A, B));
    history.replayed(2, List.of(B, A));
    assertEquals(Set.of(Kind.REPLAYS_DIFFER), kinds());
  }

  @Test
  void aRefusedEventThatIsThereIsReported() {
    answer(publication("", "a"), Outcome.REFUSED);
    replays(A);
    reader("", A);
    assertEquals(Set.of(Kind.REFUSED_BUT_THERE), kinds());
  }

  @Test
  void aRefusedEventThatOnlyAReaderReceivedIsReported() {
    answer(publication("", "a"), Outcome.REFUSED);
    replays();
    reader("", A);
    assertEquals(Set.of(Kind.REFUSED_BUT_THERE, Kind.DELIVERED_THEN_LOST), kinds());
  }

  @Test
  void anEventThatNobodyPublishedIsReported() {
    replays(A);
    assertEquals(Set.of(Kind.FROM_NOWHERE), kinds());
  }

  @Test
  void anEventWithAnotherIdThanWasAcknowledgedIsReported() {
    answer(publication("", "a"), Outcome.ACKNOWLEDGED, "7");
    replays(A);
    assertEquals(Set.of(Kind.ID_DIFFERS), kinds());
  }

  @Test
  void anEventThatAReaderReceivesWithAnotherIdIsReported() {
    acknowledged(A);
    replays(A);
    reader("", new Delivery("a", "t", "7"));
    assertEquals(Set.of(Kind.ID_DIFFERS), kinds());
  }

  @Test
  void twoEventsWithOneIdAreReported() {
    acknowledged(A, new Delivery("b", "t", "1"));
    replays(A, new Delivery("b", "t", "1"));
    assertEquals(Set.of(Kind.ID_DIFFERS), kinds());
  }

  @Test
  void aKeyWhoseAnswersNameDifferentIdsIsReported() {
    Publication keyed = publication("key", "a");
    answer(keyed, Outcome.UNKNOWN);
    answer(keyed, Outcome.ACKNOWLEDGED, "1");
    answer(keyed, Outcome.ACKNOWLEDGED, "2");
    replays(A);
    assertEquals(Set.of(Kind.ANSWERS_DIFFER, Kind.ID_DIFFERS), kinds());
  }

  @Test
  void aKeyedEventThatIsThereTwiceIsReported() {
    Publication keyed = publication("key", "a");
    answer(keyed, Outcome.UNKNOWN);
    answer(keyed, Outcome.ACKNOWLEDGED, "2");
    replays(A, new Delivery("a", "t", "2"));
    assertEquals(Set.of(Kind.TWICE), kinds());
  }

  @Test
  void aKeyThatWasFirstUnknownAndThenRefusedMayBeThere() {
    Publication keyed = publication("key", "a");
    answer(keyed, Outcome.UNKNOWN);
    answer(keyed, Outcome.REFUSED);
    replays(A);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aBatchThatIsThereInPartIsReported() {
    answer(publication("", "a", "b"), Outcome.UNKNOWN);
    replays(A);
    assertEquals(Set.of(Kind.TORN_BATCH), kinds());
  }

  @Test
  void aBatchInAnotherOrderIsReported() {
    answer(publication("", "b", "a"), Outcome.UNKNOWN);
    replays(A, B);
    assertEquals(Set.of(Kind.TORN_BATCH), kinds());
  }

  @Test
  void anEventThatWasSentAfterTheAcknowledgementOfALaterOneIsReported() {
    acknowledged(B, A);
    replays(A, B);
    assertEquals(Set.of(Kind.BEFORE_ITS_TIME), kinds());
  }

  @Test
  void eventsThatWereSentAtTheSameTimeMayHaveAnyOrder() {
    publication("", "b").answered(new Answer(Outcome.ACKNOWLEDGED, List.of("2"), 0, 9, 0, ""));
    publication("", "a").answered(new Answer(Outcome.ACKNOWLEDGED, List.of("1"), 8, 10, 0, ""));
    replays(A, B);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aGapIsReportedSinceEverythingIsKept() {
    acknowledged(A);
    replays(A);
    reader("", A).gap("{\"reason\":\"epoch\"}");
    assertEquals(Set.of(Kind.GAP), kinds());
  }

  @Test
  void damagedDataIsReported() {
    acknowledged(A);
    replays(A);
    reader("", A).damage("a");
    assertEquals(Set.of(Kind.DAMAGED), kinds());
  }

  @Test
  void anEventThatAVoterWhoWasAddedLaterLacksIsLost() {
    acknowledged(A, B, C);
    history.replayed(1, List.of(A, B, C));
    history.replayed(4, List.of(A, C));
    assertEquals(Set.of(Kind.LOST, Kind.REPLAYS_DIFFER), kinds());
  }
}
