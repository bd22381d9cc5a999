package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.tidings.bus.EntryBatch;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.settings.StreamSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The audiences of one event loop over a log in memory. The test controls the time, the batches in
 * flight from the log to the loop, and whether pages can be read.
 */
final class TestLoop implements AutoCloseable {
  static final StreamSettings SETTINGS = Settings.of(Map.of()).stream();

  private final Vertx vertx = Vertx.vertx();

  /** The same, but for timers that a test makes fail. */
  private final Vertx timers =
      (Vertx)
          Proxy.newProxyInstance(
              getClass().getClassLoader(), new Class<?>[] {Vertx.class}, this::invokeVertx);

  private final Context loop = vertx.getOrCreateContext();
  private final MemoryBudget memory;
  private final Deque<EntryBatch> inFlight = new ArrayDeque<>();
  private final EventLog entries;
  private final EventLog log =
      (EventLog)
          Proxy.newProxyInstance(
              getClass().getClassLoader(), new Class<?>[] {EventLog.class}, this::invoke);
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final AtomicReference<Instant> time = new AtomicReference<>(Instant.now());
  private final SubscriptionCounts subscriptions = new SubscriptionCounts();
  private final OpenStreams streams = new OpenStreams();
  private final Metrics metrics = new Metrics();
  private Audiences audiences;
  private Error readError;
  private int readErrors;
  private Error clockError;
  private Error timerError;
  private boolean holdingReads;
  private final Deque<Runnable> heldReads = new ArrayDeque<>();

  TestLoop() throws Exception {
    this(new MemoryBudget(256 << 20, 64 << 20));
  }

  TestLoop(MemoryBudget memory) throws Exception {
    this(memory, new Retention(0, Duration.ZERO, 0), SETTINGS);
  }

  TestLoop(Retention retention) throws Exception {
    this(new MemoryBudget(256 << 20, 64 << 20), retention, SETTINGS);
  }

  TestLoop(StreamSettings settings) throws Exception {
    this(new MemoryBudget(256 << 20, 64 << 20), new Retention(0, Duration.ZERO, 0), settings);
  }

  private TestLoop(MemoryBudget memory, Retention retention, StreamSettings settings)
      throws Exception {
    this.memory = memory;
    this.entries = new SynchronousLog(retention, Duration.ZERO, InstantSource.system());
    entries.follow(
        list ->
            inFlight.add(
                new EntryBatch(
                    List.copyOf(list),
                    System.nanoTime(),
                    memory.batches().publish(list.stream().mapToLong(Entry::cost).sum()))));
    run(
        () ->
            audiences =
                new Audiences(
                    timers,
                    log,
                    settings,
                    subscriptions,
                    streams,
                    metrics,
                    memory,
                    new Clocks(this::millis, time::get)));
  }

  private Object invokeVertx(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("setTimer") && timerError != null) {
      Error error = timerError;
      timerError = null;
      throw error;
    }
    return call(method, vertx, arguments);
  }

  private static Object call(Method method, Object target, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("after")) {
      failReading();
    }
    Object result = call(method, entries, arguments);
    return holdingReads && method.getName().equals("after") ? held((Future<?>) result) : result;
  }

  private <T> Future<T> held(Future<T> result) {
    Promise<T> promise = Promise.promise();
    heldReads.add(() -> promise.handle(result));
    return promise.future();
  }

  /** Makes reads of pages wait for {@link #releaseRead}, as those from a disk do; on the loop. */
  void holdReads(boolean hold) {
    holdingReads = hold;
  }

  /** Completes the read that has waited longest, if there is one; on the loop. */
  boolean releaseRead() {
    Runnable first = heldReads.poll();
    if (first != null) {
      first.run();
    }
    return first != null;
  }

  private void failReading() {
    if (readErrors > 0) {
      readErrors--;
      throw readError;
    }
  }

  /** Makes reading fail for the given number of pages. */
  void failReading(Error error, int times) {
    readError = error;
    readErrors = times;
  }

  Audiences audiences() {
    return audiences;
  }

  EventLog log() {
    return entries;
  }

  MemoryBudget memory() {
    return memory;
  }

  SubscriptionCounts subscriptions() {
    return subscriptions;
  }

  OpenStreams streams() {
    return streams;
  }

  Metrics metrics() {
    return metrics;
  }

  /**
   * The batches that the log has delivered and the loop has not received; the test may change it.
   */
  Deque<EntryBatch> inFlight() {
    return inFlight;
  }

  private long millis() {
    Error error = clockError;
    clockError = null;
    if (error != null) {
      throw error;
    }
    return now.get();
  }

  /** Makes the loop fail the next time that it looks at its clock; on the loop. */
  void failClock(Error error) {
    clockError = error;
  }

  /** Makes the next timer of the audiences fail; on the loop. */
  void failTimer(Error error) {
    timerError = error;
  }

  void advance(Duration time) {
    now.addAndGet(time.toMillis());
  }

  /** The time of day. */
  Instant time() {
    return time.get();
  }

  /** Sets the time of day. */
  void moveTime(Instant to) {
    time.set(to);
  }

  /** Sets the time of day, and lets the loop end the streams whose tokens are over. */
  void setTime(Instant to) throws Exception {
    run(
        () -> {
          time.set(to);
          expiry().advance();
        });
    awaitIdle();
  }

  ExpiryWheel expiry() {
    return audiences.context().expiry();
  }

  void publish(String topic, String... data) {
    entries.append(List.of(data).stream().map(one -> Event.of(topic, one)).toList());
  }

  void publish(Event event) {
    entries.append(List.of(event));
  }

  /** Opens a stream; on the loop. */
  Subscriber openNow(Filter what, FakeOutlet outlet, ResumeRequest resume) {
    return openNow(Principal.HUB, what, outlet, resume);
  }

  /** Opens a stream of a principal; on the loop. */
  Subscriber openNow(Principal who, Filter what, FakeOutlet outlet, ResumeRequest resume) {
    Subscriber subscriber = audiences.open(who, what, WireFormat.EVENT_STREAM, outlet);
    subscriber.begin(entries.find(resume, Selection.all(what), Selection.EVERYTHING).result());
    return subscriber;
  }

  Subscriber open(Filter what, FakeOutlet outlet) throws Exception {
    return open(what, outlet, new ResumeRequest.Live());
  }

  private Subscriber open(Filter what, FakeOutlet outlet, ResumeRequest resume) throws Exception {
    var opened = new Subscriber[1];
    run(() -> opened[0] = openNow(what, outlet, resume));
    awaitIdle();
    return opened[0];
  }

  FakeOutlet join(Filter what) throws Exception {
    return join(what, new ResumeRequest.Live());
  }

  FakeOutlet join(Filter what, ResumeRequest resume) throws Exception {
    var outlet = new FakeOutlet();
    open(what, outlet, resume);
    return outlet;
  }

  /** Makes the loop receive all batches in flight; on the loop. */
  void receiveNow() {
    while (!inFlight.isEmpty()) {
      audiences.receive(inFlight.poll());
    }
  }

  void receive() throws Exception {
    run(this::receiveNow);
    awaitIdle();
  }

  void tick() throws Exception {
    run(audiences::tick);
    awaitIdle();
  }

  /** Waits until the loop has nothing to deliver, to read or to check. */
  void awaitIdle() throws Exception {
    var idle = new AtomicBoolean();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < deadline) {
      run(() -> idle.set(audiences.context().scheduler().idle() && !audiences.checking()));
      if (idle.get()) {
        return;
      }
    }
    throw new AssertionError("the loop does not become idle");
  }

  /** Waits until the timers of the loop that are due within the given time have fired. */
  void awaitTimers(long millis) throws Exception {
    var fired = new CompletableFuture<Void>();
    run(() -> vertx.setTimer(millis, timer -> fired.complete(null)));
    fired.get(10, TimeUnit.SECONDS);
    awaitIdle();
  }

  /** Runs the action in a later task of the loop. */
  void later(Runnable action) {
    loop.runOnContext(task -> action.run());
  }

  /** Runs the action on the loop and waits for it. */
  void run(Runnable action) throws Exception {
    var done = new CompletableFuture<Void>();
    loop.runOnContext(
        run -> {
          try {
            action.run();
            done.complete(null);
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    done.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    run(() -> audiences.endAll());
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
