package io.tidings.fanout;

import io.tidings.event.Selection;
import io.tidings.event.Selector;
import io.tidings.log.Entry;
import io.tidings.sse.Frame;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * All streams of one event loop with the same selection, on the same wire. Confined to that loop.
 *
 * <p>Entries that came since the last delivery wait in {@code pending}; a delivery joins them into
 * one chunk and writes it to every live subscriber, in slices, so that a large audience does not
 * hold up the loop. Who is not writable falls behind, with its cursor where the delivery began. Who
 * joins in the middle of a delivery sits behind its {@code limit} and gets the next one; who leaves
 * in the middle leaves an empty seat, which is filled up afterwards.
 */
final class Audience {
  /** How many bytes of frames one chunk has at the most, unless it is a single frame. */
  private static final int CHUNK_BYTES = 128 * 1024;

  private static final long NO_PLACE = -1;
  private static final long SHORTEST_REST = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long LONGEST_REST = TimeUnit.MILLISECONDS.toNanos(5);

  private final Selection selection;
  private final Wire wire;
  private final Traffic traffic;
  private final Audiences audiences;
  private final List<Subscriber> live = new ArrayList<>();
  private final Set<Subscriber> behind = new LinkedHashSet<>();
  private List<Entry> pending = new ArrayList<>(1);

  /**
   * Up to where live subscribers were served before the delivery in hand; counts only while there
   * is something to deliver.
   */
  private long served;

  private Chunk chunk;
  private long chunkEnd;
  private int next;
  private int limit;
  private boolean emptySeats;

  /** When the oldest pending entry came to the loop, and when the oldest of the chunk did. */
  private long pendingSince;

  private long chunkSince;
  private int chunkEvents;

  /** How many of the chunk's events are ticks of the hub's own clock. */
  private int chunkTicks;

  private int sockets;

  /**
   * When the delivery in hand began, and before when the next must not, by {@link System#nanoTime}.
   */
  private long began;

  private long restUntil = System.nanoTime();

  private long lastWrite;
  private long lastPlaceTold = NO_PLACE;

  Audience(Selection selection, Wire wire, Traffic traffic, Audiences audiences, long now) {
    this.selection = selection;
    this.wire = wire;
    this.traffic = traffic;
    this.audiences = audiences;
    this.lastWrite = now;
  }

  Selection selection() {
    return selection;
  }

  Wire wire() {
    return wire;
  }

  Traffic traffic() {
    return traffic;
  }

  /** Whether nobody is in it. */
  boolean deserted() {
    return live.isEmpty() && behind.isEmpty();
  }

  int behind() {
    return behind.size();
  }

  /** How many offsets the last of those behind has to go. */
  long lag(long head) {
    long lag = 0;
    for (Subscriber subscriber : behind) {
      if (subscriber.cursor() != null) {
        lag = Math.max(lag, head - subscriber.cursor().offset());
      }
    }
    return lag;
  }

  /** Those behind, as they are told of. */
  Stream<Straggler> stragglers(long head, long now) {
    List<String> topics = selection.selectors().stream().map(Selector::pattern).toList();
    return behind.stream()
        .filter(subscriber -> subscriber.cursor() != null)
        .map(
            subscriber ->
                new Straggler(
                    topics,
                    head - subscriber.cursor().offset(),
                    now - subscriber.behindSince(),
                    subscriber.client()));
  }

  /** Everybody in it. */
  List<Subscriber> everybody() {
    var everybody = new ArrayList<Subscriber>(live.size() + behind.size());
    for (Subscriber subscriber : live) {
      if (subscriber != null) {
        everybody.add(subscriber);
      }
    }
    everybody.addAll(behind);
    return everybody;
  }

  /**
   * The offset at which one who has heard everything up to there can become live.
   *
   * @param head the newest offset that the loop has heard of
   */
  long edge(long head) {
    if (chunk != null) {
      return chunkEnd;
    }
    return pending.isEmpty() ? head : served;
  }

  /**
   * Up to where a live subscriber was served: in the middle of a delivery that depends on whether
   * it had its turn.
   */
  long reached(Subscriber subscriber, long head) {
    boolean due = chunk != null && subscriber.seat() >= next && subscriber.seat() < limit;
    return due ? served : edge(head);
  }

  /**
   * Seats one who is at the {@link #edge}.
   *
   * @param place the offset of the edge
   * @param told whether it knows the id of that place
   */
  void seat(Subscriber subscriber, long place, boolean told) {
    behind.remove(subscriber);
    if (!told) {
      lastPlaceTold = NO_PLACE;
    } else if (live.isEmpty()) {
      lastPlaceTold = place;
    }
    subscriber.seat(live.size());
    live.add(subscriber);
  }

  /** Takes in one who is not live yet. */
  void admit(Subscriber subscriber) {
    behind.add(subscriber);
  }

  void leave(Subscriber subscriber) {
    if (!behind.remove(subscriber) && subscriber.seated()) {
      unseat(subscriber);
    }
  }

  /**
   * Sets everybody back who is live: the loop has missed something after the given offset. Nothing
   * may be in delivery.
   *
   * @return those who were live; they must {@link Subscriber#settle}
   */
  List<Subscriber> setBack(long heard) {
    List<Subscriber> set = List.copyOf(live);
    set.forEach(subscriber -> fallBehind(subscriber, heard));
    return set;
  }

  /**
   * Takes an entry, to be delivered.
   *
   * @param head the offset that the loop had heard before this entry
   * @param nanos when the log handed it on
   * @return whether there was nothing to deliver before
   */
  boolean offer(Entry entry, long head, long nanos) {
    boolean idle = idle();
    if (idle) {
      served = head;
    } else if (!pending.isEmpty() && pending.get(pending.size() - 1) == entry) {
      return false; // it came by another of its topics already
    }
    if (pending.isEmpty()) {
      pendingSince = nanos;
    }
    pending.add(entry);
    return idle;
  }

  /**
   * Begins to tell live subscribers, if they have heard nothing for that long, that they are still
   * connected.
   *
   * @return whether there is something to deliver now
   */
  boolean beat(long now, long silence, long head, String place) {
    if (!idle() || live.isEmpty() || now - lastWrite < silence) {
      return false;
    }
    served = head;
    Frame beat = wire.beat(place, lastPlaceTold == head);
    lastPlaceTold = head;
    begin(Chunk.of(beat), 0, 0, head, now);
    return true;
  }

  /**
   * Delivers, to at most so many subscribers; begins with nothing as long as there is {@link
   * #rest}.
   *
   * @return how many of them are left of {@code most}; 0 where there is more to do at once
   */
  int deliver(int most, long head, long now) {
    int left = most;
    while (chunk != null || !pending.isEmpty()) {
      if (chunk == null) {
        if (rest(System.nanoTime()) > 0) {
          break;
        }
        takePending(head, now);
      }
      while (next < limit) {
        if (left == 0) {
          return 0;
        }
        left--;
        write(live.get(next++));
      }
      finish();
    }
    return Math.max(left, 1);
  }

  /** Delivers all that there is, at once. */
  void deliverAll(long head, long now) {
    while (!idle()) {
      restUntil = System.nanoTime();
      deliver(Integer.MAX_VALUE, head, now);
    }
  }

  /**
   * How many nanoseconds the audience still rests. After a delivery it rests for as long as that
   * took, for then the loop serves those who publish, and what they say meanwhile leaves together:
   * many times as much, later by no more than a delivery takes anyway.
   */
  long rest(long nanos) {
    return chunk != null || pending.isEmpty() ? 0 : restUntil - nanos;
  }

  /** Whether nothing waits and nothing is in delivery. */
  boolean idle() {
    return chunk == null && pending.isEmpty();
  }

  private void takePending(long head, long now) {
    int bytes = 0;
    int count = 0;
    while (count < pending.size() && bytes < CHUNK_BYTES) {
      bytes += pending.get(count++).frame().size();
    }
    List<Entry> taken = pending.subList(0, count);
    Chunk joined = Chunk.of(taken, wire);
    boolean all = count == pending.size();
    lastPlaceTold = taken.get(count - 1).offset();
    begin(joined, count, ticks(taken), all ? head : lastPlaceTold, now);
    if (all) {
      pending = new ArrayList<>(1);
    } else {
      taken.clear();
    }
  }

  /** How many of the entries are ticks of the hub's own clock. */
  static int ticks(List<Entry> entries) {
    int ticks = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).ofClock()) {
        ticks++;
      }
    }
    return ticks;
  }

  private void begin(Chunk joined, int events, int ticks, long end, long now) {
    chunk = joined;
    chunkEvents = events;
    chunkTicks = ticks;
    chunkSince = pendingSince;
    sockets = 0;
    began = System.nanoTime();
    chunkEnd = end;
    next = 0;
    limit = live.size();
    lastWrite = now;
  }

  private void write(Subscriber subscriber) {
    if (subscriber == null) {
      return; // left since the delivery began
    }
    if (subscriber.outlet().writable()) {
      subscriber.outlet().write(chunk);
      sockets++;
    } else {
      fallBehind(subscriber, served);
    }
  }

  private void finish() {
    audiences.count(traffic, chunk, chunkEvents, chunkTicks, sockets);
    audiences.delivered(chunkEvents, chunkSince);
    chunk.release();
    chunk = null;
    long nanos = System.nanoTime();
    long took = nanos - began;
    restUntil = took < SHORTEST_REST ? nanos : nanos + Math.min(took, LONGEST_REST);
    served = chunkEnd;
    if (emptySeats) {
      closeRanks();
    }
  }

  private void fallBehind(Subscriber subscriber, long heard) {
    unseat(subscriber);
    behind.add(subscriber);
    subscriber.fallBehind(audiences.heardUpTo(heard));
  }

  private void unseat(Subscriber subscriber) {
    int seat = subscriber.seat();
    subscriber.unseat();
    if (chunk != null) {
      live.set(seat, null);
      emptySeats = true;
      return;
    }
    Subscriber last = live.remove(live.size() - 1);
    if (last != subscriber) {
      live.set(seat, last);
      last.seat(seat);
    }
  }

  private void closeRanks() {
    int seat = 0;
    for (Subscriber subscriber : live) {
      if (subscriber != null) {
        live.set(seat, subscriber);
        subscriber.seat(seat++);
      }
    }
    live.subList(seat, live.size()).clear();
    emptySeats = false;
  }
}
