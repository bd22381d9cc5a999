package io.tidings.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directory of the file system. Its directories and files are created with the permissions 0750
 * and 0640, reduced by the umask: only the owner and the group have access.
 */
final class FileDirectory implements Directory {
  private final Path path;

  FileDirectory(Path path) {
    this.path = path;
  }

  /** Creates the directory and its parents if they are missing. */
  static void createDirectories(Path path) throws IOException {
    if (posix(path)) {
      Files.createDirectories(path, permissions("rwxr-x---"));
    } else {
      Files.createDirectories(path);
    }
  }

  @Override
  public String path() {
    return path.toString();
  }

  @Override
  public List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public boolean exists(String name) {
    return Files.exists(path.resolve(name));
  }

  @Override
  public DataFile create(String name) throws IOException {
    return new ChannelFile(
        channel(
            path.resolve(name),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  @Override
  public DataFile open(String name, Access access) throws IOException {
    return new ChannelFile(
        access == Access.READ_ONLY
            ? channel(path.resolve(name), StandardOpenOption.READ)
            : channel(path.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(path.resolve(from), path.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(path.resolve(name));
  }

  @Override
  public void force() throws IOException {
    try (var directory = FileChannel.open(path, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  @Override
  public long usableBytes() throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  /** Opens a file; if the options create it, it gets the permissions of the log's files. */
  static FileChannel channel(Path file, StandardOpenOption... options) throws IOException {
    return posix(file)
        ? FileChannel.open(file, Set.of(options), permissions("rw-r-----"))
        : FileChannel.open(file, options);
  }

  private static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  private record ChannelFile(FileChannel channel) implements DataFile {
    @Override
    public int read(ByteBuffer to, long position) throws IOException {
      return channel.read(to, position);
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
      long at = position;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
