package io.tidings.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.tidings.memory.MemoryShare;

/**
 * The direct memory of a chunk, taken from the pooled allocator and counted in a share from its
 * allocation until the last socket has accepted it.
 */
final class ChunkMemory extends UnpooledDirectByteBuf {
  private final ByteBuf pooled;
  private final MemoryShare share;

  private ChunkMemory(ByteBuf pooled, int bytes, MemoryShare share) {
    super(pooled.alloc(), pooled.internalNioBuffer(0, bytes), bytes);
    clear();
    this.pooled = pooled;
    this.share = share;
  }

  /**
   * Allocates memory.
   *
   * @param share the share in which the caller has taken the bytes, returned on deallocation; null
   *     if they are not counted
   */
  static ByteBuf of(int bytes, MemoryShare share) {
    ByteBuf pooled = ByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
    return share == null ? pooled : new ChunkMemory(pooled, bytes, share);
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    share.release(maxCapacity());
    pooled.release();
  }
}
