package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublisherIdsTest {
  private final EntryRing entries = new EntryRing();
  private final PublisherIds ids = new PublisherIds(entries);

  private static Event event(String topic, String id) {
    return new Event(List.of(topic), "", id, Event.NO_RETRY, "data");
  }

  private Entry add(String topic, String id) {
    return add("", topic, id);
  }

  private Entry add(String scope, String topic, String id) {
    long sequence = entries.end();
    Entry entry = Entry.of(new Position(1, sequence + 100), sequence + 99, 0, event(topic, id));
    entries.add(entry);
    ids.add(entry, scope, sequence);
    return entry;
  }

  private void removeFirst() {
    long sequence = entries.first();
    ids.removeFirst(entries.removeFirst(), sequence);
  }

  @Test
  void theNewestEntryIsThatOfTheSameTopic() {
    add("a", "1");
    Entry ofA = add("a", "1");
    Entry ofB = add("b", "1");
    assertEquals(Optional.of(ofA), ids.newest("", event("a", "1")));
    assertEquals(Optional.of(ofB), ids.newest("", event("b", "1")));
    assertEquals(Optional.empty(), ids.newest("", event("c", "1")));
    assertEquals(Optional.empty(), ids.newest("", event("a", "2")));
  }

  @Test
  void theOldestEntryIsThatOfTheFilterIfThereIsOne() {
    Entry ofA = add("a", "1");
    Entry ofB = add("b", "1");
    add("b", "1");
    assertEquals(Optional.of(ofB), ids.oldest("1", Selection.all("b"), Selection.EVERYTHING));
    assertEquals(Optional.of(ofA), ids.oldest("1", Selection.all("c"), Selection.EVERYTHING));
    assertEquals(Optional.empty(), ids.oldest("2", Selection.all("a"), Selection.EVERYTHING));
  }

  @Test
  void theNewestEntryIsThatOfTheSameScope() {
    Entry unscoped = add("a", "1");
    Entry ofS = add("s", "a", "1");
    Entry ofT = add("t", "a", "1");
    assertEquals(Optional.of(unscoped), ids.newest("", event("a", "1")));
    assertEquals(Optional.of(ofS), ids.newest("s", event("a", "1")));
    assertEquals(Optional.of(ofT), ids.newest("t", event("a", "1")));
    assertEquals(Optional.empty(), ids.newest("s", event("b", "1")));
    assertEquals(Optional.empty(), ids.newest("u", event("a", "1")));
    Entry again = add("s", "a", "1");
    assertEquals(Optional.of(again), ids.newest("s", event("a", "1")));
    removeFirst();
    removeFirst();
    assertEquals(Optional.empty(), ids.newest("", event("a", "1")));
    assertEquals(Optional.of(again), ids.newest("s", event("a", "1")));
    removeFirst();
    removeFirst();
    assertEquals(Optional.empty(), ids.newest("s", event("a", "1")));
    assertEquals(0, ids.bytes());
  }

  @Test
  void theOldestEntryIsThatOfAnyScopeThatIsReadable() {
    Entry ofS = add("s", "a", "1");
    Entry unscoped = add("b", "1");
    Entry ofT = add("t", "b", "1");
    assertEquals(Optional.of(ofS), ids.oldest("1", Selection.all("c"), Selection.all("a", "b")));
    assertEquals(
        Optional.of(unscoped), ids.oldest("1", Selection.all("b"), Selection.all("a", "b")));
    assertEquals(
        Optional.of(unscoped), ids.oldest("1", Selection.all("c"), Selection.all("b", "c")));
    assertEquals(Optional.empty(), ids.oldest("1", Selection.all("c"), Selection.all("c")));
    removeFirst();
    removeFirst();
    assertEquals(Optional.of(ofT), ids.oldest("1", Selection.all("b"), Selection.all("b")));
  }

  @Test
  void removedEntriesAreNotFound() {
    add("a", "1");
    add("a", "");
    Entry second = add("a", "1");
    removeFirst();
    assertEquals(Optional.of(second), ids.oldest("1", Selection.all("a"), Selection.EVERYTHING));
    removeFirst(); // it has no id
    removeFirst();
    assertEquals(Optional.empty(), ids.oldest("1", Selection.all("a"), Selection.EVERYTHING));
  }

  @Test
  void anEntryWithoutAnIdIsNotFoundByTheEmptyId() {
    add("a", "");
    assertEquals(Optional.empty(), ids.oldest("", Selection.all("a"), Selection.EVERYTHING));
  }
}
