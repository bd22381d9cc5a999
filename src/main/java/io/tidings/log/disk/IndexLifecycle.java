package io.tidings.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/**
 * The index of one segment through its life: in memory while the segment is appended to; in a file
 * once the segment is sealed; verified at its first use; and rebuilt in memory if that file is
 * damaged. Guarded by the monitor of the segment, except for {@link #store}.
 */
final class IndexLifecycle {
  private final Directory directory;
  private final String name;
  private SegmentIndex current;
  private boolean verified = true;

  /** A damaged index that was replaced; threads may read it until the segment is closed. */
  private IndexFile replaced;

  /** An empty index in memory. */
  IndexLifecycle(Directory directory, long first) {
    this.directory = directory;
    this.name = SegmentFormat.indexName(first);
    this.current = new GrowingIndex(first);
  }

  /** Decides whether an index file describes the segment as it is. */
  interface HeaderCheck {
    boolean accepts(IndexHeader header) throws IOException;
  }

  SegmentIndex current() {
    return current;
  }

  boolean inMemory() {
    return current instanceof GrowingIndex;
  }

  /** The index in memory, to add records to it. */
  GrowingIndex growing() {
    return (GrowingIndex) current;
  }

  /** Writes the index file, without using it yet. Not forced: a damaged one is rebuilt. */
  void store(ByteBuffer encoded) throws IOException {
    directory.createAtomically(name, encoded).close();
  }

  /**
   * Switches to the index file.
   *
   * @return its header; empty, and nothing changes, if there is no file that the check accepts
   */
  Optional<IndexHeader> load(HeaderCheck check) throws IOException {
    DataFile file;
    try {
      file = directory.open(name, Directory.Access.READ_ONLY);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    boolean accepted = false;
    try {
      Optional<IndexFile> stored = IndexFile.open(file);
      accepted = stored.isPresent() && check.accepts(stored.get().header());
      if (accepted) {
        current = stored.get();
        verified = false;
      }
      return accepted ? stored.map(IndexFile::header) : Optional.empty();
    } finally {
      if (!accepted) {
        file.close();
      }
    }
  }

  /** Whether the current index is intact; a file is read in full the first time. */
  boolean verify() throws IOException {
    verified = verified || ((IndexFile) current).verify();
    return verified;
  }

  /** Uses an index that was rebuilt from the records. */
  void replace(GrowingIndex rebuilt) {
    if (current instanceof IndexFile stored) {
      replaced = stored;
    }
    current = rebuilt;
    verified = true;
  }

  /** Whether there is an index file that is damaged or does not describe the segment. */
  boolean fileDamaged() throws IOException {
    return current instanceof IndexFile stored ? !stored.verify() : directory.exists(name);
  }

  void deleteFile() throws IOException {
    directory.delete(name);
  }

  /** Copies the index file, if it is in use. */
  void copyTo(Directory target) throws IOException {
    if (current instanceof IndexFile stored) {
      stored.copy(target, name);
    }
  }

  void close() throws IOException {
    if (current instanceof IndexFile stored) {
      stored.close();
    }
    if (replaced != null) {
      replaced.close();
    }
  }
}
