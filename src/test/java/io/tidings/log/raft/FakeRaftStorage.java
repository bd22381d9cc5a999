package io.tidings.log.raft;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.server.storage.RaftStorageMetadataFile;

/** A directory of the Raft log without an engine. */
record FakeRaftStorage(Path root) implements RaftStorage, RaftStorageDirectory {
  static FakeRaftStorage in(Path root) throws IOException {
    var storage = new FakeRaftStorage(root);
    Files.createDirectories(storage.getStateMachineDir().toPath());
    return storage;
  }

  @Override
  public void initialize() {}

  @Override
  public RaftStorageDirectory getStorageDir() {
    return this;
  }

  @Override
  public RaftStorageMetadataFile getMetadataFile() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CorruptionPolicy getLogCorruptionPolicy() {
    return CorruptionPolicy.EXCEPTION;
  }

  @Override
  public File getRoot() {
    return root.toFile();
  }

  @Override
  public boolean isHealthy() {
    return true;
  }

  @Override
  public void close() {}
}
