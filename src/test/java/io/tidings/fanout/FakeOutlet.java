package io.tidings.fanout;

import io.tidings.sse.EventStreamParser;
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

  @Override
  public void write(Chunk chunk) {
    if (ended || cut) {
      throw new IllegalStateException("written to after its end");
    }
    last = chunk;
    written += chunk.size();
    unsent += blocked ? chunk.size() : 0;
    parser.feed(chunk.copy().getBytes());
    onWrite.run();
  }

  @Override
  public boolean writable() {
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
  public void allSent(boolean all) {}

  @Override
  public String peer() {
    return "192.0.2.1:1";
  }

  @Override
  public void end(Ending why) {
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

  /** The socket takes so much of it, and still is not writable. */
  void take(long bytes) {
    unsent -= bytes;
  }

  void unblock() {
    blocked = false;
    unsent = 0;
    onWritable.run();
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

  List<String> heard() {
    return parser.heard().stream().map(EventStreamParser.Heard::data).toList();
  }
}
