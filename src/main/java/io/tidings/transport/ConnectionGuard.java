package io.tidings.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
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
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Corrects how Vert.x 5.1 handles an HTTP/1 connection:
 *
 * <ul>
 *   <li>A client that closes its output after a request still receives the response. A stream is
 *       ended instead, because nearly all clients that do so are gone.
 *   <li>Input after a response that ends with the connection, that precedes a body the client was
 *       not yet asked for, or that switches protocols is never parsed as a request.
 *   <li>A request to upgrade to HTTP/2 is treated as a plain HTTP/1 request.
 *   <li>A connection is closed only after everything written to it has been sent.
 * </ul>
 *
 * Placed between the HTTP codec and the handlers of Vert.x. Confined to the connection's event
 * loop.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
  /** Requests whose response is not complete, the oldest first. */
  private final Queue<RequestKind> unanswered = new ArrayDeque<>(1);

  private final EarlyFrames earlyFrames = new EarlyFrames();
  private final RequestTimeout requestTimeout;
  private final Consumer<ChannelHandlerContext> goneClients;

  /** Whether the current request's body is incomplete. */
  private boolean inBody;

  /** Whether all further input is discarded. */
  private boolean discarding;

  /** Whether the client has closed its output. */
  private boolean inputEnded;

  /** Whether the client is regarded as gone, and the connection is about to be closed. */
  private boolean gone;

  /** Whether the response that is being written has no known length. */
  private boolean streaming;

  /** Whether the connection is closed after the response that is being written. */
  private boolean last;

  /** Whether the connection is being closed. */
  private boolean closing;

  /** Whether an interim response was written for the oldest request. */
  private boolean continued;

  /** Whether the connection was switched to another protocol. */
  private boolean switched;

  /**
   * @param idle the time limit for receiving a request head; zero for none
   * @param goneClients closes connections whose clients are gone
   */
  ConnectionGuard(Duration idle, Consumer<ChannelHandlerContext> goneClients) {
    this.goneClients = goneClients;
    this.requestTimeout = new RequestTimeout(idle, () -> !switched && unanswered.isEmpty());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    requestTimeout.restart(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (discarding) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof WebSocketFrame && isEarly()) {
      earlyFrames.add(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      if (unanswered.stream().anyMatch(RequestKind::upgrades)) {
        // the client must wait for the response, after which it speaks another protocol
        discarding = true;
        ReferenceCountUtil.release(message);
        if (switched) {
          closeAfterFlush(context);
        }
        return;
      }
      UpgradeRequest.ignoreHttp2(request);
      unanswered.add(RequestKind.of(request));
      inBody = true;
    }
    if (message instanceof LastHttpContent) {
      inBody = false;
    }
    context.fireChannelRead(message instanceof HttpContent content ? onHeap(content) : message);
  }

  /**
   * Copies a part of a body to the heap, as Vert.x would: Vert.x does not release parts that are
   * still unread when the connection is closed.
   */
  private static HttpContent onHeap(HttpContent content) {
    if (!content.content().isReadable() || content.decoderResult().isFailure()) {
      return content;
    }
    HttpContent copy = content.replace(Unpooled.copiedBuffer(content.content()));
    content.release();
    return copy;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException && isEarly()) {
      earlyFrames.add(cause);
    } else if (unanswered.size() > 1) {
      context.close(); // Vert.x 5.1 fails on exceptions while pipelined requests are pending
    } else {
      context.fireExceptionCaught(cause);
    }
  }

  private boolean isEarly() {
    return !switched || !earlyFrames.isEmpty();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    earlyFrames.release();
    requestTimeout.stop();
    context.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent || isTlsEnd(event)) {
      inputEnded = true;
      if (switched || inBody || streaming || closing) {
        clientGone(context);
      } else if (unanswered.isEmpty()) {
        closeAfterFlush(context); // the last response may not have been sent yet
      }
    } else if (!(event instanceof ChannelInputShutdownReadComplete)) {
      context.fireUserEventTriggered(event);
    }
  }

  /** Whether the client has closed its output by a message of TLS. */
  private static boolean isTlsEnd(Object event) {
    return event instanceof SslCloseCompletionEvent end && end.isSuccess();
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
      if (switched && discarding) {
        closeAfterFlush(context);
      }
      return;
    }
    boolean end = message instanceof LastHttpContent;
    context.write(message, promise);
    if (end) {
      end(context);
    } else if (streaming && inputEnded) {
      clientGone(context);
    }
  }

  /** Whether it is a final response, neither an interim one nor one that switches protocols. */
  private boolean begin(ChannelHandlerContext context, HttpResponse response) {
    RequestKind request = unanswered.peek();
    if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      switched = response.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
      if (switched && request == RequestKind.WEB_SOCKET) {
        context.pipeline().addAfter(context.name(), null, new Utf8FrameValidator(false));
        earlyFrames.passLater(context);
      }
      continued = true;
      return false;
    }
    boolean bounded =
        response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
            || request == RequestKind.HEAD
            || response.status().code() == 204
            || response.status().code() == 304;
    streaming = !bounded && !(response instanceof LastHttpContent);
    boolean untilClose =
        !bounded && !response.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    boolean bodyNotRequested = request == RequestKind.EXPECTING && !continued && bodyIsOf(1);
    boolean refusedUpgrade = discarding && request != null && request.upgrades();
    last = untilClose || bodyNotRequested || refusedUpgrade;
    if (bodyNotRequested || refusedUpgrade) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    if (last) {
      discarding = true;
    }
    return true;
  }

  private void end(ChannelHandlerContext context) {
    boolean bodyPending = bodyIsOf(1);
    unanswered.poll();
    streaming = false;
    continued = false;
    if (last && bodyPending) {
      closing = true;
      FlushingClose.linger(context);
    } else if (last || inputEnded && unanswered.isEmpty()) {
      closeAfterFlush(context);
    } else if (unanswered.isEmpty()) {
      requestTimeout.restart(context);
    }
  }

  /**
   * Whether the body that is being received belongs to one of the given number of oldest requests.
   */
  private boolean bodyIsOf(int oldest) {
    return inBody && unanswered.size() <= oldest;
  }

  private void clientGone(ChannelHandlerContext context) {
    if (!gone) {
      gone = true;
      goneClients.accept(context);
    }
  }

  private void closeAfterFlush(ChannelHandlerContext context) {
    closing = true;
    close(context, context.newPromise());
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    FlushingClose.close(context, promise);
  }
}
