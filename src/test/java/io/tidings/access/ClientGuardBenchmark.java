package io.tidings.access;

import io.tidings.auth.Principal;
import io.tidings.metrics.Door;
import io.tidings.metrics.Metrics;
import io.tidings.metrics.Outcome;
import io.tidings.settings.Settings;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What limits and counts add to a publication and to a stream. {@code make jmh} runs it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ClientGuardBenchmark {
  private static final int ADDRESSES = 1 << 14;

  private final String[] addresses = new String[ADDRESSES];
  private final Metrics metrics = new Metrics();
  private ClientGuard limited;
  private ClientGuard off;
  private int next;

  @Setup
  public void open() {
    limited =
        ClientGuard.of(
            Settings.of(
                Map.of(
                    "limits.client.publishes", "1000000000",
                    "limits.client.opens", "1000000000",
                    "limits.client.bytes", "1024GiB")),
            metrics);
    off =
        ClientGuard.of(
            Settings.of(
                Map.of(
                    "limits.client.publishes", "0",
                    "limits.client.opens", "0",
                    "limits.client.streams", "0",
                    "limits.client.bytes", "0")),
            metrics);
    for (int i = 0; i < ADDRESSES; i++) {
      addresses[i] = "10.1." + (i >> 8) + "." + (i & 0xff);
    }
  }

  private static PublishCharge publish(ClientGuard guard, String address) {
    var caller = new Caller(Principal.HUB, address);
    PublishCharge charge = guard.publish(() -> Access.toTopic(Door.PUBLISH, caller, "news"), 200);
    charge.complete(1, 200);
    charge.published();
    return charge;
  }

  @Benchmark
  public PublishCharge publicationWithoutLimits() {
    return publish(off, addresses[0]);
  }

  @Benchmark
  public PublishCharge publicationOfOneClient() {
    return publish(limited, addresses[0]);
  }

  @Benchmark
  @Threads(2)
  public PublishCharge publicationOfOneClientOnTwoThreads() {
    return publish(limited, addresses[0]);
  }

  @Benchmark
  public PublishCharge publicationOfManyClients() {
    next = (next + 1) % ADDRESSES;
    return publish(limited, addresses[next]);
  }

  @Benchmark
  public Runnable stream() {
    var caller = new Caller(Principal.HUB, addresses[0]);
    Runnable release = limited.openStream(Access.withoutTopic(Door.STREAM, caller));
    release.run();
    return release;
  }

  @Benchmark
  public void count() {
    metrics.requests().answered(Door.PUBLISH, Outcome.OK);
  }
}
