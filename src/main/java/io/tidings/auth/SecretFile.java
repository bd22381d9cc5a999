package io.tidings.auth;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * A file with a secret for HS256: text of at least 32 bytes, whose bytes are the key, without the
 * end of the line. Blocks: workers and the command line only.
 */
final class SecretFile {
  /** Its name in {@code log.dir}. */
  static final String NAME = "secret";

  private static final System.Logger LOG = System.getLogger(SecretFile.class.getName());
  private static final int MIN_BYTES = 32;
  private static final int MAX_BYTES = 4096;
  private static final int RANDOM_BYTES = 32;

  private SecretFile() {}

  /**
   * @throws UnusableKeys if it can't be read, is short, or is readable by all users
   */
  static SecretKey read(Path file) throws UnusableKeys {
    byte[] content;
    try {
      if (readableByAll(file)) {
        throw new UnusableKeys("must not be readable by all users; chmod 600 " + file);
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new UnusableKeys("must have at most " + MAX_BYTES + " bytes");
      }
      content = Files.readAllBytes(file);
    } catch (UnusableKeys e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new UnusableKeys("does not exist");
    } catch (IOException e) {
      throw new UnusableKeys("can't be read: " + e.getClass().getSimpleName());
    }
    int length = content.length;
    while (length > 0 && (content[length - 1] == '\n' || content[length - 1] == '\r')) {
      length--;
    }
    if (length < MIN_BYTES) {
      throw new UnusableKeys("must have at least " + MIN_BYTES + " bytes");
    }
    return new SecretKeySpec(Arrays.copyOf(content, length), "HmacSHA256");
  }

  /**
   * Creates the file with a random secret, unless it exists. It has its whole content from the
   * first moment, and is never readable by others; of two processes that create it at once, both
   * use the first one's. What root creates belongs to the owner of the directory that was there:
   * the hub that is to read it may run as another user.
   */
  static void create(Path file) throws IOException {
    Path dir = file.toAbsolutePath().getParent();
    UserPrincipal owner = createDirectory(dir);
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n";
    Path draft = Files.createTempFile(dir, ".secret", ".new", permissions(dir, "rw-------"));
    try {
      write(draft, text, Set.of(StandardOpenOption.WRITE, NOFOLLOW_LINKS));
      giveTo(owner, draft);
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      // it is used as it is
    } catch (UnsupportedOperationException e) { // no hard links here
      write(file, text, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
      giveTo(owner, file);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /** Creates it, unless it is there; returns whose it is. */
  private static UserPrincipal createDirectory(Path dir) throws IOException {
    if (Files.exists(dir)) {
      return Files.getOwner(dir); // be it by a link: that was there
    }
    UserPrincipal owner = createDirectory(dir.getParent());
    Files.createDirectories(dir, permissions(dir, "rwxr-x---"));
    giveTo(owner, dir);
    return owner;
  }

  /**
   * Without effect for others than root. Follows no link: who owns the directory could have
   * replaced by one what root has created in it.
   */
  static void giveTo(UserPrincipal owner, Path created) throws IOException {
    if (!posix(created) || !Files.getAttribute(created, "unix:uid", NOFOLLOW_LINKS).equals(0)) {
      return;
    }
    try {
      Files.getFileAttributeView(created, PosixFileAttributeView.class, NOFOLLOW_LINKS)
          .setOwner(owner);
    } catch (FileSystemException e) {
      LOG.log(
          System.Logger.Level.WARNING, "{0} stays the file of root: {1}", created, e.getReason());
    }
  }

  private static void write(Path file, String text, Set<? extends OpenOption> how)
      throws IOException {
    try (var channel = FileChannel.open(file, how, permissions(file, "rw-------"))) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  private static boolean readableByAll(Path file) throws IOException {
    Optional<Set<PosixFilePermission>> permissions =
        posix(file) ? Optional.of(Files.getPosixFilePermissions(file)) : Optional.empty();
    return permissions.map(all -> all.contains(PosixFilePermission.OTHERS_READ)).orElse(false);
  }

  private static FileAttribute<?>[] permissions(Path path, String permissions) {
    List<FileAttribute<?>> attributes =
        posix(path)
            ? List.of(
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)))
            : List.of();
    return attributes.toArray(FileAttribute[]::new);
  }

  static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
