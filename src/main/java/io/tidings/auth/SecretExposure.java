package io.tidings.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Reports when a secret's file becomes readable by others while it is in use. The secret stays in
 * use, since a hub that refused its tokens would only be of service to whoever changed the file.
 * Confined to the reading of the file.
 */
final class SecretExposure {
  private static final System.Logger LOG = System.getLogger(SecretExposure.class.getName());

  private final Path file;

  /** The permissions at the last look; empty before the first. */
  private Optional<Set<PosixFilePermission>> known = Optional.empty();

  SecretExposure(Path file) {
    this.file = file;
  }

  /** Reports if others may read the file who could not at the last look. Blocks. */
  void look() throws IOException {
    if (!SecretFile.posix(file)) {
      return;
    }
    Set<PosixFilePermission> now = Files.getPosixFilePermissions(file);
    boolean byAll = widened(now, PosixFilePermission.OTHERS_READ);
    if (byAll || widened(now, PosixFilePermission.GROUP_READ)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} can now be read by {1} ({2}), who can make tokens with it. It stays in use; chmod 600"
              + " it, and replace the secret if somebody may have read it",
          file,
          byAll ? "all users" : "its group",
          PosixFilePermissions.toString(now));
    }
    known = Optional.of(now);
  }

  private boolean widened(Set<PosixFilePermission> now, PosixFilePermission read) {
    return now.contains(read) && known.isPresent() && !known.get().contains(read);
  }
}
