package io.tidings.fanout;

import io.netty.buffer.ByteBuf;
import io.tidings.memory.MemoryShare;
import io.tidings.wire.SseFrame;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Frames joined into one buffer, shared by all sockets that they are written to. Laid out as a
 * chunk of HTTP/1.1 (RFC 9112, 7.1: size in hexadecimal, CRLF, the bytes, CRLF), so that it can be
 * written to a socket as it is; the frames alone are a slice of it. Reference-counted: the creator
 * of a chunk releases it, and each write holds a reference until its bytes are sent. Confined to
 * one event loop.
 */
public final class Chunk {
  private static final int CRLF = '\r' << 8 | '\n';
  private static final int CRLF_BYTES = 2;

  private final ByteBuf framed;
  private final int headBytes;
  private final int size;
  private Buffer copy;
  private List<String> lines;

  private Chunk(int size, MemoryShare share) {
    byte[] head = Integer.toHexString(size).getBytes(StandardCharsets.US_ASCII);
    this.size = size;
    this.headBytes = head.length + CRLF_BYTES;
    framed = ChunkMemory.of(framedBytes(size), share);
    framed.writeBytes(head).writeShort(CRLF);
  }

  private static int framedBytes(int size) {
    int digits = (Integer.SIZE - Integer.numberOfLeadingZeros(size) + 3) / 4;
    return Math.max(1, digits) + size + 2 * CRLF_BYTES;
  }

  /** Joins the frames, if the share has room for them; else null. */
  static Chunk of(List<SseFrame> frames, MemoryShare share) {
    SseFrame[] joined = frames.toArray(SseFrame[]::new);
    return share.tryReserve(framedBytes(size(joined))) ? of(joined, share) : null;
  }

  /** Wraps one frame. */
  public static Chunk of(SseFrame frame) {
    return of(new SseFrame[] {frame}, null);
  }

  /** Wraps a part of one frame, if the share has room for it; else null. */
  static Chunk of(SseFrame frame, int from, int to, MemoryShare share) {
    if (!share.tryReserve(framedBytes(to - from))) {
      return null;
    }
    Chunk chunk = make(to - from, share);
    chunk.framed.writeBytes(frame.bytes(), from, to - from).writeShort(CRLF);
    return chunk;
  }

  private static Chunk of(SseFrame[] frames, MemoryShare share) {
    Chunk chunk = make(size(frames), share);
    for (SseFrame frame : frames) {
      chunk.framed.writeBytes(frame.bytes());
    }
    chunk.framed.writeShort(CRLF);
    return chunk;
  }

  /** Allocates a chunk; if there is no memory, returns the bytes taken from the share. */
  private static Chunk make(int size, MemoryShare share) {
    try {
      return new Chunk(size, share);
    } catch (OutOfMemoryError e) {
      if (share != null) {
        share.release(framedBytes(size));
      }
      throw e;
    }
  }

  private static int size(SseFrame[] frames) {
    int size = 0;
    for (SseFrame frame : frames) {
      size += frame.size();
    }
    return size;
  }

  /** The number of bytes of the frames. */
  int size() {
    return size;
  }

  /** The whole chunk in HTTP/1.1 framing, for one write, which releases it. */
  ByteBuf framed() {
    return framed.retainedDuplicate();
  }

  /** The frames alone, for one write, which releases them. */
  ByteBuf payload() {
    return framed.retainedSlice(headBytes, size);
  }

  /** Whether the last byte ends a line. */
  boolean endsLine() {
    return size > 0 && framed.getByte(headBytes + size - 1) == '\n';
  }

  /** The frames alone, for any number of writes: a copy, made on first use. */
  Buffer copy() {
    if (copy == null) {
      var bytes = new byte[size];
      framed.getBytes(headBytes, bytes);
      copy = Buffer.buffer(bytes);
    }
    return copy;
  }

  /** The lines without their terminators; only for frames that are one line each. */
  List<String> lines() {
    if (lines == null) {
      lines = copy().toString().lines().toList();
    }
    return lines;
  }

  void retain() {
    framed.retain();
  }

  public void release() {
    framed.release();
  }
}
