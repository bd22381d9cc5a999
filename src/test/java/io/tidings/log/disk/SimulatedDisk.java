package io.tidings.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk in memory. Each operation can be made to fail once, several times or until the disk is
 * healed, and the process or the power can end at any operation. One thread.
 */
final class SimulatedDisk implements Directory {
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

  /** Starts another process, which sees everything that the previous one wrote. */
  void restart() {
    heal();
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
    }
    namesForced();
  }

  private void namesForced() {
    names.clear();
    names.add(new TreeMap<>(files));
  }

  private byte[] torn(Content content) {
    if (content.bytes == content.forced || random.nextInt(3) == 0) {
      return content.bytes;
    } else if (random.nextBoolean()) {
      return content.forced;
    }
    // the file has its new size, but not all of its new bytes
    byte[] torn = Arrays.copyOf(content.forced, content.bytes.length);
    int more = random.nextInt(torn.length + 1);
    if (more > content.forced.length) {
      System.arraycopy(
          content.bytes,
          content.forced.length,
          torn,
          content.forced.length,
          more - content.forced.length);
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
    begin(Operation.FORCE);
    namesForced();
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
      room -= room == Long.MAX_VALUE ? 0 : Math.min(room, grown);
    }

    @Override
    public void truncate(long size) throws IOException {
      begin(Operation.TRUNCATE);
      if (size < content.bytes.length) {
        content.bytes = Arrays.copyOf(content.bytes, (int) size);
      }
    }

    @Override
    public void force() throws IOException {
      begin(Operation.FORCE);
      content.forced = content.bytes;
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
