package io.tidings.log.disk;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Prepares the directory of a node's copy of the replicated log before its segments are opened. One
 * thread. Each step can be repeated if the process ends within it.
 */
final class ReplicaDirectory {
  private final LogDirectory directory;
  private final Directory files;

  ReplicaDirectory(LogDirectory directory) {
    this.directory = directory;
    this.files = directory.files();
  }

  /**
   * Ensures that the directory belongs to the cluster's log. One that has never had a record takes
   * the cluster's epoch.
   *
   * @throws IOException if it belongs to another log
   */
  LogDirectory.Identity claim(long epoch) throws IOException {
    Optional<LogDirectory.Identity> existing = directory.identity();
    if (existing.map(LogDirectory.Identity::epoch).orElse(-1L) != epoch) {
      if (neverHadRecords()) {
        clear();
      } else if (existing.isEmpty()) {
        throw new IOException(
            "has segments, but no epoch can be read; whether they belong to the log of the cluster,"
                + " whose epoch is "
                + epoch
                + ", is unknown");
      }
    }
    LogDirectory.Identity identity = directory.readOrCreateIdentity(epoch);
    if (identity.epoch() != epoch) {
      throw new IOException(
          "belongs to another log: its epoch is "
              + identity.epoch()
              + ", that of the cluster's log is "
              + epoch);
    }
    return identity;
  }

  /** Whether no segment has a record, nor a predecessor that retention has removed. */
  private boolean neverHadRecords() throws IOException {
    for (String name : directory.segments()) {
      boolean first = directory.header(name).map(header -> header.previous() == 0).orElse(false);
      if (!first || size(name) > SegmentFormat.HEADER) {
        return false;
      }
    }
    return true;
  }

  private long size(String name) throws IOException {
    try (DataFile file = files.open(name, Directory.Access.READ_ONLY)) {
      return file.size();
    }
  }

  /** Removes what a hub has created that never had a record. */
  private void clear() throws IOException {
    for (String name : directory.segments()) {
      delete(name);
    }
    files.delete(ReservationFile.NAME);
    directory.deleteIdentity();
    files.force();
  }

  private void delete(String segment) throws IOException {
    files.delete(SegmentFormat.indexName(LogDirectory.first(segment)));
    files.delete(segment);
  }

  /**
   * Removes, durably, all records above the offset, the newest segments first. A segment that
   * begins after just that offset stays, without records: its header may be all that excludes
   * records of the one before it which were refused.
   *
   * @throws IOException also if the header of a segment with records to keep is damaged: they can't
   *     be told from others then
   */
  void removeAfter(long last) throws IOException {
    List<String> names = directory.segments();
    for (int i = names.size() - 1; i >= 0; i--) {
      String name = names.get(i);
      Optional<SegmentFormat.Header> header = directory.header(name);
      if (header.isEmpty() && LogDirectory.first(name) <= last) {
        throw new IOException("the header of " + name + " is damaged");
      } else if (header.isPresent() && header.get().previous() <= last) {
        cut(name, header.get(), last);
        break;
      }
      delete(name);
    }
    files.force();
  }

  /**
   * Cuts a segment off after the offset. The page with the end is written again by that, whatever
   * its state on the disk is. A segment of which no record remains is created again, because its
   * header may be missing on the disk too. The index is rebuilt from the records that remain.
   */
  private void cut(String name, SegmentFormat.Header header, long last) throws IOException {
    files.delete(SegmentFormat.indexName(header.first()));
    Segment segment = Segment.open(files, name, header, last, Directory.Access.READ_WRITE);
    try {
      if (segment.contents().records() == 0) {
        var fresh =
            SegmentFormat.Header.of(
                header.epoch(), header.first(), header.previous(), header.previousTime());
        Segment.create(files, fresh).release();
      } else if (segment.contents().length() < segment.file().size()) {
        segment.truncate();
        segment.file().force();
      }
    } finally {
      segment.release();
    }
  }
}
