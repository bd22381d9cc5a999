package io.tidings.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;

/**
 * What the hub uses of Netty's channels and of Vert.x's pipelines that neither of them promises to
 * keep. The one place for it; a test says which sentence about it an upgrade has made untrue.
 */
public final class ChannelInternals {
  /** What Netty counts for each pending write beside its bytes (ChannelOutboundBuffer). */
  public static final int WRITE_OVERHEAD =
      Integer.getInteger("io.netty.transport.outboundBufferEntrySizeOverhead", 96);

  /** The names that Vert.x gives its handlers. */
  private static final String ENCODER = "httpEncoder";

  private static final String DECODER = "httpDecoder";
  private static final String IDLE = "idle";

  private ChannelInternals() {}

  /**
   * The handler that encodes responses of HTTP/1.
   *
   * @throws IllegalStateException where the connection has none
   */
  public static ChannelHandlerContext encoder(Channel channel) {
    var encoder = channel.pipeline().context(ENCODER);
    if (encoder == null) {
      throw new IllegalStateException("the pipeline has no " + ENCODER);
    }
    return encoder;
  }

  /** Whether the connection was found to be of HTTP/1. */
  public static boolean decodesHttp1(ChannelPipeline pipeline) {
    return pipeline.get(DECODER) != null;
  }

  /** Adds a handler that sees what was encoded, and what is about to be decoded. */
  public static void addBelowCodec(ChannelPipeline pipeline, ChannelHandler handler) {
    pipeline.addAfter(ENCODER, null, handler);
  }

  /** Removes the handler that closes an idle connection, where there is one. */
  public static void neverIdle(ChannelPipeline pipeline) {
    if (pipeline.get(IDLE) != null) {
      pipeline.remove(IDLE);
    }
  }

  /**
   * The bytes that were written and not sent, each write with its overhead, less what was sent of
   * the oldest write; 0 for a closed channel.
   */
  public static long unsent(Channel channel) {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes() - pending.currentProgress();
  }

  /** Whether everything that was written was sent. */
  public static boolean allSent(Channel channel) {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null || pending.totalPendingWriteBytes() == 0;
  }

  /** Closes a channel that has no event loop yet. */
  public static void closeForcibly(Channel channel) {
    channel.unsafe().closeForcibly();
  }
}
