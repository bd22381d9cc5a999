package io.tidings.http;

import io.tidings.log.EventLog;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A log in memory whose state the test sets; it appends only while it is up. Thread-safe. */
final class SwitchedLog {
  static final Instant SINCE = Instant.parse("2026-05-01T10:20:30.456Z");

  private final EventLog entries =
      new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
  private final EventLog log =
      (EventLog)
          Proxy.newProxyInstance(
              EventLog.class.getClassLoader(), new Class<?>[] {EventLog.class}, this::invoke);
  private final List<Handler<LogState>> watchers = new ArrayList<>();
  private LogState state = LogState.UP;

  EventLog log() {
    return log;
  }

  synchronized void become(LogState next) {
    state = next;
    watchers.forEach(watcher -> watcher.handle(next));
  }

  private synchronized void watch(Handler<LogState> watcher) {
    watchers.add(watcher);
    watcher.handle(state);
  }

  private synchronized LogState state() {
    return state;
  }

  @SuppressWarnings("unchecked")
  private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "onState" -> {
        watch((Handler<LogState>) arguments[0]);
        return null;
      }
      case "isolatedSince" -> {
        return state() == LogState.ISOLATED ? Optional.of(SINCE) : Optional.empty();
      }
      case "append" -> {
        if (state() != LogState.UP) {
          return Future.failedFuture(new LogUnavailable("nothing was stored", null));
        }
      }
      default -> {
        // as it is
      }
    }
    try {
      return method.invoke(entries, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
