package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.tidings.bus.EntryBatch;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.memory.MemoryShare;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.wire.SseFrame;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What is done for every event, and for every event and stream, without the sockets. {@code make
 * jmh} runs it; it reports nanoseconds, and with {@code -prof gc} allocated bytes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class InnerLoopBenchmark {
  private static final int STREAMS = 1_000;

  private final Event event = Event.of("news", "x".repeat(100));
  private final Entry entry = Entry.of(new Position(1, 1), 0, 0, event);
  private final List<Entry> twenty = java.util.Collections.nCopies(20, entry);
  private final MemoryShare share = new MemoryShare("chunks", Long.MAX_VALUE);
  private final FilterIndex<Object> index = new FilterIndex<>();
  private Vertx vertx;
  private EventLog log;
  private Audience audience;
  private LogHead head;

  @Setup
  public void open() {
    vertx = Vertx.vertx();
    log =
        new SynchronousLog(
            new Retention(16 << 20, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
    var audiences =
        new Audiences(
            vertx,
            log,
            Settings.of(Map.of()).stream(),
            new SubscriptionCounts(),
            new OpenStreams(),
            new Metrics(),
            MemoryBudget.of(0, 0),
            new Clocks(() -> 0, InstantSource.system()));
    for (int i = 0; i < STREAMS; i++) {
      Filter what = Filter.of("news");
      Subscriber subscriber =
          audiences.open(Principal.HUB, what, WireFormat.EVENT_STREAM, new NoOutlet());
      subscriber.begin(StreamStart.after(log.bounds().head()));
      audience = subscriber.audience();
      index.add(Filter.of("topic" + i), i);
    }
    head = audiences.context().head();
    index.add(Filter.of("*.x"), -1);
  }

  @TearDown
  public void close() {
    vertx.close();
  }

  @Benchmark
  public SseFrame frameOfAnEvent() {
    return SseFrame.of("abcdefgh~1", event);
  }

  @Benchmark
  public int chunkOfTwentyFrames() {
    Chunk chunk = Chunk.of(twenty.stream().map(WireFormat.EVENT_STREAM::encode).toList(), share);
    int size = chunk.size();
    chunk.release();
    return size;
  }

  @Benchmark
  public Object audiencesOfATopic() {
    return index.matching("topic500");
  }

  @Benchmark
  public Object appendToMemory() {
    return log.append(List.of(event));
  }

  /**
   * One event to a thousand live streams: divide by a thousand for the cost of a delivery beside
   * the socket's.
   */
  @Benchmark
  public int deliveryToAThousand() {
    audience.delivery().offer(entry, 0, 0);
    head.advance(entry);
    audience.delivery().deliverAll();
    return audience.live().size();
  }

  @Benchmark
  public EntryBatch batchForTheBus() {
    return new EntryBatch(twenty, 0, 0);
  }

  /** A socket that takes everything at no cost. */
  private static final class NoOutlet implements Outlet {
    private long written;

    @Override
    public void write(Chunk chunk) {
      written += chunk.size();
    }

    @Override
    public boolean writable() {
      return true;
    }

    @Override
    public void onWritable(Runnable action) {}

    @Override
    public long written() {
      return written;
    }

    @Override
    public long unsent() {
      return 0;
    }

    @Override
    public void allSent(boolean all) {}

    @Override
    public String peer() {
      return "192.0.2.1:1";
    }

    @Override
    public void onSent(Runnable action) {
      action.run();
    }

    @Override
    public void end(CloseReason why) {}

    @Override
    public void cut(CloseReason why) {}
  }
}
