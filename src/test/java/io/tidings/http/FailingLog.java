package io.tidings.http;

import io.tidings.log.EventLog;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.util.Set;

/** A log whose methods fail on command, as if it were down. */
final class FailingLog {
  private FailingLog() {}

  /**
   * @param failing the names of the methods that fail now; may change
   */
  static EventLog of(EventLog log, Set<String> failing) {
    return (EventLog)
        Proxy.newProxyInstance(
            EventLog.class.getClassLoader(),
            new Class<?>[] {EventLog.class},
            (proxy, method, arguments) ->
                failing.contains(method.getName())
                    ? Future.failedFuture(new LogUnavailable("the log is down", null))
                    : method.invoke(log, arguments));
  }
}
