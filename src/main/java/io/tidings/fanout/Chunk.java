package io.tidings.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidings.log.Entry;
import io.tidings.sse.Frame;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Frames joined into one piece of memory, for as many sockets as want it. Laid out as a chunk of
 * HTTP/1.1 (RFC 9112, 7.1: size in hexadecimal, CRLF, the bytes, CRLF), so that a socket takes it
 * as it is; the frames alone are a slice of it. Counted by reference: who makes a chunk releases
 * it, and each write holds it until its bytes are gone. Confined to one event loop.
 */
public final class Chunk {
  private static final int CRLF = '\r' << 8 | '\n';
  private static final int CRLF_BYTES = 2;

  private final ByteBuf framed;
  private final int headBytes;
  private final int size;
  private Buffer copy;
  private List<String> lines;

  private Chunk(int size) {
    byte[] head = Integer.toHexString(size).getBytes(StandardCharsets.US_ASCII);
    this.size = size;
    this.headBytes = head.length + CRLF_BYTES;
    int all = headBytes + size + CRLF_BYTES;
    framed = ByteBufAllocator.DEFAULT.directBuffer(all, all);
    framed.writeBytes(head).writeShort(CRLF);
  }

  /** The frames of the entries, one after the other. */
  static Chunk of(List<Entry> entries, Wire wire) {
    var frames = new Frame[entries.size()];
    int size = 0;
    for (int i = 0; i < frames.length; i++) {
      frames[i] = wire.of(entries.get(i));
      size += frames[i].size();
    }
    var chunk = new Chunk(size);
    for (Frame frame : frames) {
      chunk.framed.writeBytes(frame.bytes());
    }
    chunk.framed.writeShort(CRLF);
    return chunk;
  }

  /** One frame. */
  public static Chunk of(Frame frame) {
    var chunk = new Chunk(frame.size());
    chunk.framed.writeBytes(frame.bytes()).writeShort(CRLF);
    return chunk;
  }

  /** How many bytes the frames have. */
  int size() {
    return size;
  }

  /** The whole chunk as HTTP/1.1 has it, for one write, which releases it. */
  ByteBuf framed() {
    return framed.retainedDuplicate();
  }

  /** The frames alone, for one write, which releases them. */
  ByteBuf payload() {
    return framed.retainedSlice(headBytes, size);
  }

  /** The frames alone, for any number of writes: a copy, made when it is first asked for. */
  Buffer copy() {
    if (copy == null) {
      var bytes = new byte[size];
      framed.getBytes(headBytes, bytes);
      copy = Buffer.buffer(bytes);
    }
    return copy;
  }

  /** Of frames that are a line each: the lines, without their ends. */
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
