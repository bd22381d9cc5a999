package io.tidings.http;

import io.tidings.log.EventLog;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.function.Function;

/** A log whose methods fail on command. */
final class FailingLog {
  private FailingLog() {}

  /**
   * A log that is as if it were down.
   *
   * @param failing the names of the methods that fail now; may change
   */
  static EventLog of(EventLog log, Set<String> failing) {
    return of(
        log,
        method ->
            failing.contains(method)
                ? Future.failedFuture(new LogUnavailable("the log is down", null))
                : null);
  }

  /**
   * @param fault the result of a method, by its name, or what it throws; null to call the real log
   */
  static EventLog of(EventLog log, Function<String, Future<?>> fault) {
    return (EventLog)
        Proxy.newProxyInstance(
            EventLog.class.getClassLoader(),
            new Class<?>[] {EventLog.class},
            (proxy, method, arguments) -> {
              Future<?> injected = fault.apply(method.getName());
              if (injected != null) {
                return injected;
              }
              try {
                return method.invoke(log, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
