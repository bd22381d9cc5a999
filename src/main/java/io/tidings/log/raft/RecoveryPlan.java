package io.tidings.log.raft;

import io.tidings.event.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A recovery that was begun: the file {@code recovering} beside the Raft log, without which no step
 * is made, and with which no node starts. So a recovery that was interrupted is completed by doing
 * the same again.
 *
 * @param oldEpoch of the log
 * @param newEpoch of the log when it is recovered
 * @param oldGeneration of the cluster
 * @param newGeneration of the cluster when it is recovered
 * @param common the offset up to which this node has what the others may have delivered: what it
 *     had applied, which was committed
 */
record RecoveryPlan(
    long oldEpoch, long newEpoch, long oldGeneration, long newGeneration, long common) {
  private static final String NAME = "recovering";
  private static final Pattern FORM =
      Pattern.compile("epoch (\\d+) (\\d+)\ngeneration (\\d+) (\\d+)\ncommon (\\d+)\n");

  /** The last position of the old epoch that stands for the same entry in the new one. */
  Position last() {
    return new Position(oldEpoch, common);
  }

  private static Path file(Path raftDirectory) {
    return raftDirectory.resolve(NAME);
  }

  /**
   * @throws NodeRefused if a recovery was begun and is not complete
   */
  static void requireNone(Path raftDirectory) throws NodeRefused {
    if (Files.exists(file(raftDirectory))) {
      throw new NodeRefused(
          "the recovery of this directory was interrupted: repeat `tidings cluster recover`");
    }
  }

  /** The recovery that was begun. */
  static Optional<RecoveryPlan> read(Path raftDirectory) throws IOException {
    Path file = file(raftDirectory);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Matcher form = FORM.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!form.matches()) {
      throw new IOException(file + " is damaged");
    }
    return Optional.of(
        new RecoveryPlan(
            Long.parseLong(form.group(1)),
            Long.parseLong(form.group(2)),
            Long.parseLong(form.group(3)),
            Long.parseLong(form.group(4)),
            Long.parseLong(form.group(5))));
  }

  void write(Path raftDirectory) throws IOException {
    String text =
        "epoch %d %d\ngeneration %d %d\ncommon %d\n"
            .formatted(oldEpoch, newEpoch, oldGeneration, newGeneration, common);
    DurableFiles.write(file(raftDirectory), text.getBytes(StandardCharsets.US_ASCII));
  }

  static void delete(Path raftDirectory) throws IOException {
    Files.deleteIfExists(file(raftDirectory));
    DurableFiles.forceNames(raftDirectory);
  }
}
