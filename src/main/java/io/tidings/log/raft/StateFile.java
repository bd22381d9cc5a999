package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.util.MD5FileUtil;

/**
 * A file with a saved state, as Ratis finds it.
 *
 * @param term of the last command
 * @param index of the last command
 */
record StateFile(Path path, long term, long index) {
  private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");
  private static final String UNFINISHED = "state.unfinished";

  static StateFile in(Path directory, long term, long index) {
    return new StateFile(directory.resolve("snapshot." + term + "_" + index), term, index);
  }

  /** Those in a directory, the newest first; none if it does not exist. */
  static List<StateFile> newestFirst(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(StateFile::parse)
          .flatMap(Optional::stream)
          .sorted(Comparator.comparingLong(StateFile::index).reversed())
          .toList();
    }
  }

  private static Optional<StateFile> parse(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches()
        ? Optional.of(
            new StateFile(file, Long.parseLong(name.group(1)), Long.parseLong(name.group(2))))
        : Optional.empty();
  }

  /**
   * Writes it, with its checksum beside it, and forces both to the disk.
   *
   * @throws IOException if that failed; then the states before are still there
   */
  MD5Hash write(byte[] bytes) throws IOException {
    Path unfinished = path.resolveSibling(UNFINISHED);
    DurableFiles.writeForced(unfinished, bytes);
    MD5Hash hash = MD5FileUtil.computeMd5ForFile(unfinished.toFile());
    MD5FileUtil.saveMD5File(path.toFile(), hash); // first: each state has one
    Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
    DurableFiles.forceNames(path.getParent());
    return hash;
  }

  /**
   * Reads it.
   *
   * @throws IOException also if it is not what its checksum says
   */
  byte[] read() throws IOException {
    MD5FileUtil.verifySavedMD5(path.toFile(), MD5FileUtil.computeMd5ForFile(path.toFile()));
    return Files.readAllBytes(path);
  }
}
