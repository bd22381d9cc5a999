package io.tidings.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a connection of HTTP/1 in order where Vert.x 5.1 does not, whatever clients do:
 *
 * <ul>
 *   <li>Who closes his half of the connection after a request still gets the answer. A stream ends
 *       with it: nearly all who do that have gone.
 *   <li>Where an answer ends with the connection, or comes before the body that the client was to
 *       be asked for, or is another protocol, nothing that follows is taken for a request.
 *   <li>A request for HTTP/2 that RFC 7540 (3.2) does not allow is a request like any other.
 *   <li>A connection is closed after what was written to it has left; io_uring writes only later.
 * </ul>
 *
 * Stands between Vert.x's handlers and its codec. Confined to the connection's event loop.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
  private static final long CLOSING_MILLIS = 1_000;

  /** Requests that have no whole answer yet, the oldest first. */
  private final Queue<Request> unanswered = new ArrayDeque<>(1);

  /** What came of a WebSocket before its handshake was answered: frames, or an exception. */
  private final Queue<Object> early = new ArrayDeque<>(0);

  /** Whether the rest of a request's body is still to come. */
  private boolean inBody;

  /** Whether nothing that the client sends is read any more. */
  private boolean deaf;

  /** Whether the client sends no more. */
  private boolean inputEnded;

  /** Whether the answer that is being written has no end but the connection's, or a far one. */
  private boolean streaming;

  /** Whether the connection ends with the answer that is being written. */
  private boolean last;

  /** Whether that answer has been written. */
  private boolean closing;

  /** Whether the client was asked for the body of the request that is being answered. */
  private boolean asked;

  private boolean switched;

  private final long idleNanos;
  private long answeredNanos;

  /** Whether it will be looked whether a request has come. */
  private boolean watching;

  /**
   * @param idle after which time without a whole request the connection is closed; zero for never
   */
  ConnectionGuard(Duration idle) {
    this.idleNanos = idle.toNanos();
  }

  /** What must be known of a request when its answer is written. */
  private enum Request {
    PLAIN,
    /** Its client waits to be told that its body is wanted. */
    EXPECTING,
    /** The answer has no body. */
    HEAD,
    /** Wants another protocol: HTTP/2. */
    HTTP2,
    /** Wants another protocol: WebSocket. */
    WEB_SOCKET;

    boolean switching() {
      return this == HTTP2 || this == WEB_SOCKET;
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    answered(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (deaf) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof WebSocketFrame && isEarly()) {
      early.add(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      if (unanswered.stream().anyMatch(Request::switching)) {
        // it must have waited for the answer, after which it would be of another protocol
        deaf = true;
        ReferenceCountUtil.release(message);
        if (switched) {
          closeAfter(context);
        }
        return;
      }
      UpgradeRequest.ignoreUnlessValid(request);
      unanswered.add(kind(request));
      inBody = true;
    }
    if (message instanceof LastHttpContent) {
      inBody = false;
    }
    context.fireChannelRead(message instanceof HttpContent content ? onHeap(content) : message);
  }

  /**
   * A piece of a body as Vert.x wants it; made here already, for it forgets to release those that
   * it has not looked at when the connection is closed.
   */
  private static HttpContent onHeap(HttpContent content) {
    if (!content.content().isReadable() || content.decoderResult().isFailure()) {
      return content;
    }
    HttpContent copy = content.replace(Unpooled.copiedBuffer(content.content()));
    content.release();
    return copy;
  }

  /** Netty decodes what follows a handshake in the same piece before it answers the handshake. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException && isEarly()) {
      early.add(cause);
    } else if (unanswered.size() > 1) {
      context.close(); // Vert.x 5.1 fails on it while a request waits for its turn
    } else {
      context.fireExceptionCaught(cause);
    }
  }

  private boolean isEarly() {
    return !switched || !early.isEmpty();
  }

  private void passEarly(ChannelHandlerContext context) {
    for (Object one = early.poll(); one != null; one = early.poll()) {
      if (one instanceof Throwable cause) {
        context.fireExceptionCaught(cause);
      } else {
        context.fireChannelRead(one);
      }
    }
    context.fireChannelReadComplete(); // Vert.x flushes then
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    early.forEach(ReferenceCountUtil::release);
    early.clear();
    context.fireChannelInactive();
  }

  private static Request kind(HttpRequest request) {
    if (UpgradeRequest.wantsWebSocket(request)) {
      return Request.WEB_SOCKET;
    } else if (UpgradeRequest.wantsHttp2(request)) {
      return Request.HTTP2;
    } else if (request.headers().contains(HttpHeaderNames.EXPECT)) {
      return Request.EXPECTING;
    }
    return request.method().name().equals("HEAD") ? Request.HEAD : Request.PLAIN;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      if (switched || inBody || streaming || closing) {
        context.close();
      } else if (unanswered.isEmpty()) {
        closeAfter(context); // the last answer may not have left yet
      }
    } else if (!(event instanceof ChannelInputShutdownReadComplete)) {
      context.fireUserEventTriggered(event);
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (switched || !(message instanceof HttpObject)) {
      context.write(message, promise);
      return;
    }
    if (closing) {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new ClosedChannelException());
      return;
    }
    if (message instanceof HttpResponse response && !begin(context, response)) {
      context.write(message, promise);
      if (switched && deaf) {
        closeAfter(context);
      }
      return;
    }
    boolean end = message instanceof LastHttpContent;
    context.write(message, promise);
    if (end) {
      end(context);
    } else if (streaming && inputEnded) {
      context.close();
    }
  }

  /** Whether it is the answer itself, and not one that goes before it or switches protocols. */
  private boolean begin(ChannelHandlerContext context, HttpResponse response) {
    Request request = unanswered.peek();
    if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      switched = response.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
      if (switched && request == Request.WEB_SOCKET) {
        context.pipeline().addAfter(context.name(), null, new Utf8FrameValidator(false));
        // after Vert.x has handed the socket over, which takes it a task of its own
        context.executor().execute(() -> context.executor().execute(() -> passEarly(context)));
      }
      asked = true;
      return false;
    }
    boolean bounded =
        response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
            || request == Request.HEAD
            || response.status().code() == 204
            || response.status().code() == 304;
    streaming = !bounded && !(response instanceof LastHttpContent);
    boolean endless = !bounded && !response.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    boolean unasked = request == Request.EXPECTING && !asked && bodyIsOf(1);
    boolean refusedSwitch = deaf && request != null && request.switching();
    last = endless || unasked || refusedSwitch;
    if (unasked || refusedSwitch) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    if (last) {
      deaf = true;
    }
    return true;
  }

  /** From now on the next request is due. */
  private void answered(ChannelHandlerContext context) {
    answeredNanos = System.nanoTime();
    if (!watching && idleNanos > 0) {
      watch(context, idleNanos);
    }
  }

  private void watch(ChannelHandlerContext context, long nanos) {
    watching = true;
    context.executor().schedule(() -> checkRequest(context), nanos, TimeUnit.NANOSECONDS);
  }

  /** A head that comes byte by byte keeps its connection from being idle, but not for ever. */
  private void checkRequest(ChannelHandlerContext context) {
    watching = false;
    if (switched || !unanswered.isEmpty() || !context.channel().isOpen()) {
      return;
    }
    long left = idleNanos - (System.nanoTime() - answeredNanos);
    if (left > 0) {
      watch(context, left);
    } else {
      context.close();
    }
  }

  private void end(ChannelHandlerContext context) {
    boolean bodyToCome = bodyIsOf(1);
    unanswered.poll();
    streaming = false;
    asked = false;
    if (last && bodyToCome) {
      linger(context);
    } else if (last || inputEnded && unanswered.isEmpty()) {
      closeAfter(context);
    } else if (unanswered.isEmpty()) {
      answered(context);
    }
  }

  /** Whether the body that is being read is of one of the oldest requests. */
  private boolean bodyIsOf(int oldest) {
    return inBody && unanswered.size() <= oldest;
  }

  /**
   * Says that nothing more comes, and closes when the client has; what it sends meanwhile is
   * dropped. To close at once would reset the connection, and the client might not see the answer.
   */
  private void linger(ChannelHandlerContext context) {
    closing = true;
    // not before the answer has left: Netty's io_uring would lose it
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(left -> ((DuplexChannel) context.channel()).shutdownOutput());
    context.executor().schedule(() -> context.close(), CLOSING_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Closes when all that was written has left. */
  private void closeAfter(ChannelHandlerContext context) {
    closing = true;
    close(context, context.newPromise());
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (ChannelInternals.allSent(context.channel())) {
      context.close(promise);
      return;
    }
    var late =
        context
            .executor()
            .schedule(() -> context.close(promise), CLOSING_MILLIS, TimeUnit.MILLISECONDS);
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            (ChannelFutureListener)
                left -> {
                  late.cancel(false);
                  context.close(promise);
                });
  }
}
