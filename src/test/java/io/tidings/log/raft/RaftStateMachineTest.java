package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.log.LocalLog;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.raft.ReplicatedState.Applied;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state machine, its saved states, and what is purged, without an engine. */
class RaftStateMachineTest {
  @TempDir Path directory;

  private final List<String> told = new ArrayList<>();
  private final List<Long> purged = new ArrayList<>();
  private boolean diskRefuses;
  private Replica replica;
  private RaftStateMachine machine;

  private final class Told implements RaftStateMachine.Listener {
    @Override
    public void applied(long index, int bytes, Command command, Applied result) {
      told.add("applied " + index);
    }

    @Override
    public void leaderChanged() {
      told.add("leader changed");
    }

    @Override
    public void failed(String reason, Throwable cause) {
      told.add("failed");
    }

    @Override
    public void ended(String reason, Throwable cause) {
      told.add("ended");
    }

    @Override
    public void leftBehind() {
      told.add("left behind");
    }

    @Override
    public Future<String> answer(String request) {
      return Future.succeededFuture(request + " answered");
    }

    @Override
    public Future<byte[]> serve(String request) {
      return Future.failedFuture("nothing is fetched here");
    }
  }

  private static final class Ends implements CommandApplier.WriteRetry {
    @Override
    public void await(IOException cause) throws InterruptedException {
      throw new InterruptedException("the log is being closed");
    }

    @Override
    public void recovered() {
      throw new AssertionError("nothing was retried");
    }
  }

  private LocalLog open(long epoch) throws IOException {
    if (diskRefuses) {
      throw new IOException("no space left");
    }
    LogSettings settings = Settings.of(Map.of()).log();
    return LocalLog.inMemory(epoch, Retention.of(settings.keep()));
  }

  /** A server of which only the id is asked for. */
  private static RaftServer server() {
    return (RaftServer)
        Proxy.newProxyInstance(
            RaftStateMachineTest.class.getClassLoader(),
            new Class<?>[] {RaftServer.class},
            (proxy, method, arguments) -> RaftPeerId.valueOf("self"));
  }

  private void start() throws IOException {
    replica = new Replica((epoch, trustedUpTo) -> open(epoch), new Ends());
    machine = new RaftStateMachine(replica, directory.resolve("base"), Instant::now, new Told());
    machine.initialize(server(), RaftGroupId.randomId(), FakeRaftStorage.in(directory));
  }

  private void apply(long index, byte[] command) {
    var logged = StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(command));
    LogEntryProto entry =
        LogEntryProto.newBuilder()
            .setTerm(1)
            .setIndex(index)
            .setStateMachineLogEntry(logged)
            .build();
    machine
        .applyTransaction(
            TransactionContext.newBuilder().setStateMachine(machine).setLogEntry(entry).build())
        .join();
  }

  private static byte[] configure(long base) {
    return new Command.Configure(1, 7, base, 10_000, 1 << 20).encode();
  }

  private static byte[] publish(String data) {
    return new Command.Publish(2, List.of(Publication.of(List.of(Event.of("a", data))))).encode();
  }

  private StateSaver saver(long keepBytes) {
    return new StateSaver(machine.storage(), directory, keepBytes);
  }

  private void save(StateSaver saver) throws IOException {
    saver.save(replica.save());
  }

  private static final class FakeLog implements StateSaver.PurgedLog {
    private final long committedByAll;
    private final List<Long> purged;

    FakeLog(long committedByAll, List<Long> purged) {
      this.committedByAll = committedByAll;
      this.purged = purged;
    }

    @Override
    public long committedByAll() {
      return committedByAll;
    }

    @Override
    public void purge(long index) {
      purged.add(index);
    }
  }

  private List<String> states() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("sm"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Path state(String name) {
    return directory.resolve("sm").resolve(name);
  }

  @Test
  void commandsAreAppliedInOrderAndTheIndexIsKnown() throws IOException {
    start();
    apply(1, configure(0));
    apply(2, publish("one"));
    assertEquals(List.of("applied 1", "applied 2"), told);
    assertEquals(2, machine.getLastAppliedTermIndex().getIndex());
    assertEquals(1, replica.log().orElseThrow().last());
  }

  @Test
  void aPrivateEventIsAppliedAndReadByWhoIsGrantedIt() throws IOException {
    start();
    apply(1, configure(0));
    var events = List.of(Event.of("a", "1"), Event.of("a", "2").with(Visibility.PRIVATE));
    apply(2, new Command.Publish(2, List.of(Publication.of(events))).encode());
    LocalLog log = replica.log().orElseThrow();
    Position begin = log.bounds().begin();
    var everybody = Selection.of(Filter.of("a"), Optional.empty());
    assertEquals(events, events(log.after(begin, Selection.all("a"), 1_000).result()));
    assertEquals(events.subList(0, 1), events(log.after(begin, everybody, 1_000).result()));
  }

  private static List<Event> events(Page page) {
    return page.entries().stream().map(Entry::event).toList();
  }

  @Test
  void aCommandThatCannotBeAppliedEndsTheNodeAndIsNotSkipped() throws IOException {
    start();
    apply(1, configure(0));
    assertThrows(Command.UnknownCommand.class, () -> apply(2, new byte[] {9}));
    assertEquals(List.of("applied 1", "ended"), told);
    assertEquals(1, machine.getLastAppliedTermIndex().getIndex());
  }

  @Test
  void aClusterThatBeginsWithOtherEventsEndsTheNode() throws IOException {
    start();
    assertThrows(IllegalStateException.class, () -> apply(1, configure(5)));
    assertEquals(List.of("ended"), told);
  }

  /** Ratis waits until everything committed is applied before it ends. */
  @Test
  void aRunThatIsClosedWhileTheDiskRefusesLeavesCommandsToTheNextOne() throws IOException {
    start();
    diskRefuses = true;
    apply(1, configure(0));
    apply(2, publish("one"));
    assertEquals(List.of(), told);
    assertTrue(
        machine.getLastAppliedTermIndex() == null
            || machine.getLastAppliedTermIndex().getIndex() < 1);
    diskRefuses = false;
    start();
    apply(1, configure(0));
    machine.end();
    apply(2, publish("one"));
    assertEquals(List.of("applied 1"), told);
  }

  /** Ratis counts commands as applied that were left to the next run, and then answers reads. */
  @Test
  void aReadIsNotAnsweredOnceCommandsAreLeftToTheNextRun() throws IOException {
    start();
    machine.query(Message.EMPTY).join();
    diskRefuses = true;
    apply(1, configure(0));
    assertTrue(machine.query(Message.EMPTY).isCompletedExceptionally());
    diskRefuses = false;
    start();
    machine.end();
    assertTrue(machine.query(Message.EMPTY).isCompletedExceptionally());
  }

  @Test
  void aNodeThatIsLeftBehindIsToldSo() throws IOException {
    start();
    machine.notifyInstallSnapshotFromLeader(null, TermIndex.valueOf(1, 100));
    assertEquals(List.of("left behind"), told);
  }

  @Test
  void aSavedStateIsContinuedAndTwoAreKept() throws IOException {
    start();
    apply(1, configure(0));
    StateSaver saver = saver(1 << 20);
    for (int index = 2; index <= 5; index++) {
      apply(index, new Command.SetCheckpoint(0, "relay", "7-" + index).encode());
      save(saver);
    }
    assertEquals(
        List.of("snapshot.1_4", "snapshot.1_4.md5", "snapshot.1_5", "snapshot.1_5.md5"), states());
    start();
    assertEquals(5, machine.getLastAppliedTermIndex().getIndex());
    assertEquals("7-5", replica.state().checkpoints().find("relay").orElseThrow());
  }

  @Test
  void aStateIsFoundWholeOrNotAtAllWhereverSavingWasCut() throws IOException {
    start();
    apply(1, configure(0));
    save(saver(1 << 20));
    byte[] whole = Files.readAllBytes(state("snapshot.1_1"));
    Files.write(state("state.unfinished"), new byte[] {1, 2});
    start();
    assertEquals(1, machine.getLastAppliedTermIndex().getIndex());
    Files.write(state("state.unfinished"), whole);
    Files.writeString(state("snapshot.1_2.md5"), "0".repeat(32) + " *snapshot.1_2\n");
    start();
    assertEquals(1, machine.getLastAppliedTermIndex().getIndex());
    apply(2, new Command.SetCheckpoint(0, "relay", "7-2").encode());
    save(saver(1 << 20));
    start();
    assertEquals(2, machine.getLastAppliedTermIndex().getIndex());
  }

  @Test
  void aDamagedStateIsRefusedAndTheNodeDoesNotBeginEmpty() throws IOException {
    start();
    apply(1, configure(0));
    save(saver(1 << 20));
    byte[] whole = Files.readAllBytes(state("snapshot.1_1"));
    byte[] damaged = whole.clone();
    damaged[20] ^= 1;
    Files.write(state("snapshot.1_1"), damaged);
    assertThrows(IOException.class, this::start);
    Files.write(state("snapshot.1_1"), whole);
    Files.writeString(state("snapshot.1_1.md5"), "");
    assertThrows(IOException.class, this::start);
  }

  @Test
  void theRaftLogIsPurgedToOneBeforeWhatIsSavedAndAllHave() throws IOException {
    start();
    StateSaver saver = saver(1 << 20);
    saver.purge(new FakeLog(100, purged));
    assertEquals(List.of(), purged, "nothing is saved");
    for (int index = 1; index <= 5; index++) {
      apply(index, index == 1 ? configure(0) : publish("" + index));
    }
    save(saver);
    saver.purge(new FakeLog(100, purged));
    saver.purge(new FakeLog(3, purged));
    saver.purge(new FakeLog(-1, purged));
    assertEquals(List.of(4L, 2L), purged);
  }

  @Test
  void aRaftLogThatIsTooLargeIsPurgedThoughAVoterNeedsIt() throws IOException {
    start();
    for (int index = 1; index <= 5; index++) {
      apply(index, index == 1 ? configure(0) : publish("" + index));
    }
    StateSaver saver = saver(10);
    save(saver);
    saver.purge(new FakeLog(-1, purged));
    assertEquals(List.of(4L), purged);
  }
}
