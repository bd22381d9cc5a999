package raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.protocols.raft.ELECTION2;
import org.jgroups.protocols.raft.FileBasedLog;
import org.jgroups.protocols.raft.NO_DUPES;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.raft.Options;
import org.jgroups.raft.RaftHandle;
import org.jgroups.raft.util.Utils;

/** jgroups-raft over TCP, with its file log, fsync, pre-vote (ELECTION2) and commits that are sent at once. */
final class JGroupsConsensus implements Consensus {

  /**
   * A member that is silent for so long is suspected, and then left out of the view; only then there is an election. A process that
   * has gone is noticed at once, by its socket. With 1 s the leader changed under load.
   */
  private static final int SILENCE_MILLIS = 2_500;

  private JChannel channel;
  private RaftHandle raft;

  @Override
  public void start(String id, List<Peer> peers, Path directory, StateMachine machine) throws Exception {
    Peer self = peers.stream().filter(peer -> peer.id().equals(id)).findAny().orElseThrow();
    var members = peers.stream().map(peer -> new InetSocketAddress(peer.host(), peer.port())).toList();
    var transport = new TCP();
    transport.tcpNodelay(true); // off by default: a lone message then waits 40 ms for an acknowledgement of TCP
    transport.setBindAddress(InetAddress.getByName(self.host()));
    transport.setBindPort(self.port());
    transport.setPortRange(0);
    var discovery = new TCPPING();
    discovery.setInitialHosts(List.copyOf(members));
    discovery.setPortRange(0);
    var gms = new GMS();
    gms.setJoinTimeout(1_000);
    gms.printLocalAddress(false);
    var engine = new RAFT().raftId(id)
        .members(peers.stream().map(Peer::id).toList())
        .logClass(FileBasedLog.class.getName())
        .logDir(directory.toString())
        .logPrefix(id)
        .logUseFsync(true)
        .sendCommitsImmediately(!Boolean.getBoolean("jgroups.lazy"))
        .maxLogSize(16L << 30) // no snapshots: see Machine
        .maxLogCacheSize(256);
    channel = new JChannel(
        transport,
        discovery,
        new MERGE3().setMinInterval(500).setMaxInterval(1_500),
        new FD_SOCK2(),
        new FD_ALL3().setTimeout(SILENCE_MILLIS).setInterval(SILENCE_MILLIS / 5),
        new VERIFY_SUSPECT2().setTimeout(200),
        new NAKACK2().useMcastXmit(false),
        new UNICAST3(),
        new STABLE().setDesiredAverageGossip(5_000).setMaxBytes(4L << 20),
        new NO_DUPES(),
        gms,
        new UFC().setMaxCredits(4L << 20),
        new MFC().setMaxCredits(4L << 20),
        new FRAG4().setFragSize(60_000),
        new ELECTION2(),
        engine);
    channel.setName(id);
    raft = new RaftHandle(channel, new Machine(machine));
    raft.raftId(id);
    channel.connect("tidings");
  }

  @Override
  public CompletableFuture<Void> submit(byte[] command) {
    try {
      return raft.setAsync(command, 0, command.length, Options.create(true)).thenApply(answer -> null);
    } catch (Exception e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public Optional<String> leader() {
    Address leader = raft.leader();
    return leader == null ? Optional.empty() : Optional.ofNullable(Utils.extractRaftId(leader));
  }

  @Override
  public void close() {
    channel.close();
  }

  /**
   * The state machine as jgroups-raft sees it: it is not told the index, so this counts. The snapshot is the count; the state is in
   * files of its own, so a snapshot of another node's can't be used.
   */
  private static final class Machine implements org.jgroups.raft.StateMachine {
    private final StateMachine machine;
    private long applied;

    private Machine(StateMachine machine) {
      this.machine = machine;
    }

    @Override
    public byte[] apply(byte[] data, int offset, int length, boolean serialize) {
      try {
        machine.apply(applied + 1, ByteBuffer.wrap(data, offset, length));
        applied++;
        return null;
      } catch (IOException e) {
        // an exception would be swallowed, and the next command applied over the hole
        e.printStackTrace();
        Runtime.getRuntime().halt(70);
        return null;
      }
    }

    @Override
    public void readContentFrom(DataInput in) throws IOException {
      throw new IOException("a snapshot of " + in.readLong() + " commands, " + applied + " are here");
    }

    @Override
    public void writeContentTo(DataOutput out) throws IOException {
      out.writeLong(applied);
    }
  }
}
