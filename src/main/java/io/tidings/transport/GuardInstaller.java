package io.tidings.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.time.Duration;

/**
 * Puts a {@link ConnectionGuard} into the pipeline of a connection that turns out to be HTTP/1,
 * before its first request is decoded. Vert.x decides between HTTP/1 and HTTP/2 by the first bytes,
 * and decodes what it has in the same call: so it gets them one by one until it has decided.
 */
final class GuardInstaller extends ChannelInboundHandlerAdapter {
  /** The length of what every connection of HTTP/2 begins with (RFC 9113, 3.4). */
  private static final int PREFACE = 24;

  private final Duration idle;
  private int passed;

  private GuardInstaller(Duration idle) {
    this.idle = idle;
  }

  /** For a listening socket: gives each connection that it accepts an installer. */
  static ChannelHandler onAccept(Duration idle) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object accepted) {
        ((Channel) accepted).pipeline().addFirst(new GuardInstaller(idle));
        context.fireChannelRead(accepted);
      }
    };
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var bytes = (ByteBuf) message;
    try {
      while (bytes.isReadable() && !decided(context.pipeline())) {
        passed++;
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

  private boolean decided(ChannelPipeline pipeline) {
    boolean http1 = ChannelInternals.decodesHttp1(pipeline);
    if (http1 && pipeline.get(ConnectionGuard.class) == null) {
      ChannelInternals.addBelowCodec(pipeline, new ConnectionGuard(idle));
    }
    return passed >= PREFACE || http1;
  }
}
