package io.tidings.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk in memory. Each operation can be made to fail once, several times or until the disk is
 * healed, and the process or the power can end at any operation. One thread.
 */
final class SimulatedDisk implements Directory {
  private static final int PAGE = 64;

  /** The operations that can fail. */
  enum Operation {
    WRITE,
    FORCE,
    TRUNCATE,
    READ,
    RENAME,
    CREATE,
    DELETE
  }

  /** Thrown after the process has ended: its further operations have no effect. */
  static final class ProcessEnded extends Error {
    private static final long serialVersionUID = 1L;

    ProcessEnded() {
      super("the process has ended", null, false, false);
    }
  }

  private final Random random;
  private final List<Fault> faults = new ArrayList<>();
  private Map<String, Content> files = new TreeMap<>();

  /** The directory when it was forced last, and after each change since then. */
  private final List<Map<String, Content>> names = new ArrayList<>(List.of(new TreeMap<>()));

  private int operations;
  private int endsAt = Integer.MAX_VALUE;
  private long room = Long.MAX_VALUE;
  private boolean dropsUnforced;
  private int failedForces;

  /** A fault of one operation, after a number of successes, a number of times. */
  private static final class Fault {
    private final Operation operation;
    private int after;
    private int times;

    Fault(Operation operation, int after, int times) {
      this.operation = operation;
      this.after = after;
      this.times = times;
    }

    boolean fires(Operation now) {
      return now == operation && after-- <= 0 && times-- > 0;
    }
  }

  /** A file: the bytes that the process sees, and those that were forced. */
  private static final class Content {
    private byte[] bytes = {};
    private byte[] forced = {};

    /** The pages that are not on the disk, and that no force writes unless they change again. */
    private final BitSet dropped = new BitSet();

    /** The bytes that a force brings to the disk. */
    private byte[] writable() {
      if (dropped.isEmpty()) {
        return bytes;
      }
      byte[] writable = bytes.clone();
      dropped.stream().forEach(page -> copyPage(forced, writable, page));
      return writable;
    }

    private static void copyPage(byte[] from, byte[] to, int page) {
      for (int at = page * PAGE; at < Math.min(to.length, (page + 1) * PAGE); at++) {
        to[at] = at < from.length ? from[at] : 0;
      }
    }

    /** A force failed: each page was written or not, and none is written by the next force. */
    private void drop(Random random) {
      byte[] written = Arrays.copyOf(forced, Math.max(forced.length, bytes.length));
      for (int page = 0; page * PAGE < bytes.length; page++) {
        if (!dropped.get(page)) {
          if (random.nextBoolean()) {
            copyPage(bytes, written, page);
          } else {
            dropped.set(page);
          }
        }
      }
      forced = written;
    }

    /** Bytes were written or cut off, so that their pages are written by the next force. */
    private void changed(int from, int to) {
      dropped.clear(from / PAGE, to / PAGE + 1);
    }
  }

  SimulatedDisk(Random random) {
    this.random = random;
  }

  /**
   * Makes an operation fail.
   *
   * @param after the number of operations that succeed before
   */
  void fail(Operation operation, int after, int times) {
    faults.add(new Fault(operation, after, times));
  }

  /** Limits the free space of the disk. */
  void room(long bytes) {
    room = bytes;
  }

  /**
   * From now on a failed force drops what it did not write, as Linux does: the process still sees
   * it, the next force succeeds without it, and a power cut loses it.
   */
  void dropsUnforced() {
    dropsUnforced = true;
  }

  /** How often forcing failed. */
  int failedForces() {
    return failedForces;
  }

  /** Ends all faults. */
  void heal() {
    faults.clear();
    room = Long.MAX_VALUE;
  }

  /** Ends the process after the given number of further operations. */
  void endAfter(int more) {
    endsAt = operations + more;
  }

  boolean ended() {
    return operations > endsAt;
  }

  int operations() {
    return operations;
  }

  /**
   * Starts another process, which sees everything that the previous one wrote; what a force dropped
   * may have left the system's memory.
   */
  void restart() {
    heal();
    for (Content content : files.values()) {
      if (!content.dropped.isEmpty() && random.nextBoolean()) {
        content.bytes = content.writable();
        content.dropped.clear();
      }
    }
    endsAt = Integer.MAX_VALUE;
  }

  /** Cuts the power: of the changes that were not forced, a random part survives. */
  void powerCut() {
    restart();
    // names change in order, as in file systems with a journal
    files = new TreeMap<>(names.get(random.nextInt(names.size())));
    for (Content content : files.values()) {
      content.bytes = torn(content);
      content.forced = content.bytes;
      content.dropped.clear();
    }
    namesForced();
  }

  private void namesForced() {
    names.clear();
    names.add(new TreeMap<>(files));
  }

  private byte[] torn(Content content) {
    byte[] bytes = content.writable();
    if (bytes == content.forced || random.nextInt(3) == 0) {
      return bytes;
    } else if (random.nextBoolean()) {
      return content.forced;
    }
    // the file has its new size, but not all of its new bytes
    byte[] torn = Arrays.copyOf(content.forced, bytes.length);
    int more = random.nextInt(torn.length + 1);
    if (more > content.forced.length) {
      System.arraycopy(
          bytes, content.forced.length, torn, content.forced.length, more - content.forced.length);
    }
    return torn;
  }

  private void begin(Operation operation) throws IOException {
    operations++;
    if (ended()) {
      throw new ProcessEnded();
    }
    for (Fault fault : faults) {
      if (fault.fires(operation)) {
        throw new IOException(operation + " fails");
      }
    }
  }

  @Override
  public String path() {
    return "simulated";
  }

  @Override
  public List<String> names() throws IOException {
    begin(Operation.READ);
    return List.copyOf(files.keySet());
  }

  @Override
  public boolean exists(String name) {
    return files.containsKey(name);
  }

  @Override
  public DataFile create(String name) throws IOException {
    begin(Operation.CREATE);
    Content content = files.computeIfAbsent(name, n -> new Content());
    content.bytes = new byte[0];
    content.dropped.clear();
    names.add(new TreeMap<>(files));
    return new OpenFile(content);
  }

  @Override
  public DataFile open(String name, Access access) throws IOException {
    begin(Operation.READ);
    Content content = files.get(name);
    if (content == null) {
      throw new NoSuchFileException(name);
    }
    return new OpenFile(content);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    begin(Operation.RENAME);
    files.put(to, files.remove(from));
    names.add(new TreeMap<>(files));
  }

  @Override
  public void delete(String name) throws IOException {
    begin(Operation.DELETE);
    files.remove(name);
    names.add(new TreeMap<>(files));
  }

  @Override
  public void force() throws IOException {
    try {
      begin(Operation.FORCE);
    } catch (IOException e) {
      failedForces++;
      throw e;
    }
    namesForced();
  }

  @Override
  public long usableBytes() {
    return room;
  }

  private final class OpenFile implements DataFile {
    private final Content content;

    OpenFile(Content content) {
      this.content = content;
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
      begin(Operation.READ);
      if (position >= content.bytes.length) {
        return -1;
      }
      int count = (int) Math.min(to.remaining(), content.bytes.length - position);
      to.put(content.bytes, (int) position, count);
      return count;
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
      int all = bytes.remaining();
      try {
        begin(Operation.WRITE);
        if (position + all - content.bytes.length > room) {
          throw new IOException("No space left on device");
        }
      } catch (IOException | ProcessEnded e) {
        if (operations <= endsAt + 1) { // part of it may have been written
          put(bytes, position, (int) Math.min(random.nextInt(all + 1), room));
        }
        throw e;
      }
      put(bytes, position, all);
    }

    private void put(ByteBuffer bytes, long position, int count) {
      int end = (int) position + count;
      long grown = Math.max(0, end - content.bytes.length);
      byte[] changed = Arrays.copyOf(content.bytes, Math.max(end, content.bytes.length));
      bytes.get(changed, (int) position, count);
      content.bytes = changed;
      content.changed((int) position, end);
      room -= room == Long.MAX_VALUE ? 0 : Math.min(room, grown);
    }

    @Override
    public void truncate(long size) throws IOException {
      begin(Operation.TRUNCATE);
      if (size < content.bytes.length) {
        int before = content.bytes.length;
        content.bytes = Arrays.copyOf(content.bytes, (int) size);
        content.changed((int) size, before);
      }
    }

    @Override
    public void force() throws IOException {
      try {
        begin(Operation.FORCE);
      } catch (IOException e) {
        failedForces++;
        if (dropsUnforced) {
          content.drop(random);
        }
        throw e;
      }
      content.forced = content.writable();
    }

    @Override
    public long size() throws IOException {
      begin(Operation.READ);
      return content.bytes.length;
    }

    @Override
    public void close() {
      // no resources
    }
  }
}
