package io.tidings.chaos;

import io.tidings.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * The certificates of the nodes of a run, signed by an authority of its own, in files that the
 * nodes follow. Used by one thread at a time.
 */
final class RunCertificates {
  /** How often the nodes look whether the files have changed. */
  static final Duration RELOAD = Duration.ofSeconds(1);

  private static final Duration LONG = Duration.ofHours(24);
  private static final String CERT = "cert.pem";
  private static final String KEY = "key.pem";
  private static final String CA = "ca.pem";

  private final Path directory;
  private final Network network;
  private TestAuthority authority;
  private int issued;
  private int authorities;

  private RunCertificates(Path directory, Network network) {
    this.directory = directory;
    this.network = network;
  }

  /**
   * @param directory of the run
   */
  static RunCertificates create(Path directory, Network network) throws IOException {
    Path own = Files.createDirectory(directory.resolve("tls"));
    var certificates = new RunCertificates(own, network);
    certificates.authority = certificates.newAuthority();
    return certificates;
  }

  /** Creates another authority, which signs from now on; returns the one before. */
  TestAuthority replaceAuthority() throws IOException {
    TestAuthority old = authority;
    authority = newAuthority();
    return old;
  }

  private TestAuthority newAuthority() throws IOException {
    try {
      return TestAuthority.create(directory, "authority" + ++authorities);
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  TestAuthority authority() {
    return authority;
  }

  /** The settings by which a node finds its files. */
  List<String> settings(int node) {
    return List.of(
        "cluster.tls.cert=" + file(node, CERT),
        "cluster.tls.key=" + file(node, KEY),
        "cluster.tls.ca=" + file(node, CA),
        "cluster.tls.reload=" + RELOAD.toSeconds() + "s");
  }

  private Path file(int node, String name) {
    return directory.resolve("node" + node).resolve(name);
  }

  /** Gives a node that does not run what it needs. */
  void prepare(int node) throws IOException {
    Files.createDirectories(directory.resolve("node" + node));
    install(node);
    trust(node, authority);
  }

  /** Gives a node another certificate that is valid for longer than a run; returns its subject. */
  String install(int node) throws IOException {
    return install(node, Instant.now().plus(LONG));
  }

  /** Gives a node a certificate that expires then, or has expired; returns its subject. */
  String install(int node, Instant expires) throws IOException {
    try {
      String subject = "node" + node + "-" + ++issued;
      TestAuthority.Issued files = authority.issue(subject, "ip:" + network.address(node), expires);
      replace(files.key(), file(node, KEY));
      replace(files.cert(), file(node, CERT));
      return subject;
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /** The authorities whose certificates a node accepts from now on. */
  void trust(int node, TestAuthority... accepted) throws IOException {
    Path all = Files.createTempFile(directory, "ca", ".pem");
    var text = new StringBuilder();
    for (TestAuthority one : Stream.of(accepted).distinct().toList()) {
      text.append(Files.readString(one.file()));
    }
    Files.writeString(all, text);
    replace(all, file(node, CA));
  }

  private static void replace(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
