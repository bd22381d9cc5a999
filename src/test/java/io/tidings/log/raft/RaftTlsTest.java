package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.CapturedLog;
import io.tidings.TestAuthority;
import io.tidings.Wait;
import io.tidings.settings.Settings;
import io.tidings.settings.TlsFiles;
import io.tidings.tls.Certificates;
import io.tidings.tls.NodeCertificates;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.grpc.GrpcUtil;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS between the nodes of a cluster, with certificates that are good, foreign, expired. */
@Timeout(120)
class RaftTlsTest {
  private static final String HOST = "ip:127.0.0.1";

  /** A moment at which a certificate that has expired was still good. */
  private static final Instant LONG_AGO = Instant.now().minus(Duration.ofHours(30));

  @TempDir private static Path certificates;
  @TempDir private Path directory;
  private static TestAuthority authority;
  private static TestAuthority stranger;
  private static final List<Certificates> GOOD = new ArrayList<>();

  @BeforeAll
  static void createAuthorities() throws Exception {
    assertEquals(Optional.empty(), RatisTls.obstacle()); // first of all, as the hub does
    authority = TestAuthority.create(certificates, "authority");
    stranger = TestAuthority.create(certificates, "stranger");
    for (String node : List.of("node-a", "node-b", "node-c")) {
      GOOD.add(read(authority.issue(node, HOST), authority));
    }
  }

  private static Certificates read(TestAuthority.Issued issued, TestAuthority trusted) {
    return Certificates.read(files(issued, trusted), Instant.now());
  }

  private static TlsFiles files(TestAuthority.Issued issued, TestAuthority trusted) {
    return Settings.of(
            Map.of(
                "cluster.tls.cert", issued.cert().toString(),
                "cluster.tls.key", issued.key().toString(),
                "cluster.tls.ca", trusted.file().toString()))
        .cluster()
        .tls()
        .files()
        .orElseThrow();
  }

  private static NodeCertificates using(Certificates first) {
    return new NodeCertificates(first, InstantSource.system());
  }

  private static List<String> data(RaftCluster.Node node) {
    return node.received.stream().map(entry -> entry.event().data()).toList();
  }

  @Test
  void nodesWithCertificatesOfOneAuthorityFormACluster() throws Exception {
    List<NodeCertificates> all =
        List.of(using(GOOD.get(0)), using(GOOD.get(1)), using(GOOD.get(2)));
    try (var cluster = new RaftCluster(directory, 3).withTls(all::get).start()) {
      cluster.follower().publish("news", "forwarded");
      cluster.leader().publish("news", "direct");
      for (RaftCluster.Node node : cluster.nodes()) {
        Wait.until("all have both", () -> data(node).size() == 2);
        assertEquals(List.of("forwarded", "direct"), data(node));
      }
    }
  }

  @Test
  void whoeverHasNoCertificateOfTheAuthorityIsNotHeard() throws Exception {
    List<NodeCertificates> all =
        List.of(using(GOOD.get(0)), using(GOOD.get(1)), using(GOOD.get(2)));
    try (var cluster = new RaftCluster(directory, 3).withTls(all::get).start()) {
      var foreign = using(read(stranger.issue("intruder", HOST), authority));
      assertThrows(ExecutionException.class, () -> ask(cluster, Optional.empty()));
      assertThrows(ExecutionException.class, () -> ask(cluster, Optional.of(foreign)));
      assertEquals("", ask(cluster, Optional.of(using(GOOD.get(0)))));
    }
  }

  @Test
  void aStrangerWithoutACertificateIsNotAddedAsAnEdgeAndOneWithACertificateIs() throws Exception {
    var own = using(GOOD.get(0));
    try (var cluster = new RaftCluster(directory, 2).withTls(node -> own).start()) {
      RaftCluster.Node leader = cluster.leader();
      String request = MemberRequests.edge("127.0.0.1:9", 0);
      try (var client = new VoterClient(cluster.options(0, Optional.empty()))) {
        assertThrows(
            ExecutionException.class,
            () -> client.ask(leader.address(), request).get(30, TimeUnit.SECONDS));
      }
      assertEquals(List.of(), leader.log.edges());
      RaftCluster.Node edge = cluster.startEdge();
      edge.publish("news", "forwarded");
      Wait.until("it is delivered", () -> data(edge).equals(List.of("forwarded")));
    }
  }

  private static String ask(RaftCluster cluster, Optional<NodeCertificates> certificates)
      throws Exception {
    String asked = cluster.voters(1).self();
    try (var client = new VoterClient(cluster.options(0, certificates))) {
      return client.ask(asked, "hello").get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void aNodeWhoseCertificateHasExpiredIsRefusedAndComesBackWithANewOne() throws Exception {
    var old = authority.issue("old", HOST, Instant.now().minus(Duration.ofHours(20)));
    var expired = using(Certificates.read(files(old, authority), LONG_AGO));
    List<NodeCertificates> all = List.of(using(GOOD.get(0)), using(GOOD.get(1)), expired);
    try (var log = new CapturedLog("io.tidings.tls");
        var cluster = new RaftCluster(directory, 3).withTls(all::get)) {
      var opening = new ArrayList<Future<RaftLog>>();
      cluster.nodes().forEach(node -> opening.add(node.open()));
      RaftCluster.get(opening.get(0));
      RaftCluster.get(opening.get(1));
      cluster.node(0).publish("news", "without the third");
      assertFalse(opening.get(2).isComplete(), "a node without a valid certificate has joined");
      Wait.until("it is told why", () -> log.contains("CN=old has expired on"));

      expired.use(GOOD.get(2));
      RaftCluster.get(opening.get(2));
      cluster.node(2).publish("news", "with it");
      Wait.until("it has both", () -> data(cluster.node(2)).size() == 2);
    }
  }

  /** A resumed session would let a node in whose certificate has expired meanwhile. */
  @Test
  void eachConnectionChecksBothCertificates() throws Exception {
    var checks = new AtomicInteger();
    var server = RatisTls.parameters(Optional.of(using(GOOD.get(0))));
    var client = RatisTls.parameters(Optional.of(using(GOOD.get(1))));
    SslContext accepting = GrpcUtil.buildSslContextForServer(counting(server, checks));
    SslContext connecting = GrpcUtil.buildSslContextForClient(counting(client, checks));
    for (int connection = 1; connection <= 3; connection++) {
      handshake(
          connecting.newEngine(ByteBufAllocator.DEFAULT, "127.0.0.1", 7700),
          accepting.newEngine(ByteBufAllocator.DEFAULT));
      assertEquals(2 * connection, checks.get());
    }
  }

  private static GrpcTlsConfig counting(Parameters parameters, AtomicInteger checks) {
    GrpcTlsConfig config = GrpcConfigKeys.TLS.conf(parameters);
    var trust = (X509ExtendedTrustManager) config.getTrustManager().getTrustManager();
    return new GrpcTlsConfig(
        config.getKeyManager().getKeyManager(), new CountingTrust(trust, checks), true);
  }

  /** Goes on after the handshake, for the tickets that the server sends then. */
  private static void handshake(SSLEngine client, SSLEngine server) throws Exception {
    ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
    ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
    client.beginHandshake();
    for (int round = 0; round < 50; round++) {
      step(client, toClient, toServer);
      step(server, toServer, toClient);
    }
    assertEquals(SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING, client.getHandshakeStatus());
    assertEquals(SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING, server.getHandshakeStatus());
    client.closeOutbound();
    server.closeOutbound();
  }

  private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws Exception {
    in.flip();
    engine.unwrap(in, ByteBuffer.allocate(1 << 16));
    in.compact();
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
    engine.wrap(ByteBuffer.allocate(0), out);
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws Exception {
    var elsewhere = using(read(authority.issue("elsewhere", "dns:other.example"), authority));
    List<NodeCertificates> all = List.of(using(GOOD.get(2)), using(GOOD.get(0)), elsewhere);
    try (var log = new CapturedLog("io.tidings.tls");
        var cluster = new RaftCluster(directory, 3).withTls(all::get)) {
      var opening = new ArrayList<Future<RaftLog>>();
      cluster.nodes().forEach(node -> opening.add(node.open()));
      Wait.until("it is told why", () -> log.contains("CN=elsewhere can't be verified"));

      elsewhere.use(GOOD.get(1)); // only a node that is open can be closed
      for (Future<RaftLog> node : opening) {
        RaftCluster.get(node);
      }
    }
  }

  @Test
  void anotherAuthorityIsIntroducedWhileTheClusterRuns() throws Exception {
    List<NodeCertificates> all =
        List.of(using(GOOD.get(1)), using(GOOD.get(2)), using(GOOD.get(0)));
    try (var cluster = new RaftCluster(directory, 3).withTls(all::get).start()) {
      Path both = certificates.resolve("both.pem");
      Files.writeString(
          both, Files.readString(authority.file()) + Files.readString(stranger.file()));
      TestAuthority.Issued again = authority.issue("again", HOST);
      var trusted = new TestAuthority(certificates, "both", both);
      all.get(0).use(read(again, trusted));
      all.get(1).use(read(again, trusted));
      cluster.node(2).stop();
      all.get(2).use(read(stranger.issue("node-p", HOST), trusted));
      RaftCluster.get(cluster.node(2).open());
      cluster.node(2).publish("news", "with a certificate of the new authority");
    }
  }
}
