package io.tidings.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Adds a {@link ConnectionGuard} to the pipeline of a connection that is detected to be HTTP/1,
 * before its first request is decoded. Vert.x detects HTTP/2 by the first bytes, and decodes the
 * rest of the buffer in the same call; therefore it is given single bytes until it has decided.
 * With TLS it has decided by the handshake, before the first decrypted bytes.
 */
final class GuardInstaller extends ChannelInboundHandlerAdapter {
  /** The length of HTTP/2's connection preface (RFC 9113, 3.4). */
  private static final int PREFACE_BYTES = 24;

  private final Duration idle;
  private final Consumer<ChannelHandlerContext> goneClients;
  private int passedBytes;

  private GuardInstaller(Duration idle, Consumer<ChannelHandlerContext> goneClients) {
    this.idle = idle;
    this.goneClients = goneClients;
  }

  /**
   * A handler of a listening socket, which adds an installer to each accepted connection.
   *
   * @param goneClients closes connections whose clients are gone, each on its event loop
   */
  static ChannelHandler onAccept(Duration idle, Consumer<ChannelHandlerContext> goneClients) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object accepted) {
        ((Channel) accepted).pipeline().addFirst(new GuardInstaller(idle, goneClients));
        context.fireChannelRead(accepted);
      }
    };
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (ChannelInternals.isEncrypted(context.pipeline())) {
      ChannelInternals.addAboveTls(context.pipeline(), new AfterHandshake());
      context.pipeline().remove(this);
      context.fireChannelRead(message);
      return;
    }
    var bytes = (ByteBuf) message;
    try {
      while (bytes.isReadable() && !decided(context.pipeline())) {
        passedBytes++;
        context.fireChannelRead(bytes.readRetainedSlice(1));
      }
      if (bytes.isReadable()) {
        context.fireChannelRead(bytes.retain());
      }
    } finally {
      bytes.release();
    }
    if (decided(context.pipeline())) {
      context.pipeline().remove(this);
    }
  }

  /** Adds the guard when the first decrypted bytes arrive, and removes itself. */
  private final class AfterHandshake extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      decided(context.pipeline());
      context.pipeline().remove(this);
      context.fireChannelRead(message);
    }
  }

  private boolean decided(ChannelPipeline pipeline) {
    boolean http1 = ChannelInternals.decodesHttp1(pipeline);
    if (http1 && pipeline.get(ConnectionGuard.class) == null) {
      ChannelInternals.addBelowCodec(pipeline, new ConnectionGuard(idle, goneClients));
    }
    return passedBytes >= PREFACE_BYTES || http1;
  }
}
