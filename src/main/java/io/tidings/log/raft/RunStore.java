package io.tidings.log.raft;

import java.io.IOException;

/**
 * Where the states of one run of the engine are saved. Its log is open: {@link EngineRun#close}
 * waits for the thread that saves.
 */
record RunStore(Replica replica, StateSaver files, StateSaver.PurgedLog raftLog)
    implements StateSaving.Store {
  @Override
  public void force() throws IOException {
    replica.log().orElseThrow().force();
  }

  @Override
  public void save(Replica.Saved state) throws IOException {
    files.save(state);
    files.purge(raftLog);
  }
}
