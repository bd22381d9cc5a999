package io.tidings.fanout;

import io.tidings.wire.EventStreamParser;
import java.util.ArrayList;
import java.util.List;

/** A connection that accepts all bytes, or blocks or fails, as the test demands. */
final class FakeOutlet implements Outlet {
  private final EventStreamParser parser = new EventStreamParser();
  private Runnable onWritable = () -> {};
  private Runnable onWrite = () -> {};
  private final List<Runnable> onSent = new ArrayList<>();
  private Chunk last;
  private boolean blocked;
  private long written;
  private long unsent;
  private boolean ended;
  private CloseReason why;
  private boolean cut;
  private Error writableError;
  private Error beforeWrite;
  private Error afterWrite;
  private int peerCalls;
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
    Error error = writableError;
    writableError = null;
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
    peerCalls++;
    return "192.0.2.1:1";
  }

  @Override
  public void onSent(Runnable action) {
    if (unsent == 0) {
      action.run();
    } else {
      onSent.add(action);
    }
  }

  @Override
  public void end(CloseReason why) {
    ended = true;
    this.why = why;
  }

  @Override
  public void cut(CloseReason why) {
    cut = true;
  }

  /** Calls the action whenever something is written. */
  void onWrite(Runnable action) {
    onWrite = action;
  }

  /** Blocks the socket, with the given number of unsent bytes. */
  void block(long bytes) {
    blocked = true;
    unsent = bytes;
  }

  /** Blocks the socket as soon as the given number of bytes is written. */
  void blockAfter(long bytes) {
    blockAt = written + bytes;
  }

  /** The largest chunk that was written. */
  int largest() {
    return largest;
  }

  /** Accepts the given number of unsent bytes; the socket stays blocked. */
  void accept(long bytes) {
    unsent -= bytes;
  }

  void unblock() {
    blocked = false;
    unsent = 0;
    onSent.forEach(Runnable::run);
    onSent.clear();
    onWritable.run();
  }

  /** Makes the next call of {@link #writable} throw the error. */
  void failNextWritable(Error error) {
    writableError = error;
  }

  /** Makes every write throw the error and write nothing; null ends this. */
  void failBeforeWriting(Error error) {
    beforeWrite = error;
  }

  /** Makes every write throw the error after it has written. */
  void failAfterWriting(Error error) {
    afterWrite = error;
  }

  /** The last argument of {@link #allSent}. */
  boolean wasAllSent() {
    return allSent;
  }

  /** How often {@link #peer} was called. */
  int peerCalls() {
    return peerCalls;
  }

  /** The last chunk that was written. */
  Chunk last() {
    return last;
  }

  boolean ended() {
    return ended;
  }

  /** Why it ended gracefully; null if it did not. */
  CloseReason why() {
    return why;
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
