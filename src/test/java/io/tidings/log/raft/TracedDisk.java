package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory with all below it, after some of the operations of a process: as another process sees
 * it, or as a power cut leaves it. Of what was not forced, a power cut keeps a part: names of one
 * directory change in order, as in file systems with a journal, those of two directories
 * independently.
 */
final class TracedDisk {
  private final Node root;

  /** A file or a directory. */
  private sealed interface Node {
    void write(Path to, Cut cut) throws IOException;

    void force();
  }

  /** What of a change that was not forced is left. */
  private interface Cut {
    TreeMap<String, Node> names(DirectoryNode directory);

    byte[] bytes(FileNode file);
  }

  private static final class FileNode implements Node {
    private byte[] bytes = {};
    private byte[] forced = {};

    @Override
    public void write(Path to, Cut cut) throws IOException {
      Files.write(to, cut.bytes(this));
    }

    @Override
    public void force() {
      forced = bytes;
    }
  }

  private static final class DirectoryNode implements Node {
    private final TreeMap<String, Node> names = new TreeMap<>();

    /** The names when they were forced last, and after each change since then. */
    private final List<TreeMap<String, Node>> since = new ArrayList<>();

    @Override
    public void write(Path to, Cut cut) throws IOException {
      Files.createDirectories(to);
      for (Map.Entry<String, Node> one : cut.names(this).entrySet()) {
        one.getValue().write(to.resolve(one.getKey()), cut);
      }
    }

    @Override
    public void force() {
      since.clear();
      changed();
    }

    private void changed() {
      since.add(new TreeMap<>(names));
    }
  }

  private TracedDisk(Node root) {
    this.root = root;
  }

  /** All of a directory, which is on the disk. */
  static TracedDisk read(Path directory) throws IOException {
    return new TracedDisk(node(directory));
  }

  private static Node node(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      var file = new FileNode();
      file.bytes = Files.readAllBytes(path);
      file.force();
      return file;
    }
    var directory = new DirectoryNode();
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        directory.names.put(file.getFileName().toString(), node(file));
      }
    }
    directory.force();
    return directory;
  }

  private Node find(Path path) {
    Node found = root;
    for (Path name : path) {
      found = name.toString().isEmpty() ? found : ((DirectoryNode) found).names.get("" + name);
    }
    return found;
  }

  private void put(Path path, Node node) {
    DirectoryNode parent = parent(path);
    parent.names.put(path.getFileName().toString(), node);
    parent.changed();
  }

  private Node remove(Path path) {
    DirectoryNode parent = parent(path);
    Node removed = parent.names.remove(path.getFileName().toString());
    parent.changed();
    return removed;
  }

  private DirectoryNode parent(Path path) {
    return (DirectoryNode) (path.getParent() == null ? root : find(path.getParent()));
  }

  void apply(FileOperation operation) {
    Path path = operation.path();
    switch (operation.kind()) {
      case CREATE -> put(path, new FileNode());
      case MKDIR -> {
        var made = new DirectoryNode();
        made.force(); // that it has no names
        put(path, made);
      }
      case DELETE -> remove(path);
      case RENAME -> rename(path, Path.of(operation.argument()));
      case FORCE -> find(path).force();
      case EMPTY -> ((FileNode) find(path)).bytes = new byte[0];
      case TRUNCATE -> truncate((FileNode) find(path), Integer.parseInt(operation.argument()));
      case WRITE -> {
        byte[] bytes = operation.bytes();
        write((FileNode) find(path), Integer.parseInt(operation.argument()), bytes);
      }
      case OPEN -> {
        // nothing has changed
      }
    }
  }

  private void rename(Path from, Path to) {
    DirectoryNode parent = parent(from);
    if (parent != parent(to)) {
      throw new IllegalStateException("not in one directory: " + from + " " + to);
    }
    parent.names.put(
        to.getFileName().toString(), parent.names.remove(from.getFileName().toString()));
    parent.changed();
  }

  private static void truncate(FileNode file, int size) {
    file.bytes = Arrays.copyOf(file.bytes, size);
  }

  private static void write(FileNode file, int at, byte[] bytes) {
    byte[] changed = Arrays.copyOf(file.bytes, Math.max(file.bytes.length, at + bytes.length));
    System.arraycopy(bytes, 0, changed, at, bytes.length);
    file.bytes = changed;
  }

  /** Writes what another process finds. */
  void writeTo(Path directory) throws IOException {
    root.write(
        directory,
        new Cut() {
          @Override
          public TreeMap<String, Node> names(DirectoryNode of) {
            return of.names;
          }

          @Override
          public byte[] bytes(FileNode of) {
            return of.bytes;
          }
        });
  }

  /** Writes what a power cut leaves. */
  void writeCutTo(Path directory, Random random) throws IOException {
    root.write(
        directory,
        new Cut() {
          @Override
          public TreeMap<String, Node> names(DirectoryNode of) {
            return of.since.get(random.nextInt(of.since.size()));
          }

          @Override
          public byte[] bytes(FileNode of) {
            return of.bytes == of.forced ? of.bytes : torn(of, random);
          }
        });
  }

  private static byte[] torn(FileNode file, Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> file.bytes;
      case 1 -> file.forced;
      default -> {
        byte[] torn = Arrays.copyOf(file.forced, file.bytes.length);
        int written = random.nextInt(torn.length + 1);
        System.arraycopy(file.bytes, 0, torn, 0, written);
        yield torn;
      }
    };
  }
}
