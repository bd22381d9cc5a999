package io.tidings.log.raft;

import io.tidings.event.Publication;
import io.tidings.log.Attributes;
import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import io.tidings.log.RecordTable;
import io.tidings.settings.CommonSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The state that commands change: the next offset, the time, and what repetitions are recognised
 * by. A function of the commands alone. Confined to the thread that applies.
 */
public final class ReplicatedState {
  /**
   * The most by which a command lets time pass for deduplication: a leader's clock that jumps, or
   * another leader's that is ahead, must not make repetitions unknown. While there are no others,
   * the leader makes a command more often than that.
   */
  static final long MAX_STEP_MILLIS = 60_000;

  /** A digest of the state with which the log begins; 0 if it begins empty. */
  private final long base;

  private final DedupTable dedup;
  private final EventSequence events;
  private final OriginTable origins;

  /** Read by any thread. */
  private final CheckpointTable checkpoints;

  /** Read by any thread. */
  private final RecordTable records;

  /** By which records are forgotten; empty while there are no records. */
  private final VoterClocks clocks;

  /** Read by any thread. */
  private final SettingsTable settings = new SettingsTable();

  /** The highest {@link Command#requiredKind} so far. Read by any thread. */
  private volatile int kind = Command.ASSUMED_KIND;

  /** What the clocks had reached at the last report; not saved. */
  private Optional<Instant> recordsEndBefore = Optional.empty();

  /** Whether the log has begun. */
  private boolean configured;

  private long lastTime;

  /** The time of the last command, which is that of its leader's clock. */
  private long leaderTime;

  private ReplicatedState(
      long base,
      EventSequence events,
      OriginTable origins,
      CheckpointTable checkpoints,
      RecordTable records,
      VoterClocks clocks) {
    this.base = base;
    this.events = events;
    this.dedup = events.dedup();
    this.origins = origins;
    this.checkpoints = checkpoints;
    this.records = records;
    this.clocks = clocks;
  }

  /** The state before the first command. */
  public static ReplicatedState initial() {
    return new ReplicatedState(
        0,
        new EventSequence(new DedupTable(0, 0), 0, 1),
        new OriginTable(),
        new CheckpointTable(),
        new RecordTable(),
        new VoterClocks());
  }

  /**
   * The state of a log that has begun.
   *
   * @param epoch of the positions
   * @param onceMillis how long repetitions are recognised; 0 for never
   * @param onceBytes the maximum size of what they are recognised by
   */
  public static ReplicatedState empty(long epoch, long onceMillis, long onceBytes) {
    ReplicatedState state = initial();
    state.begin(epoch);
    state.dedup.limit(onceMillis, onceBytes);
    return state;
  }

  /**
   * The state with which the log of a cluster begins that continues a single node's.
   *
   * @param epoch of the positions
   * @param next the first offset that no client can have seen
   * @param lastTime of the newest record, in milliseconds since 1970
   * @param records the expiring ones
   */
  static ReplicatedState continuing(
      long epoch, long next, long lastTime, DedupTable dedup, RecordTable records) {
    var state =
        new ReplicatedState(
            0,
            new EventSequence(dedup, epoch, next),
            new OriginTable(),
            new CheckpointTable(),
            records,
            new VoterClocks());
    state.lastTime = lastTime;
    state.leaderTime = lastTime;
    return state;
  }

  /**
   * This state in a cluster that begins again with one voter: in another epoch, without what the
   * voters have stored of themselves. This one is not used any more.
   *
   * @param newEpoch of the positions from now on
   * @param first the offset after those that the node's log has, be it that the state lacks some
   */
  ReplicatedState recovered(long newEpoch, long first) {
    events.begin(newEpoch, first);
    clocks.clear();
    checkpoints.removeAll(NodeLife::isCheckpoint);
    return this;
  }

  private void begin(long epoch) {
    configured = true;
    events.begin(epoch, events.next());
  }

  /**
   * What a command does.
   *
   * @param records the new records, in order; none if all was known or refused
   * @param results one for each publication, in order
   */
  public record Applied(List<LogRecord> records, List<Result> results) {}

  /** What a command does for one of its publications. */
  public sealed interface Result {
    /**
     * The publication is stored, by this command or an earlier one.
     *
     * @param entries of all events, in order
     */
    record Stored(List<Entry> entries) implements Result {}

    /** The key was used before with other events; nothing is stored. */
    record KeyReused() implements Result {}

    /** There is no room for what a repetition would be recognised by; nothing is stored. */
    record NoRoom() implements Result {}

    /** An earlier command had this publication of its origin; nothing is stored again. */
    record Repeated() implements Result {}

    /**
     * A publication of its origin between this one and the last that was applied is missing;
     * nothing is stored.
     *
     * @param expected the number of that publication; 1 if the origin is not known
     */
    record OutOfSequence(long expected) implements Result {}
  }

  /** The cluster's log does not begin as this node's does. */
  static final class OtherBase extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private OtherBase() {
      super(
          "the log of the cluster does not begin with the events that this node has: all nodes must begin with copies of the same directory, or with empty ones");
    }
  }

  /**
   * Applies a command.
   *
   * @param index of the command in the Raft log, which its records carry
   * @throws OtherBase if it begins a log with another base than this node's
   */
  public Applied apply(long index, Command command) {
    lastTime = Math.max(lastTime, command.time());
    dedup.pass(Math.min(Math.max(0, command.time() - leaderTime), MAX_STEP_MILLIS));
    leaderTime = command.time();
    if (command.requiredKind() > kind) {
      kind = command.requiredKind();
    }
    if (command instanceof Command.Publish publish) {
      return apply(index, publish);
    } else if (command instanceof Command.Configure configure) {
      configure(configure);
    } else if (command instanceof Command.SetCheckpoint checkpoint) {
      checkpoints.set(checkpoint.name(), checkpoint.id());
    } else if (command instanceof Command.PutRecord put) {
      records.putIfAbsent(put.record());
    } else if (command instanceof Command.ReportClock report) {
      prune(report);
    } else if (command instanceof Command.ChangeSettings change) {
      changeSettings(change);
    }
    return new Applied(List.of(), List.of());
  }

  /** Not by the time of commands, which is one clock's, and may be far ahead. */
  private void prune(Command.ReportClock report) {
    clocks.report(report);
    recordsEndBefore = clocks.reached();
    recordsEndBefore.ifPresent(records::prune);
    if (records.isEmpty()) {
      clocks.clear(); // they are not saved without records
    }
  }

  private void configure(Command.Configure command) {
    if (!configured) {
      if (command.base() != base) {
        throw new OtherBase();
      }
      begin(base == 0 ? command.epoch() : events.epoch());
    }
    if (settings.isEmpty()) { // a leader may have made the command before they were set
      dedup.limit(command.onceMillis(), command.onceBytes());
    }
  }

  private void changeSettings(Command.ChangeSettings command) {
    settings.change(command);
    Map<String, Long> all = settings.all();
    dedup.limit(
        all.getOrDefault(CommonSettings.ONCE, dedup.windowMillis()),
        all.getOrDefault(CommonSettings.DEDUP, dedup.maxBytes()));
  }

  private Applied apply(long index, Command.Publish command) {
    Attributes attributes = Attributes.NONE.with(Attributes.RAFT_INDEX, index);
    var records = new ArrayList<LogRecord>();
    var results = new ArrayList<Result>();
    long last = origins.last(command.origin());
    long number = command.first();
    for (Publication publication : command.publications()) {
      if (command.origin() != 0 && number != last + 1) {
        results.add(number <= last ? new Result.Repeated() : new Result.OutOfSequence(last + 1));
      } else {
        results.add(events.apply(publication, lastTime, attributes, records));
        last = number;
      }
      number++;
    }
    if (command.origin() != 0 && last > 0) {
      origins.advance(command.origin(), last);
    }
    return new Applied(records, results);
  }

  /** The offset of the next record. */
  public long next() {
    return events.next();
  }

  /** The time of the newest command, in milliseconds since 1970; never falls. */
  public long lastTime() {
    return lastTime;
  }

  /** Whether the log has begun, so that it has an epoch. */
  public boolean configured() {
    return configured;
  }

  public long epoch() {
    return events.epoch();
  }

  /**
   * The settings that all nodes have in common, numbers by name; empty until they are set. Any
   * thread.
   */
  Map<String, Long> settings() {
    return settings.all();
  }

  /** How long repetitions are recognised, in milliseconds; 0 for never. Any thread. */
  long onceMillis() {
    return dedup.windowMillis();
  }

  /** The maximum size of what repetitions are recognised by. Any thread. */
  long onceBytes() {
    return dedup.maxBytes();
  }

  /** The highest kind that a node must have known to apply the commands so far. Any thread. */
  int kind() {
    return kind;
  }

  /** A digest of the state with which the log begins; 0 if it begins empty. */
  long base() {
    return base;
  }

  CheckpointTable checkpoints() {
    return checkpoints;
  }

  /** The records that are kept until their own time. */
  RecordTable records() {
    return records;
  }

  /**
   * The time at which records have ended, by the clocks of a majority, as the last report made it
   * known; empty if that did not.
   */
  Optional<Instant> recordsEndBefore() {
    return recordsEndBefore;
  }

  /** The size of what repetitions are recognised by. */
  public long dedupBytes() {
    return dedup.bytes();
  }

  /** Encodes the state; equal states have equal bytes. */
  public byte[] encode() {
    return copy().encode();
  }

  /**
   * Copies the state, for encoding it on another thread: with a large table of deduplication that
   * takes longer than the thread that applies can wait.
   */
  Copy copy() {
    return new Copy(bytes(this::writeHead), dedup.copy(), bytes(this::writeTail));
  }

  /** A state that changes no more. */
  record Copy(byte[] head, DedupTable.Copy dedup, byte[] tail) {
    byte[] encode() {
      return bytes(
          to -> {
            to.write(head);
            dedup.write(to);
            to.write(tail);
          });
    }
  }

  private interface Part {
    void write(DataOutputStream to) throws IOException;
  }

  private static byte[] bytes(Part part) {
    var bytes = new ByteArrayOutputStream();
    try (var to = new DataOutputStream(bytes)) {
      part.write(to);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not possible: the output is an array
    }
    return bytes.toByteArray();
  }

  private void writeHead(DataOutputStream to) throws IOException {
    to.writeByte(format().number());
    to.writeLong(base);
    to.writeBoolean(configured);
    to.writeLong(events.epoch());
    to.writeLong(events.next());
    to.writeLong(lastTime);
    to.writeLong(leaderTime);
  }

  private StateFormat format() {
    return StateFormat.of(kind, !records.isEmpty());
  }

  private void writeTail(DataOutputStream to) throws IOException {
    origins.write(to);
    checkpoints.write(to);
    if (format().hasRecords()) {
      records.write(to);
      clocks.write(to);
    }
    if (format().hasKind()) {
      to.writeInt(kind);
      settings.write(to);
    }
  }

  /**
   * Decodes a state.
   *
   * @throws IOException if it is of another version, or damaged
   */
  public static ReplicatedState decode(byte[] bytes) throws IOException {
    try (var from = new DataInputStream(new ByteArrayInputStream(bytes))) {
      StateFormat format = StateFormat.read(from);
      return decode(from, format, from.readLong());
    }
  }

  /** Decodes the state with which a log begins, which has its digest as the base. */
  public static ReplicatedState decodeBase(byte[] bytes) throws IOException {
    try (var from = new DataInputStream(new ByteArrayInputStream(bytes))) {
      StateFormat format = StateFormat.read(from);
      from.readLong();
      var checksum = new CRC32C();
      checksum.update(bytes);
      ReplicatedState state = decode(from, format, checksum.getValue() + 1);
      state.configured = false; // begun by the first command, which has the base of all nodes
      return state;
    }
  }

  private static int readKind(DataInputStream from) throws IOException {
    int kind = from.readInt();
    if (kind > Command.KNOWN_KIND) {
      throw new IOException(
          "the state is that of a newer version, with commands of kind "
              + kind
              + "; this one knows those up to "
              + Command.KNOWN_KIND);
    }
    return kind;
  }

  private static ReplicatedState decode(DataInputStream from, StateFormat format, long base)
      throws IOException {
    boolean configured = from.readBoolean();
    long epoch = from.readLong();
    long next = from.readLong();
    long lastTime = from.readLong();
    long leaderTime = from.readLong();
    DedupTable dedup = DedupTable.read(from);
    OriginTable origins = OriginTable.read(from);
    CheckpointTable checkpoints = CheckpointTable.read(from);
    RecordTable records = format.hasRecords() ? RecordTable.read(from) : new RecordTable();
    VoterClocks clocks = format.hasRecords() ? VoterClocks.read(from) : new VoterClocks();
    var events = new EventSequence(dedup, epoch, next);
    var state = new ReplicatedState(base, events, origins, checkpoints, records, clocks);
    if (format.hasKind()) {
      state.kind = readKind(from);
      state.settings.read(from);
    }
    state.configured = configured;
    state.lastTime = lastTime;
    state.leaderTime = leaderTime;
    return state;
  }
}
