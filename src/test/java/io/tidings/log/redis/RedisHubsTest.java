package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.log.Retention;
import io.tidings.settings.LogSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class RedisHubsTest {
  @RegisterExtension static final RedisExtension REDIS = new RedisExtension();

  private final String stream = "hubs-" + System.nanoTime();
  private final List<RedisStore> stores = new ArrayList<>();
  private RedisHubs a;
  private RedisHubs b;

  @BeforeEach
  void open() throws Exception {
    a = open("a");
    b = open("b");
    Wait.until("they know each other", () -> a.others().size() == 1 && b.others().size() == 1);
  }

  private RedisHubs open(String name) throws Exception {
    LogSettings settings =
        RedisLogTest.settings(
            REDIS.server().url(), stream, 1 << 20, 0, new Retention(0, Duration.ZERO, 0));
    RedisStore store = get(RedisStore.open(REDIS.vertx(), settings, InstantSource.system()));
    stores.add(store);
    return store.hubs(name);
  }

  @AfterEach
  void close() throws Exception {
    for (RedisStore store : stores) {
      get(store.close());
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static String names(RedisHubs hubs) {
    return hubs.others().stream().map(RedisHubs.Hub::name).sorted().toList().toString();
  }

  private String idOfB() {
    return a.others().get(0).id();
  }

  @Test
  void hubsKnowThoseThatShareTheirLogUntilTheyEnd() throws Exception {
    assertEquals("[b]", names(a));
    assertEquals("[a]", names(b));
    open("c");
    Wait.until("they know the third", () -> names(a).equals("[b, c]") && names(b).equals("[a, c]"));
    get(stores.remove(2).close());
    Wait.until("it has gone", () -> names(a).equals("[b]") && names(b).equals("[a]"));
  }

  @Test
  void aHubIsAskedAndAnswers() throws Exception {
    b.answerWith(request -> Future.succeededFuture("answer to " + request));
    assertEquals("answer to é 1", get(a.ask(idOfB(), "é 1")));
    var answers = new ArrayList<Future<String>>();
    for (int i = 0; i < 150; i++) {
      answers.add(a.ask(idOfB(), "" + i));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertEquals("answer to " + i, get(answers.get(i)));
    }
  }

  @Test
  void aHubThatFailsToAnswerOrDoesNotAnswerIsAFailure() throws Exception {
    b.answerWith(
        request -> {
          throw new IllegalStateException("thrown by a test");
        });
    assertThrows(ExecutionException.class, () -> get(a.ask(idOfB(), "x")));
    b.answerWith(request -> Promise.<String>promise().future());
    assertThrows(ExecutionException.class, () -> get(a.ask(idOfB(), "x")));
    assertThrows(ExecutionException.class, () -> get(a.ask("nobody", "x")));
  }

  @Test
  void aMessageThatCannotBeReadIsIgnored() throws Exception {
    b.answerWith(request -> Future.succeededFuture("still here"));
    String list = stream + ":hubs:" + idOfB();
    for (String message : List.of("no JSON", "{}", "{\"number\":\"x\"}", "{\"number\":1}")) {
      REDIS.server().command("RPUSH", list, message);
    }
    assertEquals("still here", get(a.ask(idOfB(), "x")));
  }

  @Test
  void aListThatNobodyEmptiesIsBoundedAndExpires() throws Exception {
    var answers = new ArrayList<Future<String>>();
    for (int i = 0; i < 300; i++) {
      answers.add(a.ask("nobody", "x"));
    }
    for (Future<String> answer : answers) {
      assertThrows(ExecutionException.class, () -> get(answer));
    }
    String list = stream + ":hubs:nobody";
    assertTrue(Integer.parseInt(REDIS.server().command("LLEN", list)) <= 200);
    Wait.until("it expires", () -> REDIS.server().command("EXISTS", list).equals("0"));
  }

  @Test
  void hubsReachEachOtherAgainWhenRedisHasLostEverything() throws Exception {
    b.answerWith(request -> Future.succeededFuture("here"));
    String id = idOfB();
    REDIS.server().command("DEL", stream + ":hubs");
    Wait.until("they know each other", () -> names(a).equals("[b]"));
    assertEquals("here", get(a.ask(id, "x")));
  }

  @Test
  void requestsThatWaitFailWhenTheHubStops() throws Exception {
    b.answerWith(request -> Promise.<String>promise().future());
    String id = idOfB();
    Future<String> before = a.ask(id, "x");
    get(stores.remove(0).close());
    Future<String> after = a.ask(id, "x");
    for (Future<String> answer : List.of(before, after)) {
      var failure = assertThrows(ExecutionException.class, () -> get(answer));
      assertEquals("the hub stops", failure.getCause().getMessage());
    }
  }
}
