package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;

/** The file in which Ratis stores the newest configuration that it has applied. */
final class StoredVoters {
  private static final System.Logger LOG = System.getLogger(StoredVoters.class.getName());

  private StoredVoters() {}

  static Path file(Path groupDirectory) {
    return groupDirectory.resolve("current").resolve("raft-meta.conf");
  }

  /** The voters of the configuration; none if there is no file, or it can't be read. */
  static List<String> of(Path groupDirectory) {
    Path file = file(groupDirectory);
    try {
      return Files.exists(file)
          ? LogEntryProto.parseFrom(Files.readAllBytes(file))
              .getConfigurationEntry()
              .getPeersList()
              .stream()
              .map(peer -> peer.getId().toStringUtf8())
              .toList()
          : List.of();
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the stored voters can't be read; those of the settings are asked",
          e);
      return List.of();
    }
  }

  /**
   * The contents of the file with one voter.
   *
   * @param index of the Raft log from which it counts
   */
  static byte[] alone(long term, long index, String self) {
    return LogEntryProto.newBuilder()
        .setTerm(term)
        .setIndex(index)
        .setConfigurationEntry(
            RaftConfigurationProto.newBuilder().addPeers(RaftVoters.peer(self).getRaftPeerProto()))
        .build()
        .toByteArray();
  }
}
