package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionTest {
  private static final Optional<Filter> NONE = Optional.empty();

  private static Event event(Visibility visibility, String... topics) {
    return new Event(List.of(topics), "", "", Event.NO_RETRY, "", visibility);
  }

  @Test
  void aPublicEventIsSelectedByTheFilterAndAPrivateOneByThePartForThose() {
    var selection = Selection.of(Filter.of("**"), Optional.of(Filter.of("user.7.**")));
    assertTrue(selection.matches(event(Visibility.PUBLIC, "news")));
    assertTrue(selection.matches(event(Visibility.PUBLIC, "user.7.a")));
    assertFalse(selection.matches(event(Visibility.PRIVATE, "news")));
    assertFalse(selection.matches(event(Visibility.PRIVATE, "news", "user.8.a")));
    assertTrue(selection.matches(event(Visibility.PRIVATE, "news", "user.7.a")));
    assertFalse(Selection.of(Filter.of("**"), NONE).matches(event(Visibility.PRIVATE, "news")));
    assertTrue(Selection.all("*").matches(event(Visibility.PRIVATE, "news")));
    assertFalse(Selection.all("*").matches(event(Visibility.PRIVATE, "hub.log")));
  }

  @ParameterizedTest
  @CsvSource({"news, news", "news, **", "a.b a.*, a.**", "hub.log a, hub.** a *"})
  void selectionsThatLeaveOutNothingAreEqual(String filter, String privates) {
    Filter of = Filter.of(filter.split(" "));
    var wide = Optional.of(Filter.of(privates.split(" ")));
    assertEquals(Selection.all(of), Selection.of(of, wide.flatMap(of::intersect)));
    assertTrue(Selection.of(of, wide.flatMap(of::intersect)).whole());
  }

  @Test
  void selectionsThatLeaveOutSomethingAreNot() {
    Filter filter = Filter.of("a.**");
    var cut = Selection.of(filter, Optional.of(Filter.of("a.b")));
    assertNotEquals(Selection.all(filter), cut);
    assertNotEquals(Selection.of(filter, NONE), cut);
    assertFalse(cut.whole());
    assertFalse(Selection.of(filter, NONE).whole());
  }

  @Test
  void privateEventsAreAPartOfTheFilter() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Selection(Filter.of("a.*"), Optional.of(Filter.of("a.b", "c"))));
  }
}
