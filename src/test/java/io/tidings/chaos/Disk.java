package io.tidings.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's disk: an ext4 file system in a file, which can be full, hang, fail, or lose what was not
 * flushed as by a power cut. It is mounted in the run's directory below a name that contains the
 * network's, by which an abandoned one is found.
 */
final class Disk implements AutoCloseable {
  private static final String SIZE = System.getProperty("chaos.disk", "4G");
  private static final String FILLING = "filling";
  private static final long REST = 32 << 20;

  private final Path image;
  private final Path mountPoint;

  private Disk(Path image, Path mountPoint) {
    this.image = image;
    this.mountPoint = mountPoint;
  }

  static Disk create(Path directory, String network, int node) throws IOException {
    Path image = directory.resolve("disk" + node);
    Path mountPoint = Files.createDirectory(directory.resolve(network + "-disk" + node));
    Shell.run("truncate", "--size", SIZE, image.toString());
    Shell.run(
        "mkfs.ext4",
        "-qF",
        "-m",
        "0",
        "-E",
        "lazy_itable_init=1,lazy_journal_init=1",
        image.toString());
    var disk = new Disk(image, mountPoint);
    disk.mount();
    return disk;
  }

  private void mount() throws IOException {
    Shell.run("mount", "-o", "loop", image.toString(), mountPoint.toString());
  }

  /** A directory on it. */
  Path data() {
    return mountPoint.resolve("data");
  }

  /** Removes all files. */
  void empty() throws IOException {
    Shell.run("rm", "-rf", "--one-file-system", data().toString(), away().toString());
  }

  /** Takes what the node has stored away, as if the disk had been replaced. */
  void takeAway() throws IOException {
    Shell.run("rm", "-rf", "--one-file-system", away().toString());
    Files.move(data(), away());
  }

  /** Puts it back, in the place of what was stored since. */
  void putBack() throws IOException {
    Shell.run("rm", "-rf", "--one-file-system", data().toString());
    Files.move(away(), data());
  }

  private Path away() {
    return mountPoint.resolve("away");
  }

  /** From now on nothing can be allocated. */
  void fill() throws IOException {
    // in two steps: the node writes meanwhile; the second takes the rest, block by block
    long most = Math.max(1, mountPoint.toFile().getUsableSpace() - REST);
    Shell.run("fallocate", "-l", "" + most, mountPoint.resolve(FILLING).toString());
    Shell.tryAll(
        List.<String[]>of(
            new String[] {
              "dd",
              "if=/dev/zero",
              "of=" + mountPoint.resolve(FILLING + "2"),
              "bs=64k",
              "status=none"
            }));
  }

  void free() throws IOException {
    Files.deleteIfExists(mountPoint.resolve(FILLING));
    Files.deleteIfExists(mountPoint.resolve(FILLING + "2"));
  }

  /** From now on every write waits. */
  void freeze() throws IOException {
    Shell.run("fsfreeze", "-f", mountPoint.toString());
  }

  void thaw() throws IOException {
    Shell.run("fsfreeze", "-u", mountPoint.toString());
  }

  /** From now on every access fails, and what was not flushed is lost. */
  void fail() throws IOException {
    Shell.run("python3", Network.resource("fail_disk.py"), mountPoint.toString());
  }

  /** Mounts it again after {@link #fail}; nobody may use it. */
  void recover() throws IOException {
    Shell.run("umount", mountPoint.toString());
    mount();
  }

  /** The commands that unmount all disks of an abandoned network. */
  static List<String[]> removal(String network) throws IOException {
    var commands = new ArrayList<String[]>();
    for (String target : Shell.run("findmnt", "-rno", "TARGET").lines().toList()) {
      if (target.contains("/" + network + "-disk")) {
        commands.add(new String[] {"fsfreeze", "-u", target});
        commands.add(new String[] {"umount", "-l", target});
      }
    }
    return commands;
  }

  /** Removes it with all that it has. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(mountPoint);
    Files.deleteIfExists(image);
  }
}
