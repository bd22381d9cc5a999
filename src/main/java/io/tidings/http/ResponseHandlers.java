package io.tidings.http;

import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * The handlers of a {@link MountedResponse}. A response has one handler of each kind, and those of
 * an application's router belong to its context, which calls several in turn: the ones here are
 * registered there, so that those of the application's sessions and logs are called too.
 */
final class ResponseHandlers implements InvocationHandler {
  private final RoutingContext context;
  private final HttpServerResponse response;
  private Handler<Void> headersEnd;
  private Handler<Void> end;
  private Handler<Void> close;
  private Handler<Throwable> exception;
  private boolean headersRegistered;
  private boolean endRegistered;

  private ResponseHandlers(RoutingContext context) {
    this.context = context;
    this.response = context.response();
  }

  static MountedResponse mounted(RoutingContext context) {
    return (MountedResponse)
        Proxy.newProxyInstance(
            MountedResponse.class.getClassLoader(),
            new Class<?>[] {MountedResponse.class},
            new ResponseHandlers(context));
  }

  @Override
  @SuppressWarnings("unchecked")
  public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "routingContext":
        return context;
      case "headersEndHandler":
        headersEnd = (Handler<Void>) arguments[0];
        registerHeadersEnd();
        return self;
      case "endHandler":
        end = (Handler<Void>) arguments[0];
        registerEnd();
        return self;
      case "closeHandler":
        close = (Handler<Void>) arguments[0];
        registerEnd();
        return self;
      case "exceptionHandler":
        exception = (Handler<Throwable>) arguments[0];
        registerEnd();
        return self;
      default:
        return forward(self, method, arguments);
    }
  }

  private Object forward(Object self, Method method, Object[] arguments) throws Throwable {
    try {
      Object result = method.invoke(response, arguments);
      return result == response ? self : result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private void registerHeadersEnd() {
    if (!headersRegistered) {
      headersRegistered = true;
      context.addHeadersEndHandler(headers -> call(headersEnd, null));
    }
  }

  private void registerEnd() {
    if (!endRegistered) {
      endRegistered = true;
      context.addEndHandler(this::ended);
    }
  }

  /** The response has ended, or its connection or stream has before. */
  private void ended(AsyncResult<Void> result) {
    if (result.succeeded()) {
      call(end, null);
    } else {
      call(exception, result.cause());
      call(close, null);
    }
  }

  private static <T> void call(Handler<T> handler, T value) {
    if (handler != null) {
      handler.handle(value);
    }
  }
}
