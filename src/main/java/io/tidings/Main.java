package io.tidings;

import io.tidings.bus.Publisher;
import io.tidings.cli.ClusterCommand;
import io.tidings.cli.CommandLine;
import io.tidings.cli.HealthCommand;
import io.tidings.cli.HealthOptions;
import io.tidings.cli.LogCommand;
import io.tidings.cli.RecoverCommand;
import io.tidings.cli.RecoverOptions;
import io.tidings.cli.TokenCommand;
import io.tidings.cli.TokenOptions;
import io.tidings.cluster.Duties;
import io.tidings.cluster.HazelcastBus;
import io.tidings.logging.ConsoleLogHandler;
import io.tidings.logging.Logging;
import io.tidings.settings.ClusterSettings;
import io.tidings.settings.HttpSettings;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.SettingSources;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The entry point: starts a hub from the command line, and stops it when the process exits. */
public final class Main {
  private static final System.Logger LOG;

  static {
    Logging.begin(); // before the first logger is created
    LOG = System.getLogger(ConsoleLogHandler.PROCESS);
  }

  private static final String COMMON_POOL = "java.util.concurrent.ForkJoinPool.common.parallelism";
  private static final int FAILED = 1;
  private static final int USAGE_ERROR = 2;
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(4);

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    shareCommonPool();
    try {
      CommandLine line = CommandLine.parse(arguments);
      switch (line.action()) {
        case HELP -> System.out.print(CommandLine.HELP);
        case VERSION -> System.out.println("tidings " + Version.TEXT);
        case LOG -> System.exit(LogCommand.run(line.rest(), System.out));
        case HEALTH ->
            System.exit(
                HealthCommand.run(HealthOptions.parse(line.rest(), System.getenv()), System.out));
        case CLUSTER -> System.exit(ClusterCommand.run(line.rest(), System.out));
        case RECOVER -> {
          RecoverOptions options = RecoverOptions.parse(line.rest());
          System.exit(options.help() ? RecoverCommand.help(System.out) : recover(options));
        }
        case TOKEN -> {
          TokenOptions options = TokenOptions.parse(line.rest());
          System.out.print(
              options.help()
                  ? TokenCommand.HELP
                  : TokenCommand.run(
                      options, settings(options.line(), System.getenv()), InstantSource.system()));
        }
        case RUN -> run(line);
      }
    } catch (InvalidSetting | IllegalArgumentException e) {
      exit(USAGE_ERROR, e.getMessage());
    } catch (IOException e) {
      exit(FAILED, e.getMessage());
    } catch (ExecutionException e) {
      exit(FAILED, e.getCause().getMessage());
    }
  }

  private static int recover(RecoverOptions options)
      throws ExecutionException, InterruptedException, IOException {
    OptionalLibrary.checkRaft();
    return RecoverCommand.run(options, settings(options.line(), System.getenv()), System.out);
  }

  /**
   * On one or two processors the JDK begins a thread for each asynchronous stage of a future that
   * names no executor; the Raft engine has such a stage for each append. With two threads it uses
   * its common pool. Before anything uses that.
   */
  private static void shareCommonPool() {
    if (System.getProperty(COMMON_POOL) == null && Runtime.getRuntime().availableProcessors() < 3) {
      System.setProperty(COMMON_POOL, "2");
    }
  }

  private static void run(CommandLine line)
      throws ExecutionException, InterruptedException, IOException {
    start(line, System.getenv());
  }

  /**
   * Starts what the settings ask for; it is stopped when the process exits.
   *
   * @return the hub, if this process is one
   */
  static Optional<HubNode> start(CommandLine line, Map<String, String> environment)
      throws ExecutionException, InterruptedException, IOException {
    VertxInstance.sizeRings(); // before the first Vert.x is created
    VertxInstance.refuseRenegotiation();
    Logging.begin(line.settings(), environment);
    Settings settings = settings(line, environment);
    Logging.set(settings.logging());
    if (settings.cluster().raft()) {
      NameCache.shorten();
    }
    LogFactory.check(settings); // before others learn of this process
    OptionalLibrary.check(settings);
    TlsPort.check(settings);
    LogFactory.warning(settings).ifPresent(text -> LOG.log(System.Logger.Level.WARNING, text));
    Optional<HazelcastBus> bus =
        settings.cluster().hasBus()
            ? Optional.of(HazelcastBus.join(settings, NodeName.of(settings)))
            : Optional.empty();
    VertxInstance instance = instance(settings, bus);
    if (!settings.role().hub()) {
      produce(instance, settings, bus.orElseThrow());
      return Optional.empty();
    }
    HubNode hub = hub(instance, settings, bus);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> stop(hub::stop, settings.stream().drain(), instance, bus), "tidings-stop"));
    long millis = ManagementFactory.getRuntimeMXBean().getUptime();
    log("Log " + hub.report());
    hub.cluster().ifPresent(report -> log("Cluster " + report));
    bus.ifPresent(joined -> log("Event bus " + joined.report()));
    hub.tls().report().ifPresent(report -> log("Certificate " + report));
    hub.tls()
        .redirectPort()
        .ifPresent(port -> log("Redirecting from http, port " + port + ", to https"));
    log(
        "Tidings %s is at %s://%s:%d/ (%s, %d ms)"
            .formatted(
                Version.TEXT,
                settings.http().scheme(),
                urlHost(settings.http().host()),
                hub.port(),
                instance.transport(),
                millis));
    return Optional.of(hub);
  }

  private static VertxInstance instance(Settings settings, Optional<HazelcastBus> bus)
      throws InterruptedException {
    try {
      return await(VertxInstance.of(settings.http(), bus));
    } catch (ExecutionException e) {
      ClusterSettings.Hazelcast where = settings.cluster().hazelcast();
      exit(
          FAILED,
          "cluster.hazelcast.host="
              + where.host()
              + ", cluster.hazelcast.eventbus="
              + where.eventbus()
              + ": "
              + e.getCause().getMessage());
      throw new IllegalStateException(e);
    }
  }

  /** Starts a producer without a hub, which publishes to the hubs on its event bus. */
  private static void produce(VertxInstance instance, Settings settings, HazelcastBus bus)
      throws ExecutionException, InterruptedException {
    var duties = new Duties(Optional.empty(), Optional.of(bus));
    await(
        instance
            .vertx()
            .deployVerticle(
                Deployments.producer(settings, duties, vertx -> publisher(vertx, settings))));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> stop(Future::succeededFuture, Duration.ZERO, instance, Optional.of(bus)),
                "tidings-stop"));
    log("Event bus " + bus.report());
    log("Tidings " + Version.TEXT + " producer has started");
  }

  private static Publisher publisher(Vertx vertx, Settings settings) {
    var publisher = new Publisher(vertx);
    return settings.bus().token().map(publisher::withToken).orElse(publisher);
  }

  private static <T> T await(Future<T> future) throws ExecutionException, InterruptedException {
    return future.toCompletionStage().toCompletableFuture().get();
  }

  private static Settings settings(CommandLine line, Map<String, String> environment)
      throws ExecutionException, InterruptedException {
    Vertx reader = Vertx.vertx();
    try {
      return await(SettingSources.read(reader, line.file(), environment, line.settings()));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InvalidSetting invalid) {
        throw invalid;
      }
      throw e;
    } finally {
      reader.close();
    }
  }

  private static HubNode hub(VertxInstance instance, Settings settings, Optional<HazelcastBus> bus)
      throws InterruptedException {
    try {
      return await(HubNode.start(instance.vertx(), settings, bus));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InvalidSetting invalid) {
        throw invalid;
      }
      HttpSettings http = settings.http();
      String why =
          e.getCause() instanceof IOException
              ? "http.host=" + http.host() + ", http.port=" + http.port() + ": can't listen there: "
              : "";
      exit(FAILED, why + e.getCause().getMessage());
      throw new IllegalStateException(e);
    }
  }

  /** Runs in the shutdown hook, with a timeout. */
  private static void stop(
      Supplier<Future<Void>> stop,
      Duration drain,
      VertxInstance instance,
      Optional<HazelcastBus> bus) {
    try {
      log("Tidings " + Version.TEXT + " is stopping");
      stop.get()
          .eventually(instance.vertx()::close)
          .toCompletionStage()
          .toCompletableFuture()
          .get(STOP_TIMEOUT.plus(drain).toMillis(), TimeUnit.MILLISECONDS);
      if (bus.isPresent()) { // a method reference would need Hazelcast on the class path
        bus.get().close();
      }
      log("Tidings " + Version.TEXT + " has stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.ERROR, "shutdown was not clean: " + e);
    }
  }

  private static String urlHost(String host) {
    return host.contains(":") ? "[" + host + "]" : host;
  }

  private static void log(String line) {
    LOG.log(System.Logger.Level.INFO, line);
  }

  private static void exit(int status, String message) {
    LOG.log(System.Logger.Level.ERROR, message);
    System.exit(status);
  }
}
