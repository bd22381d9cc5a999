package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Handler;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FollowersTest {
  private final Followers<String> followers = new Followers<>();
  private final List<String> calls = new ArrayList<>();

  @Test
  void handlersAreCalledInTheOrderInWhichTheyWereAdded() {
    followers.add(value -> calls.add("first " + value));
    followers.add(value -> calls.add("second " + value));
    followers.handle("a");
    assertEquals(List.of("first a", "second a"), calls);
  }

  @Test
  void aHandlerThatThrowsAffectsNoOtherAndIsCalledAgain() {
    followers.add(
        value -> {
          calls.add("fails " + value);
          throw new IllegalStateException("on purpose");
        });
    followers.add(
        value -> {
          throw new StackOverflowError("on purpose");
        });
    followers.add(value -> calls.add("works " + value));
    followers.handle("a");
    followers.handle("b");
    assertEquals(List.of("fails a", "works a", "fails b", "works b"), calls);
  }

  @Test
  void aHandlerThatAddsAnotherAffectsOnlyLaterValues() {
    followers.add(
        value -> {
          if (value.equals("a")) {
            followers.add(later -> calls.add(later));
          }
        });
    followers.handle("a");
    followers.handle("b");
    assertEquals(List.of("b"), calls);
  }

  @Test
  void aHandlerThatWasRemovedIsCalledNoMore() {
    Handler<String> removed = value -> calls.add("removed " + value);
    followers.add(removed);
    followers.add(value -> calls.add(value));
    followers.handle("a");
    followers.remove(removed);
    followers.remove(removed);
    followers.handle("b");
    assertEquals(List.of("removed a", "a", "b"), calls);
  }
}
