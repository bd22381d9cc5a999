package io.tidings.log.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;

/** The Raft log in a directory in which no engine runs, for reading. One thread. */
final class RaftLogFiles {
  private static final SizeInBytes MAX_ENTRY = SizeInBytes.valueOf(RatisProperties.MAX_ENTRY_BYTES);

  private final Path current;

  /**
   * @param groupDirectory of the group
   */
  RaftLogFiles(Path groupDirectory) {
    this.current = groupDirectory.resolve("current");
  }

  /**
   * Reads the entries with the given index and all that follow, in order, as far as they are whole.
   *
   * @return what is damaged, in one line; empty if nothing is
   * @throws IOException if entries are missing before the first
   */
  Optional<String> read(long from, Consumer<LogEntryProto> entries) throws IOException {
    var reading = new Reading(from, entries);
    for (LogSegmentPath segment : segments()) {
      try {
        LogSegment.readSegmentFile(
            segment.getPath().toFile(),
            segment.getStartEnd(),
            MAX_ENTRY,
            CorruptionPolicy.EXCEPTION,
            null,
            reading::add);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } catch (IOException | IllegalStateException e) {
        if (reading.failed) {
          throw e;
        }
        return Optional.of(
            "the Raft log is damaged after index " + (reading.next - 1) + ": " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  private List<LogSegmentPath> segments() throws IOException {
    if (!Files.isDirectory(current)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(current)) {
      return files
          .map(LogSegmentPath::matchLogSegment)
          .filter(Objects::nonNull)
          .sorted(Comparator.comparing(LogSegmentPath::getStartEnd))
          .toList();
    }
  }

  /** How far the log was read. */
  private static final class Reading {
    private final Consumer<LogEntryProto> to;
    private long next;
    private boolean failed;

    Reading(long from, Consumer<LogEntryProto> to) {
      this.next = from;
      this.to = to;
    }

    void add(LogEntryProto entry) {
      if (entry.getIndex() < next) {
        return;
      }
      failed = true; // unless what follows returns
      if (entry.getIndex() > next) {
        throw new UncheckedIOException(
            new IOException(
                "the Raft log lacks the entries from %d to %d"
                    .formatted(next, entry.getIndex() - 1)));
      }
      to.accept(entry);
      next++;
      failed = false;
    }
  }
}
