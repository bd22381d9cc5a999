package io.tidings.log.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Files that are complete and on the disk when they get their names. Blocks. */
final class DurableFiles {
  /** Behind the name of a file that is being written. */
  static final String UNFINISHED = ".unfinished";

  private DurableFiles() {}

  /** Writes a file, or replaces it. */
  static void write(Path file, byte[] contents) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
    writeForced(unfinished, contents);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    forceNames(file.getParent());
  }

  /** Writes a file whose name does not count yet. */
  static void writeForced(Path unfinished, byte[] contents) throws IOException {
    try (FileChannel to =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(contents);
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
      to.force(true);
    }
  }

  /** Forces the names in a directory to the disk. */
  static void forceNames(Path directory) throws IOException {
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  /** Deletes a directory with all that is in it, if it exists. */
  static void deleteAll(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    }
  }
}
