package io.tidings.tls;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.TlsFiles;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509KeyManager;

/**
 * The contents of all files that the settings name. Equal if their bytes are, whatever their time
 * of modification or the directory that a symbolic link leads to: Kubernetes replaces a directory
 * of such files by changing one link.
 *
 * @param pairs in the order of the settings
 * @param authorities the certificates of those who sign peers' certificates
 */
record PemFiles(List<Pair> pairs, Optional<Buffer> authorities) {
  /** Longer than any chain of certificates; something else was named by mistake. */
  private static final long MAX_BYTES = 1 << 20;

  /** The bytes of a certificate's file and of its key's. Has no text form, because of the key. */
  record Pair(Buffer cert, Buffer key) {
    /**
     * What the JDK reads in them; the first of its aliases is the certificate's.
     *
     * @throws Exception if that is no certificate with its key; the message may quote the file
     */
    X509KeyManager read() throws Exception {
      return (X509KeyManager)
          new PemKeyCertOptions()
              .addCertValue(cert)
              .addKeyValue(key)
              .getKeyManagerFactory(null)
              .getKeyManagers()[0];
    }

    @Override
    public String toString() {
      return "a certificate and its key";
    }
  }

  /**
   * Reads the files. Blocks.
   *
   * @throws InvalidSetting if one can't be read
   */
  static PemFiles read(TlsFiles settings) {
    var pairs = new ArrayList<Pair>();
    for (TlsFiles.Pair pair : settings.pairs()) {
      pairs.add(
          new Pair(
              read(settings.certSetting(), pair.cert()), read(settings.keySetting(), pair.key())));
    }
    return new PemFiles(
        List.copyOf(pairs),
        settings.authorities().map(named -> read(named.setting(), named.file())));
  }

  private static Buffer read(String setting, String file) {
    try {
      Path path = Path.of(file);
      if (Files.isRegularFile(path) && Files.size(path) > MAX_BYTES) {
        throw InvalidSetting.of(setting, file, "must be a PEM file of at most 1MiB");
      }
      return Buffer.buffer(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      throw InvalidSetting.of(setting, file, "does not exist");
    } catch (IOException | InvalidPathException e) {
      throw InvalidSetting.of(
          setting, file, "can't be read (" + e.getClass().getSimpleName() + ")");
    }
  }
}
