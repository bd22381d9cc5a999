package io.tidings.auth;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;

/**
 * Keys in a file, which is read again when it was changed. Reads on a worker, one at a time. Who
 * may read a secret is looked at each time.
 */
final class KeyFile implements KeyLoader {
  /** How a file's content becomes keys. */
  interface Reader {
    KeySet read(Path file) throws IOException;
  }

  /** What tells a changed file; symbolic links are followed. */
  private record Stamp(FileTime modified, long size, Optional<Object> file) {
    static Stamp of(Path file) throws IOException {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(
          attributes.lastModifiedTime(),
          attributes.size(),
          Optional.ofNullable(attributes.fileKey()));
    }
  }

  private record Content(Stamp stamp, KeySet keys) {}

  private final Vertx vertx;
  private final Path file;
  private final boolean optional;
  private final Reader reader;
  private final Optional<SecretExposure> exposure;
  private volatile Optional<Content> content = Optional.empty();

  private KeyFile(
      Vertx vertx, Path file, boolean optional, Reader reader, Optional<SecretExposure> exposure) {
    this.exposure = exposure;
    this.vertx = vertx;
    this.file = file;
    this.optional = optional;
    this.reader = reader;
  }

  /** A file of public keys, in PEM or as a JWKS. */
  static KeyFile ofPublicKeys(Vertx vertx, Path file) {
    return new KeyFile(vertx, file, false, KeyFile::publicKeys, Optional.empty());
  }

  /**
   * A file with a secret.
   *
   * @param optional whether the file may be missing, which is a key set without keys
   */
  static KeyFile ofSecret(Vertx vertx, Path file, boolean optional) {
    return new KeyFile(
        vertx,
        file,
        optional,
        path -> new KeySet(List.of(VerificationKey.of(SecretFile.read(path)))),
        Optional.of(new SecretExposure(file)));
  }

  @Override
  public Future<Loaded> load() {
    return vertx.executeBlocking(() -> new Loaded(read(), Optional.empty()));
  }

  private KeySet read() throws IOException {
    try {
      Stamp stamp = Stamp.of(file);
      Optional<Content> known = content.filter(last -> last.stamp().equals(stamp));
      if (known.isEmpty()) {
        content = Optional.of(new Content(stamp, reader.read(file)));
      }
      if (exposure.isPresent()) {
        exposure.get().look();
      }
      return content.orElseThrow().keys();
    } catch (NoSuchFileException e) {
      if (optional) {
        content = Optional.empty();
        return KeySet.NONE;
      }
      throw new UnusableKeys("does not exist");
    } catch (UnusableKeys e) {
      throw e;
    } catch (IOException e) {
      throw new UnusableKeys("can't be read: " + e.getClass().getSimpleName());
    }
  }

  private static KeySet publicKeys(Path file) throws IOException {
    if (Files.size(file) > KeyParser.MAX_BYTES) {
      throw new UnusableKeys("must have at most " + KeyParser.MAX_BYTES + " bytes");
    }
    return KeyParser.parse(Files.readAllBytes(file));
  }
}
