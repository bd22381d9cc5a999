package io.tidings.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Where a node collects segments of another node's log, beside its own, until they replace what it
 * lacks. What was received outlives the process, and counts only when its checksums are right. One
 * thread; blocks on the disk.
 */
public interface FetchedLog {
  /**
   * Decides what is to be fetched, and drops what was collected before and is of no use with this
   * peer.
   *
   * @param own the offset up to which the node's own records can be trusted; 0 for none
   * @param upTo the last offset that is needed
   * @return in order; empty if nothing is missing
   * @throws IOException also if the peer's log does not reach so far
   */
  List<SegmentPart> plan(LogParts peer, long own, long upTo) throws IOException;

  /** How many bytes of the segment were received. */
  long received(SegmentPart part) throws IOException;

  /** Adds bytes to the segment, after those that were received. */
  void write(SegmentPart part, ByteBuffer bytes) throws IOException;

  /**
   * Verifies the segment's records, of which all bytes were received, and forces them to the disk.
   *
   * @throws DamagedPart if it is not what the peer described; then it is to be received again
   */
  void complete(SegmentPart part) throws IOException;

  /** Stores the saved state that belongs to the segments, instead of an earlier one. */
  void storeState(byte[] state) throws IOException;

  /** The state that was stored. */
  byte[] state() throws IOException;

  /** The offset up to which the node's own records stay; negative if none does. */
  long kept(long own, long upTo) throws IOException;

  /** Decides, durably, that {@link #install} is to be done, whatever ends. */
  void decide(FetchedState state) throws IOException;

  /** What was decided and is not finished. */
  Optional<FetchedState> decided() throws IOException;

  /**
   * Removes the node's own records that do not stay, and adds those that were fetched. Can be
   * repeated, whenever the process ended. Nobody may use the log.
   */
  void install(FetchedState state) throws IOException;

  /**
   * Removes all that was collected. After {@link #install}: if the process ends meanwhile, either
   * everything is there that was decided, or nothing is decided any more.
   */
  void clear() throws IOException;

  /** The free space of the disk. */
  long usableBytes() throws IOException;

  /** A part that is not as its peer described it. */
  final class DamagedPart extends IOException {
    private static final long serialVersionUID = 1L;

    public DamagedPart(String message) {
      super(message);
    }
  }
}
