package io.tidings.limits;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The states of the clients that were active lately. Any thread; looking up a known client takes no
 * lock.
 *
 * <p>The number of states is fixed. A new client takes the place of one that has nothing open and
 * whose buckets are full, so that nothing is lost with it: such a place is looked for from where
 * the last search ended, at a fixed number of places (the clock algorithm). If all of these are
 * active, the client shares the state of those whose keys have the same random hash, until one of
 * its requests finds a place. So a flood of addresses neither grows the table nor refuses a client
 * that is in it; only clients that come new during it may be refused because of others.
 */
final class ClientTable {
  private static final int PLACES = 1 << 16;
  private static final int SEARCHED = 64;
  private static final int SHARED = 1 << 10;

  private final List<Rate> rates;
  private final Map<LimitKey, ClientState> states = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<ClientState> places;
  private final AtomicInteger hand = new AtomicInteger();
  private final ClientState[] shared;

  /** Odd, so that nobody knows which keys share a state. */
  private final int multiplier = ThreadLocalRandom.current().nextInt() | 1;

  ClientTable(List<Rate> rates, long now) {
    this(rates, now, PLACES, SHARED);
  }

  /**
   * @param places the largest number of states; a power of two
   * @param shared the number of states for clients without a place; a power of two
   */
  ClientTable(List<Rate> rates, long now, int places, int shared) {
    this.rates = rates;
    this.places = new AtomicReferenceArray<>(places);
    this.shared = new ClientState[shared];
    for (int i = 0; i < shared; i++) {
      this.shared[i] = new ClientState(LimitKey.ofAddress(""), rates.size(), now);
    }
  }

  /** The state of a client. It may be retired meanwhile: then {@link #forget} it and ask again. */
  ClientState get(LimitKey key, long now) {
    ClientState known = states.get(key);
    return known == null ? add(key, now) : known;
  }

  /** Removes a state that was retired. */
  void forget(ClientState retired) {
    states.remove(retired.key(), retired);
  }

  int size() {
    return states.size();
  }

  private ClientState add(LimitKey key, long now) {
    var state = new ClientState(key, rates.size(), now);
    int place = place(state, now);
    if (place < 0) {
      return shared[Integer.remainderUnsigned(key.hashCode() * multiplier >>> 16, shared.length)];
    }
    ClientState other = states.putIfAbsent(key, state);
    if (other != null) {
      places.compareAndSet(place, state, null); // another thread was faster
      return other;
    }
    return state;
  }

  /** Finds a place for the state; negative if there is none. */
  private int place(ClientState state, long now) {
    for (int i = 0; i < Math.min(SEARCHED, places.length()); i++) {
      int place = hand.getAndIncrement() & places.length() - 1;
      ClientState old = places.get(place);
      if (old == null || old.retire(rates, now)) {
        if (old != null) {
          forget(old);
        }
        if (places.compareAndSet(place, old, state)) {
          return place;
        }
      }
    }
    return -1;
  }
}
