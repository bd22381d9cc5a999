package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftPeer;

/** The file in which Ratis stores the newest configuration that it has applied. */
final class StoredVoters {
  private static final System.Logger LOG = System.getLogger(StoredVoters.class.getName());

  /** No leader has it. */
  private static final long ASSUMED_TERM = 0;

  private StoredVoters() {}

  static Path file(Path groupDirectory) {
    return groupDirectory.resolve("current").resolve("raft-meta.conf");
  }

  /** The voters of the configuration; none if there is no file, or it can't be read. */
  static List<String> of(Path groupDirectory) {
    return read(groupDirectory)
        .map(entry -> entry.getConfigurationEntry().getPeersList())
        .orElse(List.of())
        .stream()
        .map(peer -> peer.getId().toStringUtf8())
        .toList();
  }

  private static Optional<LogEntryProto> read(Path groupDirectory) {
    Path file = file(groupDirectory);
    try {
      return Files.exists(file)
          ? Optional.of(LogEntryProto.parseFrom(Files.readAllBytes(file)))
          : Optional.empty();
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the stored voters can't be read; those of the settings are asked",
          e);
      return Optional.empty();
    }
  }

  /**
   * The contents of the file with what others have told; {@link #assumedIndex} tells it from a
   * configuration that a leader has written.
   *
   * @param index behind all of the Raft log: it counts until a leader writes something
   */
  static byte[] assumed(long index, List<String> voters, List<String> edges) {
    return contents(ASSUMED_TERM, index, voters, edges);
  }

  private static byte[] contents(long term, long index, List<String> voters, List<String> edges) {
    return LogEntryProto.newBuilder()
        .setTerm(term)
        .setIndex(index)
        .setConfigurationEntry(
            RaftConfigurationProto.newBuilder()
                .addAllPeers(protos(RaftVoters.peers(voters)))
                .addAllListeners(protos(RaftVoters.edges(edges))))
        .build()
        .toByteArray();
  }

  private static List<RaftPeerProto> protos(List<RaftPeer> peers) {
    return peers.stream().map(RaftPeer::getRaftPeerProto).toList();
  }

  /** The index of what was {@link #assumed}, if the file has that. */
  static OptionalLong assumedIndex(Path groupDirectory) {
    return read(groupDirectory)
        .filter(entry -> entry.getTerm() == ASSUMED_TERM)
        .map(entry -> OptionalLong.of(entry.getIndex()))
        .orElse(OptionalLong.empty());
  }

  /**
   * The contents of the file with one voter.
   *
   * @param index of the Raft log from which it counts
   */
  static byte[] alone(long term, long index, String self) {
    return contents(term, index, List.of(self), List.of());
  }
}
