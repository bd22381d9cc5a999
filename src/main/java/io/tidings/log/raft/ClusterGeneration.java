package io.tidings.log.raft;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The generations of a cluster: the first, and one more after each time that it was recovered on
 * one node because its majority was lost. Each is a Raft group of its own, so that nodes of
 * different ones refuse each other's votes and entries, whoever can reach whom. The name of the
 * group's directory is all that a node stores of it.
 */
final class ClusterGeneration {
  /** The generation in which a cluster begins. */
  static final long FIRST = 0;

  private static final int RANDOM_BITS = 20;

  private ClusterGeneration() {}

  /**
   * A new generation: later ones are greater, and two that begin at once differ.
   *
   * @param random any number
   */
  static long next(Instant now, long random) {
    return now.toEpochMilli() << RANDOM_BITS | random & (1L << RANDOM_BITS) - 1;
  }

  /** When a generation other than the first was begun. */
  static Instant begun(long generation) {
    return Instant.ofEpochMilli(generation >> RANDOM_BITS);
  }

  /** The Raft group of a generation of the cluster. */
  static UUID group(String cluster, long generation) {
    UUID first = UUID.nameUUIDFromBytes(("tidings:" + cluster).getBytes(StandardCharsets.UTF_8));
    return generation == FIRST ? first : new UUID(first.getMostSignificantBits(), generation);
  }

  /** The generation of a Raft group; empty if it is the group of another cluster. */
  static OptionalLong of(String cluster, UUID group) {
    UUID first = group(cluster, FIRST);
    if (group.equals(first)) {
      return OptionalLong.of(FIRST);
    }
    boolean same =
        group.getMostSignificantBits() == first.getMostSignificantBits()
            && group.getLeastSignificantBits() > FIRST;
    return same ? OptionalLong.of(group.getLeastSignificantBits()) : OptionalLong.empty();
  }

  /**
   * The generation to which a node's directory belongs; empty if it belongs to none yet.
   *
   * @throws IOException with a message of one line, if it has files of several
   */
  static OptionalLong stored(Path raftDirectory, String cluster) throws IOException {
    List<Long> found = new ArrayList<>();
    if (Files.isDirectory(raftDirectory)) {
      try (Stream<Path> all = Files.list(raftDirectory)) {
        for (Path directory : all.filter(Files::isDirectory).toList()) {
          OptionalLong generation = parse(cluster, directory.getFileName().toString());
          if (generation.isPresent() && !NodeLife.isEmpty(directory)) {
            found.add(generation.getAsLong());
          }
        }
      }
    }
    if (found.size() > 1) {
      throw new IOException(
          raftDirectory
              + " has the Raft logs of several generations of the cluster: only one may stay");
    }
    return found.isEmpty() ? OptionalLong.empty() : OptionalLong.of(found.get(0));
  }

  private static OptionalLong parse(String cluster, String directory) {
    try {
      return of(cluster, UUID.fromString(directory));
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty();
    }
  }
}
