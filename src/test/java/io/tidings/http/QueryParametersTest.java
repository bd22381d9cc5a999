package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.event.InvalidEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryParametersTest {
  private static QueryParameters parse(String query) {
    return QueryParameters.parse(query);
  }

  @Test
  void namesAndValuesAreDecodedInOrder() {
    QueryParameters query = parse("topic=gr%C3%BC%C3%9Fe&&topic=a+b%2Bc&once&t%6Fpic=");
    assertEquals(List.of("gr\u00fc\u00dfe", "a b+c", ""), query.all("topic"));
    assertEquals(Optional.of(""), query.single("once"));
    assertEquals(Set.of("topic", "once"), query.names());
  }

  @Test
  void aRequestWithoutAQueryHasNoParameters() {
    assertEquals(Set.of(), parse(null).names());
    assertEquals(Set.of(), parse("").names());
    assertEquals(List.of(), parse("a=1").all("b"));
    assertEquals(Optional.empty(), parse("a=1").single("b"));
  }

  @ParameterizedTest
  @CsvSource({"type=%, type", "type=%4, type", "type=%zz, type", "type=%ff, type", "%ff=1, query"})
  void aValueThatCannotBeDecodedIsRejectedByItsName(String query, String field) {
    assertEquals(field, assertThrows(InvalidEvent.class, () -> parse(query)).field());
  }

  @Test
  void anIdToResumeFromIsNeverRejected() {
    assertEquals(Optional.of("%zz"), parse("last_event_id=%zz").single("last_event_id"));
    assertEquals(Optional.of("%ff"), parse("lastEventId=%ff").single("lastEventId"));
  }

  @Test
  void aSingleParameterMustNotBeRepeated() {
    QueryParameters query = parse("id=a&id=b");
    assertEquals("id", assertThrows(InvalidEvent.class, () -> query.single("id")).field());
    assertEquals(List.of("a", "b"), query.all("id"));
  }

  @Test
  void aDurationIsParsedOrRejectedByItsName() {
    assertEquals(Optional.of(Duration.ofMinutes(10)), parse("since=10m").duration("since"));
    QueryParameters query = parse("since=soon");
    assertEquals("since", assertThrows(InvalidEvent.class, () -> query.duration("since")).field());
  }
}
