package raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Joins publications into groups: a group is sent as soon as fewer than {@code inFlight} are unanswered, with all publications that
 * have accumulated meanwhile, up to a size. So a lone publication never waits, and under load the cost of a command is shared. The
 * bytes that wait or are unanswered have a bound. Methods are called by any thread; groups are sent in order, one at a time.
 */
final class GroupCommit {
  private static final int MAX_GROUP_BYTES = 256 << 10;

  private record Publication(byte[] bytes, CompletableFuture<Void> answer) {}

  private final Function<byte[], CompletableFuture<Void>> sink;
  private final int inFlight;
  private final long maxBytes;

  /** Guarded by this. */
  private final Queue<Publication> waiting = new ArrayDeque<>();

  private int unanswered;
  private long bytes;
  private boolean sending;

  GroupCommit(Function<byte[], CompletableFuture<Void>> sink, int inFlight, long maxBytes) {
    this.sink = sink;
    this.inFlight = inFlight;
    this.maxBytes = maxBytes;
  }

  /** Adds a publication, or returns false when the bound is reached. */
  boolean add(byte[] publication, CompletableFuture<Void> answer) {
    synchronized (this) {
      if (bytes > 0 && bytes + publication.length > maxBytes) {
        return false;
      }
      bytes += publication.length;
      waiting.add(new Publication(publication, answer));
    }
    send();
    return true;
  }

  private void send() {
    while (true) {
      List<Publication> group;
      synchronized (this) {
        if (sending || unanswered >= inFlight || waiting.isEmpty()) {
          return;
        }
        group = nextGroup();
        unanswered++;
        sending = true;
      }
      CompletableFuture<Void> answer;
      try {
        answer = sink.apply(join(group));
      } catch (RuntimeException e) {
        answer = CompletableFuture.failedFuture(e);
      }
      synchronized (this) {
        sending = false;
      }
      answer.whenComplete((nothing, failure) -> answered(group, failure));
    }
  }

  private void answered(List<Publication> group, Throwable failure) {
    synchronized (this) {
      unanswered--;
      for (Publication publication : group) {
        bytes -= publication.bytes.length;
      }
    }
    send();
    for (Publication publication : group) {
      if (failure == null) {
        publication.answer.complete(null);
      } else {
        publication.answer.completeExceptionally(failure);
      }
    }
  }

  private List<Publication> nextGroup() {
    var group = new ArrayList<Publication>();
    long size = 0;
    while (!waiting.isEmpty() && (group.isEmpty() || size + waiting.peek().bytes.length <= MAX_GROUP_BYTES)) {
      size += waiting.peek().bytes.length;
      group.add(waiting.remove());
    }
    return group;
  }

  private static byte[] join(List<Publication> group) {
    if (group.size() == 1) {
      return group.get(0).bytes;
    }
    var joined = new byte[group.stream().mapToInt(publication -> publication.bytes.length).sum()];
    int at = 0;
    for (Publication publication : group) {
      System.arraycopy(publication.bytes, 0, joined, at, publication.bytes.length);
      at += publication.bytes.length;
    }
    return joined;
  }
}
