package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Selection;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollTest {
  @Test
  void whoNamesATopicIsToldFromWhoHearsItByAGlob() {
    var roll = new Roll();
    roll.add(Selection.of("**"));
    roll.add(Selection.of("a.*", "news"));
    assertEquals(2, roll.streams(List.of("a.b")));
    assertEquals(0, roll.naming("a.b"));
    assertEquals(1, roll.naming("news"));
    roll.add(Selection.of("a.b"));
    roll.add(Selection.of("a.b"));
    roll.add(Selection.of("a.b", "a.**"));
    assertEquals(3, roll.naming("a.b"));
    roll.remove(Selection.of("a.b"));
    assertEquals(2, roll.naming("a.b"));
  }
}
