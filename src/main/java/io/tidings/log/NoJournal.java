package io.tidings.log;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Keeps nothing: the log's window has everything. */
final class NoJournal implements Journal {
  @Override
  public void append(List<LogRecord> records) {
    // the window has them
  }

  @Override
  public void settle(long next) {
    throw new IllegalStateException("no append fails here");
  }

  @Override
  public void probe(long next) {
    // memory can always be written to
  }

  @Override
  public Optional<java.io.IOException> forceFailure() {
    return Optional.empty();
  }

  @Override
  public void forget(long now, boolean idle, long next) {
    // the window forgets
  }

  @Override
  public Optional<Extent> extent() {
    return Optional.empty();
  }

  @Override
  public <T> Future<T> read(Query<T> query) {
    throw new IllegalStateException("the window has everything");
  }

  @Override
  public <T> T readHere(Query<T> query) {
    throw new IllegalStateException("the window has everything");
  }

  @Override
  public Optional<LogSize> size() {
    return Optional.empty();
  }

  @Override
  public void close(long next) {
    // nothing is open
  }
}
