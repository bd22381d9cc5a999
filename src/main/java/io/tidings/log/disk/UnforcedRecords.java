package io.tidings.log.disk;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The segments with records that were appended and not forced to the disk yet, and whether names of
 * segments may be missing there. The thread that appends adds segments, and never waits for a
 * force. Thread-safe.
 */
final class UnforcedRecords {
  private final Directory directory;

  /** Held while files are forced; never by the thread that appends. */
  private final ReentrantLock forcing = new ReentrantLock();

  // guarded by this
  private final Set<Segment> segments = new LinkedHashSet<>();
  private boolean names;
  private IOException failure;

  UnforcedRecords(Directory directory) {
    this.directory = directory;
  }

  /** Records were written to the segment. */
  synchronized void add(Segment segment) {
    segments.add(segment);
  }

  /** The name of a segment was added to the directory. */
  synchronized void nameAdded() {
    names = true;
  }

  /** The segment is deleted, so its records need not be forced. To be called before its release. */
  synchronized void remove(Segment segment) {
    segments.remove(segment);
  }

  /** Ends forcing; to be called before the segments are released. */
  synchronized void close() {
    segments.clear();
    failed(new IOException("the log is closed"));
  }

  /**
   * Forces all that was added before the call. After a failure every later call fails: the state of
   * the files is unknown.
   */
  void force() throws IOException {
    forcing.lock();
    try {
      List<Segment> taken = take();
      try {
        for (Segment segment : taken) {
          segment.file().force();
        }
      } catch (IOException | RuntimeException e) {
        failed(e instanceof IOException io ? io : new IOException(e));
        throw e;
      } finally {
        taken.forEach(Segment::release);
      }
      forceNames();
    } finally {
      forcing.unlock();
    }
  }

  /** Forces the names of the segments, so that a power cut removes none. */
  void forceNames() throws IOException {
    forcing.lock();
    try {
      if (takeNames()) {
        directory.force();
      }
    } catch (IOException e) {
      failed(e);
      throw e;
    } finally {
      forcing.unlock();
    }
  }

  /** The segments to force, which stay open until they are released. */
  private synchronized List<Segment> take() throws IOException {
    throwFailure();
    List<Segment> taken = List.copyOf(segments);
    taken.forEach(Segment::acquire);
    segments.clear();
    return taken;
  }

  private synchronized boolean takeNames() throws IOException {
    throwFailure();
    boolean taken = names;
    names = false;
    return taken;
  }

  private synchronized void failed(IOException e) {
    failure = failure == null ? e : failure;
  }

  private void throwFailure() throws IOException {
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
  }
}
