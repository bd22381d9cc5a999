package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.PublicationKeys.Range;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublicationKeysTest {
  private final PublicationKeys keys = new PublicationKeys();

  @Test
  void aKeyFindsItsNewestPublication() {
    keys.add("k", 0, 2);
    keys.add("other", 2, 1);
    keys.add("k", 3, 4);
    assertEquals(Optional.of(new Range(3, 4)), keys.find("k"));
    assertEquals(Optional.of(new Range(2, 1)), keys.find("other"));
    assertEquals(Optional.empty(), keys.find("unknown"));
  }

  @Test
  void keysOfEvictedPublicationsAreRemoved() {
    keys.add("old", 0, 2);
    keys.add("new", 2, 1);
    keys.evictBefore(1);
    assertEquals(Optional.empty(), keys.find("old"));
    assertEquals(Optional.of(new Range(2, 1)), keys.find("new"));
  }

  @Test
  void aKeyThatWasUsedAgainOutlivesTheEvictionOfItsFirstPublication() {
    keys.add("k", 0, 1);
    keys.add("other", 1, 1);
    keys.add("k", 2, 1);
    keys.evictBefore(2);
    assertEquals(Optional.of(new Range(2, 1)), keys.find("k"));
    keys.evictBefore(3);
    assertEquals(Optional.empty(), keys.find("k"));
    assertEquals(Optional.empty(), keys.find("other"));
  }

  @Test
  void evictionOfAllPublicationsReleasesAllMemory() {
    keys.add("k", 0, 1);
    keys.add("k", 1, 1);
    keys.add("\u20ac", 2, 1);
    assertTrue(keys.bytes() > 0);
    keys.evictBefore(3);
    assertEquals(0, keys.bytes());
  }

  @Test
  void clearReleasesAllMemory() {
    keys.add("k", 0, 1);
    keys.clear();
    assertEquals(Optional.empty(), keys.find("k"));
    assertEquals(0, keys.bytes());
  }
}
