package io.tidings.log.raft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Read;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** The properties of Ratis. {@code docs/raft-engines.md} says why they differ from the defaults. */
final class RatisProperties {
  /** Elections begin after this time without the leader, or up to twice as long. */
  private static final int ELECTION_MILLIS = 600;

  /** The most bytes of an entry, which is one command. */
  static final int MAX_ENTRY_BYTES = 8 << 20;

  private static final int FIRST_MILLIS = 5_000;

  private static final int SERVER_THREADS = 8;

  private static final int MESSAGE_BYTES = 2 * MAX_ENTRY_BYTES;

  /**
   * A node that is added counts as a voter when it lacks fewer entries than these. The others can't
   * elect a leader without it from then on, and it can't vote until it has them. With fewer, one
   * behind a slow link would never be so far.
   */
  private static final int ADDED_MAY_LACK = 256;

  private RatisProperties() {}

  /**
   * @param directory of the Raft log
   * @param patience how long callers wait for an answer
   */
  static RaftProperties server(RaftVoters voters, Path directory, Duration patience) {
    var properties = new RaftProperties();
    properties.set("raft.rpc.type", PushingGrpc.class.getName());
    GrpcConfigKeys.Server.setHost(properties, voters.selfHost());
    GrpcConfigKeys.Server.setPort(properties, voters.selfPort());
    GrpcConfigKeys.Server.setHeartbeatChannel(properties, false);
    GrpcConfigKeys.Server.setLeaderOutstandingAppendsMax(properties, 8);
    GrpcConfigKeys.Server.setAsyncRequestThreadPoolCached(properties, false);
    GrpcConfigKeys.Server.setAsyncRequestThreadPoolSize(properties, 2);
    GrpcConfigKeys.setMessageSizeMax(properties, SizeInBytes.valueOf(MESSAGE_BYTES));

    RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, millis(ELECTION_MILLIS));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, millis(2 * ELECTION_MILLIS));
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(24, TimeUnit.HOURS));
    RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("32MB"));
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, millis(5_000));
    RaftServerConfigKeys.setStagingCatchupGap(properties, ADDED_MAY_LACK);
    Read.setOption(properties, Read.Option.LINEARIZABLE);
    Read.setTimeout(properties, millis(patience.toMillis()));

    // one thread: requests of one node are appended in the order in which they were sent
    RaftServerConfigKeys.ThreadPool.setClientCached(properties, false);
    RaftServerConfigKeys.ThreadPool.setClientSize(properties, 1);
    // the cached pools start and end some 70 threads a second under load
    RaftServerConfigKeys.ThreadPool.setServerCached(properties, false);
    RaftServerConfigKeys.ThreadPool.setServerSize(properties, SERVER_THREADS);
    // starts and closes the one group
    RaftServerConfigKeys.ThreadPool.setProxyCached(properties, false);
    RaftServerConfigKeys.ThreadPool.setProxySize(properties, 1);

    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, millis(0));
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, false);
    RaftServerConfigKeys.Log.Appender.setRetryPolicy(properties, "1ms,10, 200ms,1000000");
    SizeInBytes entry = SizeInBytes.valueOf(MAX_ENTRY_BYTES);
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, entry);
    RaftServerConfigKeys.Log.setWriteBufferSize(
        properties, SizeInBytes.valueOf(MAX_ENTRY_BYTES + 1024));
    RaftServerConfigKeys.Log.setQueueByteLimit(properties, SizeInBytes.valueOf("16MB"));
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("16MB"));
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("32MB"));
    // states are saved, and the log is purged, by StateSaver
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, false);
    RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
    return properties;
  }

  /** Has a server begin no election for some seconds. */
  static void delayFirstElection(RaftProperties properties) {
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, millis(FIRST_MILLIS));
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, millis(FIRST_MILLIS + 1));
  }

  /**
   * The properties of a client of the other voters.
   *
   * @param patience how long callers wait for an answer
   */
  static RaftProperties client(Duration patience) {
    var properties = new RaftProperties();
    RaftClientConfigKeys.Rpc.setRequestTimeout(properties, millis(patience.toMillis()));
    GrpcConfigKeys.setMessageSizeMax(properties, SizeInBytes.valueOf(MESSAGE_BYTES));
    return properties;
  }

  private static TimeDuration millis(long millis) {
    return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
  }
}
