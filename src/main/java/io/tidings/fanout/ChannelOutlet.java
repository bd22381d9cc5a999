package io.tidings.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.tidings.settings.StreamSettings;
import io.tidings.transport.ChannelInternals;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Optional;

/**
 * Writes shared chunks of HTTP/1 to the channel, from the encoder of Vert.x in the pipeline, so
 * that the handlers between it and the socket, TLS in particular, still apply. With TLS the bytes
 * are shared as far as its handler, which encrypts them for each socket. This costs a third of the
 * CPU of {@code response.write}, since nothing is allocated for each stream, and it can close the
 * connection of a client that does not read, for which the public API of Vert.x (5.1.6) waits.
 *
 * <p>Relies on internal classes and names of Vert.x and Netty, which {@code InternalApisTest} lists
 * and checks; if an upgrade breaks them, {@code stream.outlet: response} works without.
 */
final class ChannelOutlet implements Outlet {
  /**
   * How many bytes may be unsent before the socket counts as not writable. A write may exceed it by
   * one chunk, so a slow reader holds at most this and the largest chunk.
   */
  private static final WriteBufferWaterMark UNSENT =
      new WriteBufferWaterMark(Outlet.MAX_UNSENT / 2, Outlet.MAX_UNSENT);

  private final HttpServerResponse response;
  private final ChannelHandlerContext encoder;
  private final boolean chunked;
  private final StreamSettings settings;
  private final boolean cutsUnfinished;
  private final boolean encrypted;

  /** What was removed from the connection; null if nothing was. */
  private ChannelInternals.IdleTimeout idle;

  private boolean allSent;
  private long written;

  private ChannelOutlet(
      HttpServerResponse response,
      ChannelHandlerContext encoder,
      boolean chunked,
      StreamSettings settings,
      boolean cutsUnfinished) {
    this.response = response;
    this.encoder = encoder;
    this.chunked = chunked;
    this.settings = settings;
    this.cutsUnfinished = cutsUnfinished;
    this.encrypted = ChannelInternals.isEncrypted(encoder.pipeline());
  }

  /**
   * Whether such an outlet can write the response. It can't in an application's server that
   * compresses, since it writes below the handler that does.
   */
  static boolean fits(HttpServerRequest request) {
    return channel(request).filter(ChannelInternals::takesResponses).isPresent();
  }

  /**
   * The channel of the request's connection over HTTP/1; empty in an application of modules, to
   * which Vert.x does not export it.
   */
  static Optional<Channel> channel(HttpServerRequest request) {
    try {
      return request.connection() instanceof ConnectionBase connection
          ? Optional.of(connection.channel())
          : Optional.empty();
    } catch (IllegalAccessError e) {
      return Optional.empty();
    }
  }

  /**
   * Creates an outlet for a response over HTTP/1.
   *
   * @param cutsUnfinished whether a stream whose client should reconnect ends without its last
   *     chunk
   */
  static ChannelOutlet of(
      HttpServerRequest request, StreamSettings settings, boolean cutsUnfinished) {
    return new ChannelOutlet(
        request.response(),
        ChannelInternals.encoder(channel(request).orElseThrow()),
        request.version() == HttpVersion.HTTP_1_1,
        settings,
        cutsUnfinished);
  }

  @Override
  public void begin() {
    Channel channel = encoder.channel();
    // heartbeat and stall replace it
    ChannelInternals.removeIdleTimeout(channel.pipeline()).ifPresent(removed -> idle = removed);
    SocketOptions.limitUnsent(channel, settings.buffer());
    SocketOptions.userTimeout(channel, 0); // the server's timeout must not end slow readers
    channel.config().setWriteBufferWaterMark(UNSENT);
  }

  @Override
  public void write(Chunk chunk) {
    written += chunk.size() + ChannelInternals.WRITE_OVERHEAD;
    encoder.writeAndFlush(chunked ? chunk.framed() : chunk.payload(), encoder.voidPromise());
  }

  @Override
  public void write(Chunk chunk, Runnable sent) {
    written += chunk.size() + ChannelInternals.WRITE_OVERHEAD;
    ByteBuf bytes = chunked ? chunk.framed() : chunk.payload();
    ChannelPromise promise = encoder.newPromise();
    promise.addListener(done -> sent.run());
    if (encrypted) {
      // its memory counts for that of the encrypted copy, which is not counted itself
      chunk.retain();
      promise.addListener(done -> chunk.release());
    }
    encoder.writeAndFlush(bytes, promise);
  }

  @Override
  public boolean writable() {
    return encoder.channel().isWritable();
  }

  @Override
  public void onWritable(Runnable action) {
    response.drainHandler(drained -> action.run());
  }

  @Override
  public long written() {
    return written;
  }

  @Override
  public long unsent() {
    return ChannelInternals.unsent(encoder.channel());
  }

  @Override
  public void allSent(boolean all) {
    if (all != allSent) {
      allSent = all;
      SocketOptions.userTimeout(encoder.channel(), all ? (int) settings.stall().toMillis() : 0);
    }
  }

  @Override
  public String peer() {
    return ClientAddress.of(encoder.channel().remoteAddress());
  }

  @Override
  public void onSent(Runnable action) {
    encoder.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> action.run());
  }

  @Override
  public void end(CloseReason why) {
    if (response.ended() || response.closed()) {
      return;
    }
    if (cutsUnfinished && why.clientReconnects()) {
      // after everything written; not by Vert.x, which would complete the response first
      encoder.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> encoder.close());
      return;
    }
    Channel channel = encoder.channel();
    if (!chunked || why.endsConnection()) {
      // without chunked encoding only closing the connection ends the response
      response.end().onComplete(done -> channel.close());
      return;
    }
    if (idle != null) {
      // before the end, in which the next request of this connection may begin
      ChannelInternals.restoreIdleTimeout(channel.pipeline(), idle);
      idle = null;
    }
    response.end();
  }

  @Override
  public void cut(CloseReason why) {
    ChannelInternals.closeAtOnce(encoder, encoder.newPromise());
  }
}
