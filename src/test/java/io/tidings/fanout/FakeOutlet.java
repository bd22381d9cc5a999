package io.tidings.fanout;

import io.tidings.wire.EventStreamParser;
import java.util.List;

/** A client that takes what it is sent, or blocks, as it is told. */
final class FakeOutlet implements Outlet {
  private final EventStreamParser parser = new EventStreamParser();
  private Runnable onWritable = () -> {};
  private Runnable onWrite = () -> {};
  private Chunk last;
  private boolean blocked;
  private long written;
  private long unsent;
  private boolean ended;
  private boolean cut;
  private Error onWritableAsked;
  private Error beforeWrite;
  private Error afterWrite;
  private int peerAsked;
  private boolean allSent;
  private int largest;
  private long blockAt = Long.MAX_VALUE;

  @Override
  public void write(Chunk chunk) {
    if (ended || cut) {
      throw new IllegalStateException("written to after its end");
    }
    fail(beforeWrite);
    last = chunk;
    written += chunk.size();
    largest = Math.max(largest, chunk.size());
    if (written >= blockAt) {
      blockAt = Long.MAX_VALUE;
      blocked = true;
    }
    unsent += blocked ? chunk.size() : 0;
    parser.feed(chunk.copy().getBytes());
    onWrite.run();
    fail(afterWrite);
  }

  private static void fail(Error error) {
    if (error != null) {
      throw error;
    }
  }

  @Override
  public boolean writable() {
    Error error = onWritableAsked;
    onWritableAsked = null;
    fail(error);
    return !blocked;
  }

  @Override
  public void onWritable(Runnable action) {
    onWritable = action;
  }

  @Override
  public long written() {
    return written;
  }

  @Override
  public long unsent() {
    return unsent;
  }

  @Override
  public void allSent(boolean all) {
    allSent = all;
  }

  @Override
  public String peer() {
    peerAsked++;
    return "192.0.2.1:1";
  }

  @Override
  public void end(CloseReason why) {
    ended = true;
  }

  @Override
  public void cut() {
    cut = true;
  }

  /** Calls the action whenever something is written. */
  void onWrite(Runnable action) {
    onWrite = action;
  }

  /** From now on the socket takes nothing, and has this much to take. */
  void block(long bytes) {
    blocked = true;
    unsent = bytes;
  }

  /** From when it was written so much, the socket takes nothing. */
  void blockAfter(long bytes) {
    blockAt = written + bytes;
  }

  /** The largest chunk that was written. */
  int largest() {
    return largest;
  }

  /** The socket takes so much of it, and still is not writable. */
  void take(long bytes) {
    unsent -= bytes;
  }

  void unblock() {
    blocked = false;
    unsent = 0;
    onWritable.run();
  }

  /** Throws it when it is next asked whether it is writable. */
  void failWhenAskedNext(Error error) {
    onWritableAsked = error;
  }

  /** Throws it with every write, before it has done anything; null for no more. */
  void failBeforeWriting(Error error) {
    beforeWrite = error;
  }

  /** Throws it with every write, after it was done. */
  void failAfterWriting(Error error) {
    afterWrite = error;
  }

  /** What it was told last of whether all is sent. */
  boolean wasAllSent() {
    return allSent;
  }

  /** How often its peer was asked for. */
  int peerAsked() {
    return peerAsked;
  }

  /** What was written last. */
  Chunk last() {
    return last;
  }

  boolean ended() {
    return ended;
  }

  boolean wasCut() {
    return cut;
  }

  long bytes() {
    return written;
  }

  EventStreamParser parser() {
    return parser;
  }

  List<String> received() {
    return parser.events().stream().map(EventStreamParser.ReceivedEvent::data).toList();
  }
}
