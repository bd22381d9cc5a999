package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/**
 * The internal APIs of Vert.x, Netty and Hazelcast that the hub uses: what their documentation does
 * not promise to keep. The table lists each of them with the one class that may use it, and with a
 * check of what that class relies on; an upgrade that changes it fails here, in one sentence.
 */
class InternalApisTest {
  private static final String HOUSE = "io.tidings.";
  private static final String UNSAFE = "io.netty.channel.Channel$Unsafe";

  /** Types and methods by their full names, and names that are given as strings. */
  private static final List<InternalApi> TABLE =
      List.of(
          // ---- Vert.x: connections and their pipelines
          api("io.vertx.core.net.impl.ConnectionBase", "fanout.ChannelOutlet")
              .check(
                  "the connection of a request gives its channel",
                  InternalApiChecks::channelOfRequest),
          api("httpEncoder", "transport.ChannelInternals")
              .check(
                  "the handler that encodes responses has this name", InternalApiChecks::encoder),
          api("idle", "transport.ChannelInternals")
              .check(
                  "the handler that closes idle connections has this name",
                  InternalApiChecks::idleHandler),
          api("httpDecoder", "transport.ChannelInternals")
              .check("the handler that decodes requests has this name", InternalApiChecks::decoder),
          api("ssl", "transport.ChannelInternals")
              .check("the handler of TLS has this name", InternalApiChecks::tlsHandler),
          // ---- Vert.x: the transport SPI
          api("io.vertx.core.spi.transport.Transport", "transport.ThrottledTransport")
              .check(
                  "each method has a twin that forwards to the real one",
                  InternalApiChecks::forwards)
              .check(
                  "Vert.x accepts connections through the handler", InternalApiChecks::transport),
          // ---- Vert.x: event loops
          api("io.vertx.core.internal.VertxInternal", "EventLoopMonitor")
              .check("gives the event loops", InternalApiChecks::eventLoops),
          // HubRouterTest checks what these do
          api("io.vertx.core.internal.VertxInternal", "http.EventLoopContext"),
          api("io.vertx.core.internal.ContextInternal", "http.EventLoopContext"),
          api("io.vertx.core.internal.ContextInternal", "VerticleEnd"),
          api("io.vertx.core.internal.ContextInternal", "bus.Admission"),
          api("io.vertx.core.internal.ContextInternal", "fanout.ExpiryWheel"),
          api("io.vertx.core.internal.ContextBuilder", "http.EventLoopContext"),
          // ---- Vert.x: requests that are wrapped
          api("io.vertx.core.internal.http.HttpServerRequestWrapper", "http.MountedRequest"),
          // ---- Vert.x: names
          api("__vertx.nodeId", "cluster.HazelcastConfig")
              .check(
                  "Vert.x takes its node id from this member attribute", InternalApiChecks::nodeId),
          api("io.vertx.core.net.impl.ConnectionBase (logger)", "logging.Logging")
              .check(
                  "failures of connections are logged by this name",
                  InternalApiChecks::connectionLogger),
          api("io.vertx.core.eventbus.impl (logger)", "logging.Logging")
              .check("the clustered event bus logs below this name", InternalApiChecks::busLogger),
          api(
                  "io.vertx.redis.client.impl.RedisConnectionManager (logger)",
                  "log.redis.RedisConnections")
              .check("the Redis client logs by this name", InternalApiChecks::redisLogger),
          // ---- Netty
          api("io.netty.util.internal.ThreadExecutorMap", "fanout.Audiences")
              .check("gives the event loop of the current thread", InternalApiChecks::currentLoop),
          api(UNSAFE + ".outboundBuffer", "transport.ChannelInternals")
              .check("gives what is written and not sent", InternalApiChecks::outboundBuffer),
          api("io.netty.channel.ChannelOutboundBuffer", "transport.ChannelInternals")
              .check(
                  "counts the bytes that are written and not sent",
                  InternalApiChecks::outboundBuffer),
          api("io.netty.transport.outboundBufferEntrySizeOverhead", "transport.ChannelInternals")
              .check(
                  "is what is counted for each pending write, 96 by default",
                  InternalApiChecks::writeOverhead),
          api(UNSAFE + ".closeForcibly", "transport.ChannelInternals")
              .check(
                  "closes a channel that has no event loop yet", InternalApiChecks::closeForcibly),
          api("io.netty.iouring.ringSize", "VertxInstance")
              .check("is the property of the rings' size", InternalApiChecks::ringSize),
          api("io.netty.iouring.cqSize", "VertxInstance")
              .check(
                  "is the property of the completion queues' size",
                  InternalApiChecks::completionSize),
          api("io.netty.iouring.acceptMultiShotEnabled", "VertxInstance")
              .check(
                  "is the property that turns multishot accepting off",
                  InternalApiChecks::acceptMultiShot),
          api("io.netty.channel.DefaultChannelPipeline (logger)", "logging.Logging")
              .check(
                  "failures that no handler takes are logged by this name",
                  InternalApiChecks::pipelineLogger),
          api("io.netty.util.concurrent.DefaultPromise (logger)", "logging.Logging")
              .check(
                  "failures of listeners are logged by this name",
                  InternalApiChecks::promiseLogger),
          // ---- Ratis: what its own examples extend
          api("org.apache.ratis.statemachine.impl.BaseStateMachine", "log.raft.RaftStateMachine")
              .check("is a state machine of Ratis", InternalApiChecks::ratisStateMachine),
          api(
                  "org.apache.ratis.statemachine.impl.SimpleStateMachineStorage",
                  "log.raft.RaftStateMachine")
              .check("keeps snapshots in files", InternalApiChecks::ratisStorage),
          api(
                  "org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo",
                  "log.raft.RaftStateMachine")
              .check("describes a snapshot", InternalApiChecks::ratisStorage),
          api("org.apache.ratis.statemachine.impl.SimpleStateMachineStorage", "log.raft.StateSaver")
              .check("keeps snapshots in files", InternalApiChecks::ratisStorage),
          api("org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo", "log.raft.StateSaver")
              .check("describes a snapshot", InternalApiChecks::ratisStorage),
          // ---- Hazelcast
          api("com.hazelcast (logger)", "cluster.HazelcastConfig")
              .check(
                  "Hazelcast logs by java.util.logging below this name",
                  InternalApiChecks::hazelcastLogger),
          api("hazelcast.*", "cluster.HazelcastConfig")
              .check("these are properties of Hazelcast", InternalApiChecks::hazelcastProperties));

  /** Names of handlers in Vert.x's pipelines. */
  private static final Set<String> HANDLERS =
      Set.of("httpEncoder", "httpDecoder", "idle", "ssl", "inflater", "deflater", "chunkedWriter");

  private static final Pattern NAME =
      Pattern.compile("(io\\.vertx\\.|io\\.netty\\.|com\\.hazelcast|hazelcast\\.|__vertx)[\\w.]*");

  /** Internal according to their documentation, though not by their packages. */
  private static final Set<String> DOCUMENTED_AS_INTERNAL =
      Set.of("io.netty.channel.ChannelOutboundBuffer", UNSAFE);

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.tidings");

  private record Reliance(String sentence, Executable check) {}

  /**
   * A row of the table.
   *
   * @param name of a type, of a method, or a string; with {@code *} at its end: all that begin so
   * @param user the one class that uses it
   */
  private record InternalApi(String name, String user, List<Reliance> reliances) {
    InternalApi check(String sentence, Executable check) {
      return new InternalApi(
          name,
          user,
          Stream.concat(reliances.stream(), Stream.of(new Reliance(sentence, check))).toList());
    }

    boolean covers(Use use) {
      String plain = name.replace(" (logger)", "");
      boolean same =
          plain.endsWith("*")
              ? use.name.startsWith(plain.substring(0, plain.length() - 1))
              : use.name.equals(plain);
      return same && use.user.equals(user);
    }
  }

  private static InternalApi api(String name, String user) {
    return new InternalApi(name, user, List.of());
  }

  /** One use of an internal API by a class. */
  private record Use(String name, String user) {
    @Override
    public String toString() {
      return user + " uses " + name;
    }
  }

  @AfterAll
  static void end() {
    InternalApiChecks.end();
  }

  @TestFactory
  Stream<DynamicTest> eachStillDoesWhatItsUserReliesOn() {
    return TABLE.stream()
        .flatMap(
            api ->
                api.reliances.stream()
                    .map(
                        reliance ->
                            dynamicTest(
                                api.name + ": " + reliance.sentence, () -> check(api, reliance))));
  }

  private static void check(InternalApi api, Reliance reliance) {
    try {
      reliance.check.execute();
    } catch (Throwable e) {
      throw new AssertionError(
          "This does not hold any more: "
              + api.name
              + ": "
              + reliance.sentence
              + ". Mend "
              + api.user
              + ", which alone relies on it.",
          e);
    }
  }

  @Test
  void noOtherClassUsesAnInternalApi() throws Exception {
    assertEquals(
        List.of(),
        uses().filter(use -> TABLE.stream().noneMatch(api -> api.covers(use))).toList(),
        "not in the table");
  }

  @Test
  void everyRowOfTheTableIsUsed() throws Exception {
    List<Use> uses = uses().toList();
    assertEquals(
        List.of(),
        TABLE.stream()
            .filter(api -> uses.stream().noneMatch(api::covers))
            .map(InternalApi::name)
            .toList(),
        "in the table, but not used");
  }

  private static Stream<Use> uses() throws IOException {
    var uses = new TreeSet<String>();
    var all = Stream.<Use>builder();
    for (JavaClass type : CLASSES) {
      String user = type.getName().substring(HOUSE.length()).replaceFirst("\\$.*", "");
      for (String name : namesUsedBy(type)) {
        if (uses.add(user + " " + name)) {
          all.add(new Use(name, user));
        }
      }
    }
    return all.build();
  }

  private static Set<String> namesUsedBy(JavaClass type) throws IOException {
    var names = new TreeSet<String>();
    for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
      JavaClass target = dependency.getTargetClass().getBaseComponentType();
      if (isInternal(target) && !target.getName().equals(UNSAFE)) {
        names.add(target.getName());
      }
    }
    for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
      if (call.getTargetOwner().getName().equals(UNSAFE)) {
        names.add(UNSAFE + "." + call.getName());
      }
    }
    for (String text : StringConstants.of(type.reflect())) {
      if (HANDLERS.contains(text) || NAME.matcher(text).matches()) {
        names.add(text);
      }
    }
    return names;
  }

  private static boolean isInternal(JavaClass type) {
    String name = type.getName();
    return !name.startsWith(HOUSE)
        && (DOCUMENTED_AS_INTERNAL.contains(name)
            || name.startsWith("io.vertx.core.spi.")
            || name.startsWith("sun.")
            || List.of(type.getPackageName().split("\\.")).contains("impl")
            || List.of(type.getPackageName().split("\\.")).contains("internal"));
  }
}
