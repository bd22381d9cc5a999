package io.tidings.log;

import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The journal of a log in memory: it stores nothing, the window has all entries. */
final class NoJournal implements Journal {
  @Override
  public void append(List<LogRecord> records) {
    // the window has the entries
  }

  @Override
  public void rollBack(long next) {
    throw new IllegalStateException("appends to memory do not fail");
  }

  @Override
  public void probe(long next) {
    // memory can always be written to
  }

  @Override
  public void force() {
    // nothing is stored
  }

  @Override
  public Optional<IOException> forceFailure() {
    return Optional.empty();
  }

  @Override
  public void applyRetention(long now) {
    // the window evicts
  }

  @Override
  public void expireNewest(long now, long next) {
    // the window evicts
  }

  @Override
  public Optional<Extent> extent() {
    return Optional.empty();
  }

  @Override
  public <T> Future<T> read(Query<T> query) {
    throw new IllegalStateException("the window has all entries");
  }

  @Override
  public <T> T readBlocking(Query<T> query) {
    throw new IllegalStateException("the window has all entries");
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
