package io.tidings.auth;

import io.tidings.auth.InvalidToken.Reason;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.settings.AuthMode;
import io.tidings.settings.AuthSettings;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Tells who makes a request, by its token. Any thread; one for all event loops.
 *
 * <p>A token that was verified within the last minute is answered from a cache, by a completed
 * future. Any other is verified on a worker, once, also if it is shown several times meanwhile.
 */
public final class Authenticator {
  private static final long TICK_MILLIS = 1_000;
  private static final String WORKERS = "tidings-tokens";
  private static final int MAX_WORKERS = 4;

  private final Vertx vertx;
  private final AuthSettings settings;
  private final Principal anonymous;
  private final TokenCache cache;
  private final IssuerSet issuers;
  private final WorkerExecutor workers;
  private final TokenVerifier verifier;
  private final InstantSource clock;
  private final Revocations revocations;
  private final Map<TokenCache.Hash, Future<Principal>> pending = new ConcurrentHashMap<>();
  private final long timer;
  private volatile TokenGate gate = TokenGate.OPEN;

  private Authenticator(
      Vertx vertx,
      AuthSettings settings,
      IssuerSet issuers,
      TokenCache cache,
      InstantSource clock) {
    this.vertx = vertx;
    this.settings = settings;
    this.issuers = issuers;
    this.cache = cache;
    this.clock = clock;
    this.revocations = new Revocations(clock);
    Grants open = anonymous(settings.anonymous());
    this.anonymous = Principal.withoutToken(open);
    var rules = new TokenVerifier.Rules(open, new GrantTemplates(settings.grants()));
    this.workers = vertx.createSharedWorkerExecutor(WORKERS, workerCount());
    this.verifier = new TokenVerifier(issuers.byName(), rules, settings.leeway(), workers, clock);
    this.timer = vertx.setPeriodic(TICK_MILLIS, id -> issuers.tick());
  }

  /**
   * Reads the keys that are in files, and begins to fetch those at URLs.
   *
   * @param dir {@code log.dir}, where {@code auth.secret: auto} has its file
   * @return fails with {@link InvalidSetting} if a file has no keys that can be used
   */
  public static Future<Authenticator> create(Vertx vertx, AuthSettings settings, Path dir) {
    return create(vertx, settings, dir, InstantSource.system(), System::nanoTime);
  }

  static Future<Authenticator> create(
      Vertx vertx, AuthSettings settings, Path dir, InstantSource clock, LongSupplier nanoTime) {
    var cache = new TokenCache(clock, nanoTime);
    return Future.succeededFuture()
        .compose(start -> IssuerSet.load(vertx, settings, dir, nanoTime, cache::clear))
        .compose(
            issuers ->
                Future.succeededFuture()
                    .map(loaded -> new Authenticator(vertx, settings, issuers, cache, clock))
                    .recover(e -> issuers.close().transform(closed -> Future.failedFuture(e))));
  }

  /**
   * The principal whom a token names.
   *
   * @param token as in the header, without the word Bearer
   * @return complete already if the token is cached, else completes on the caller's context; fails
   *     with {@link InvalidToken}
   */
  public Future<Principal> authenticate(String token) {
    return authenticate(token, () -> {});
  }

  /**
   * As {@link #authenticate(String)}.
   *
   * @param beforeVerifying called unless the token is cached; what it throws is thrown, and nothing
   *     is verified
   */
  public Future<Principal> authenticate(String token, Runnable beforeVerifying) {
    if (token.length() > SignedToken.MAX_LENGTH) {
      return Future.failedFuture(
          new InvalidToken(
              Reason.MALFORMED,
              "the token must have at most " + SignedToken.MAX_LENGTH + " characters"));
    }
    TokenCache.Hash hash = TokenCache.Hash.of(token);
    Optional<Principal> cached = cached(hash);
    if (cached.isPresent()) {
      return Future.succeededFuture(cached.get());
    }
    if (!gate.admitsNew()) {
      return Future.failedFuture(isolated());
    }
    beforeVerifying.run();
    return onCallersContext(verify(token, hash));
  }

  private static InvalidToken isolated() {
    return new InvalidToken(
        Reason.ISOLATED,
        "this node can't know at the moment whether the token was revoked; try again, or at another node");
  }

  /** A ticket is as a token that this node has not seen yet: it is not known from any cache. */
  private void checkTicket(Principal principal) {
    if (!gate.admitsNew()) {
      throw isolated();
    }
    notRevoked(principal);
  }

  /**
   * The principal of a token that was verified within the last minute, or, while no other token is
   * verified, before that.
   */
  Optional<Principal> cached(TokenCache.Hash hash) {
    if (!gate.admitsKnown()) {
      return Optional.empty();
    }
    return gate.admitsNew() ? cache.get(hash) : cache.getOfAnyAge(hash);
  }

  /** Verifies the token, or joins the verification that is under way. */
  private Future<Principal> verify(String token, TokenCache.Hash hash) {
    Promise<Principal> promise = Promise.promise();
    Future<Principal> earlier = pending.putIfAbsent(hash, promise.future());
    if (earlier != null) {
      return earlier;
    }
    int generation = cache.generation();
    Future.succeededFuture()
        .compose(start -> verifier.verify(token)) // so that an exception fails the future
        .map(this::notRevoked)
        .onSuccess(principal -> cache.put(hash, principal, generation))
        .onComplete(
            result -> {
              pending.remove(hash);
              promise.handle(result);
            });
    return promise.future();
  }

  private Principal notRevoked(Principal principal) {
    if (revocations.revoked(principal)) {
      throw new InvalidToken(Reason.REVOKED, "the token was revoked");
    }
    return principal;
  }

  /**
   * Accepts the tokens that it concerns no more. A verification that is under way is not cached,
   * and is answered by what is revoked when it ends.
   */
  public void revoke(Revocation revocation) {
    revocations.add(revocation);
    cache.clear();
  }

  /** Whether the principal's token was revoked. */
  public boolean revoked(Principal principal) {
    return revocations.revoked(principal);
  }

  /** What is revoked, the newest first, at most so many. */
  public List<Revocation> revocations(int max) {
    return revocations.newest(max);
  }

  /** The number of revocations that have not ended. */
  public int revocationCount() {
    return revocations.size();
  }

  /** Whether tokens of that issuer are accepted. */
  public boolean knows(String issuer) {
    return issuers.byName().containsKey(issuer);
  }

  /** Sets what decides which tokens are looked at. */
  public void guard(TokenGate tokens) {
    gate = tokens;
  }

  private static <T> Future<T> onCallersContext(Future<T> future) {
    Context context = Vertx.currentContext();
    if (context == null || future.isComplete()) {
      return future;
    }
    Promise<T> promise = Promise.promise();
    future.onComplete(result -> context.runOnContext(hop -> promise.handle(result)));
    return promise.future();
  }

  /** The principal of requests without a token. */
  public Principal anonymous() {
    return anonymous;
  }

  public AuthMode mode() {
    return settings.mode();
  }

  /** Whether any token could be accepted: an issuer is configured, or the hub has a secret. */
  public boolean hasKeys() {
    return issuers.any();
  }

  /** Tickets, which stand for tokens in URLs; {@code table} is that of the hub's log. */
  public Tickets tickets(TicketTable table) {
    return new Tickets(
        new TicketKeys(issuers::ownSecret, table),
        table,
        this::checkTicket,
        settings.leeway(),
        clock);
  }

  /** Ends the loading of keys; afterwards no token may be shown. */
  public Future<Void> close() {
    vertx.cancelTimer(timer);
    return issuers.close().eventually(workers::close);
  }

  /** Half of the processors: a flood of forged tokens leaves the other half to the event loops. */
  private static int workerCount() {
    return Math.max(1, Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors() / 2));
  }

  private static Grants anonymous(AuthSettings.Globs globs) {
    return new Grants(
            filter("subscribe", globs.subscribe()), filter("publish", globs.publish()), false)
        .toEverybody();
  }

  private static Optional<Filter> filter(String name, List<String> patterns) {
    try {
      return patterns.isEmpty() ? Optional.empty() : Optional.of(Filter.of(patterns));
    } catch (InvalidEvent e) {
      throw InvalidSetting.of("auth.anonymous." + name, patterns, e.rule());
    }
  }
}
