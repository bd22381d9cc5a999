package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopiedStateTest {
  private static final String SELF = "10.0.0.1:7700";

  @TempDir Path directory;

  private Path vote() {
    return directory.resolve("current").resolve("raft-meta");
  }

  private void state(String name) throws IOException {
    Files.createDirectories(directory.resolve("sm"));
    Files.writeString(directory.resolve("sm").resolve(name), "");
  }

  @Test
  void aCopyGetsAVoteForTheNodeItselfInTheTermOfItsNewestState() throws IOException {
    state("snapshot.3_70");
    state("snapshot.3_70.md5");
    state("snapshot.12_90");
    CopiedState.adopt(directory, SELF);
    var vote = new Properties();
    try (Reader reader = Files.newBufferedReader(vote())) {
      vote.load(reader);
    }
    assertEquals("12", vote.getProperty("term"));
    assertEquals(SELF, vote.getProperty("votedFor"));
  }

  @Test
  void aVoteIsNotChanged() throws IOException {
    state("snapshot.3_70");
    Files.createDirectories(vote().getParent());
    Files.writeString(vote(), "term=9");
    CopiedState.adopt(directory, SELF);
    assertEquals("term=9", Files.readString(vote()));
  }

  /** Its vote was lost: it may have voted in a later term than that of its state. */
  @Test
  void aRaftLogWithoutAVoteIsNoCopyAndIsLeftToRatisWhichRefusesIt() throws IOException {
    state("snapshot.3_70");
    Files.createDirectories(vote().getParent());
    Files.writeString(vote().resolveSibling("log_71-90"), "entries of later terms");
    CopiedState.adopt(directory, SELF);
    assertFalse(Files.exists(vote()));
  }

  @Test
  void aVoteThatWasNotFinishedIsGivenAgain() throws IOException {
    state("snapshot.3_70");
    Files.createDirectories(vote().getParent());
    Files.writeString(vote().resolveSibling("raft-meta.unfinished"), "ter");
    CopiedState.adopt(directory, SELF);
    assertTrue(Files.exists(vote()));
    assertFalse(Files.exists(vote().resolveSibling("raft-meta.unfinished")));
  }

  @Test
  void aNewDirectoryIsLeftToRatis() throws IOException {
    CopiedState.adopt(directory.resolve("none"), SELF);
    assertFalse(Files.exists(directory.resolve("none")));
    Files.createDirectories(directory.resolve("sm"));
    CopiedState.adopt(directory, SELF);
    assertFalse(Files.exists(vote()));
  }
}
