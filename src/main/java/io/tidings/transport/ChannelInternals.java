package io.tidings.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContentEncoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The only user of internals of Netty's channels and Vert.x's pipelines. {@code InternalApisTest}
 * checks what is assumed here, and fails if an upgrade changes it.
 */
public final class ChannelInternals {
  /** The bytes that Netty counts for each pending write beside its data (ChannelOutboundBuffer). */
  public static final int WRITE_OVERHEAD =
      Integer.getInteger("io.netty.transport.outboundBufferEntrySizeOverhead", 96);

  /** The names of Vert.x's handlers. */
  private static final String ENCODER = "httpEncoder";

  private static final String DECODER = "httpDecoder";
  private static final String IDLE = "idle";
  private static final String TLS = "ssl";

  private ChannelInternals() {}

  /**
   * The context of the HTTP/1 response encoder.
   *
   * @throws IllegalStateException if the pipeline has none
   */
  public static ChannelHandlerContext encoder(Channel channel) {
    var encoder = channel.pipeline().context(ENCODER);
    if (encoder == null) {
      throw new IllegalStateException("the pipeline has no " + ENCODER);
    }
    return encoder;
  }

  /** Whether bytes that are written from the encoder are all that changes the response. */
  public static boolean takesResponses(Channel channel) {
    return channel.pipeline().context(ENCODER) != null
        && channel.pipeline().get(HttpContentEncoder.class) == null;
  }

  /** Whether Vert.x has configured the pipeline for HTTP/1. */
  public static boolean decodesHttp1(ChannelPipeline pipeline) {
    return pipeline.get(DECODER) != null;
  }

  /** Whether the bytes of the connection are encrypted, or the handshake for that has begun. */
  public static boolean isEncrypted(ChannelPipeline pipeline) {
    return pipeline.get(TLS) != null || pipeline.get(SslHandler.class) != null;
  }

  /**
   * Adds a handler that gets the decrypted bytes, to a connection whose handshake has not begun.
   */
  static void addAboveTls(ChannelPipeline pipeline, ChannelHandler handler) {
    pipeline.addAfter(TLS, null, handler);
  }

  /**
   * Closes a connection at once, as far as the handlers below this one permit. TLS would not: it
   * first sends its own message of the end, after all pending writes, and waits for that.
   */
  public static void closeAtOnce(ChannelHandlerContext context, ChannelPromise promise) {
    ChannelHandlerContext tls = context.pipeline().context(SslHandler.class);
    (tls == null ? context : tls).close(promise);
  }

  /** Adds a handler next to the HTTP/1 codec, before the handlers of Vert.x. */
  public static void addBelowCodec(ChannelPipeline pipeline, ChannelHandler handler) {
    pipeline.addAfter(ENCODER, null, handler);
  }

  /**
   * The handler that closes idle connections, which can't be added again once it was removed.
   *
   * @param next the name of the handler after it
   */
  public record IdleTimeout(String next, long readerMillis, long writerMillis, long allMillis) {}

  /** Removes the handler that closes idle connections, if there is one. */
  public static Optional<IdleTimeout> removeIdleTimeout(ChannelPipeline pipeline) {
    if (!(pipeline.get(IDLE) instanceof IdleStateHandler handler)) {
      return Optional.empty();
    }
    List<String> names = pipeline.names();
    var removed =
        new IdleTimeout(
            names.get(names.indexOf(IDLE) + 1),
            handler.getReaderIdleTimeInMillis(),
            handler.getWriterIdleTimeInMillis(),
            handler.getAllIdleTimeInMillis());
    pipeline.remove(handler);
    return Optional.of(removed);
  }

  /** Adds a handler as that was which was removed, unless the connection is closed. */
  public static void restoreIdleTimeout(ChannelPipeline pipeline, IdleTimeout removed) {
    if (pipeline.channel().isActive() && pipeline.context(removed.next) != null) {
      pipeline.addBefore(
          removed.next,
          IDLE,
          new IdleStateHandler(
              removed.readerMillis,
              removed.writerMillis,
              removed.allMillis,
              TimeUnit.MILLISECONDS));
    }
  }

  /**
   * The pending bytes: written and not yet sent, plus the overhead of each write; 0 for a closed
   * channel.
   */
  public static long unsent(Channel channel) {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes() - pending.currentProgress();
  }

  /** Whether there are no pending writes. */
  public static boolean allSent(Channel channel) {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null || pending.totalPendingWriteBytes() == 0;
  }

  /** Closes a channel that is not yet registered with an event loop. */
  public static void closeForcibly(Channel channel) {
    channel.unsafe().closeForcibly();
  }
}
