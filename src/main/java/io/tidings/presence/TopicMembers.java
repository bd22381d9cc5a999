package io.tidings.presence;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Who is present at one topic by the streams of this node. Confined to the event loop of {@link
 * PresenceTable}.
 *
 * <p>Each change gives a member a new version, also the one by which it is gone, so that another
 * node can be told what has changed since a version. Of members that are gone the last {@link
 * #MAX_GONE} are remembered; who asks from before that, {@link #floor}, is told everything.
 *
 * <p>A member whose last stream has ended lingers. A stream without a token that ends lingers too,
 * and the next one that begins takes its place.
 */
final class TopicMembers {
  static final int MAX_GONE = 1_000;

  private final LongSupplier versions;
  private final int maxMembers;
  private final Map<MemberKey, Entry> members = new HashMap<>();
  private final NavigableMap<Long, MemberKey> changes = new TreeMap<>();

  /** The members that are gone, with their versions, the oldest first. */
  private final Map<MemberKey, Long> gone = new LinkedHashMap<>();

  /** The members without streams that may still linger, with the ends of that, in order. */
  private final Deque<Lingering> lingering = new ArrayDeque<>();

  /** When the streams without a token that have ended stop to linger, in order. */
  private final Deque<Long> lingeringAnonymous = new ArrayDeque<>();

  private int anonymous;
  private long version;
  private long floor;

  private record Entry(Member member, long version, long lingersUntil) {}

  private record Lingering(MemberKey key, long until) {}

  /**
   * @param versions numbers that grow, over all topics of the node
   * @param maxMembers how many are known by name; the streams of further ones count as without a
   *     token
   */
  TopicMembers(LongSupplier versions, int maxMembers) {
    this.versions = versions;
    this.maxMembers = maxMembers;
    this.version = versions.getAsLong();
    this.floor = version;
  }

  /**
   * A stream has begun.
   *
   * @return as whom it counts, for {@link #leave}
   */
  MemberKey join(MemberKey key, Optional<String> payload, Instant now) {
    Entry known = members.get(key);
    if (key.equals(MemberKey.ANONYMOUS) || known == null && members.size() >= maxMembers) {
      anonymous++;
      if (lingeringAnonymous.poll() == null) {
        version = versions.getAsLong();
      }
      return MemberKey.ANONYMOUS;
    }
    Member member = known == null ? new Member(key, payload, 0, now) : known.member;
    put(member.withPayload(payload).withStreams(member.streams() + 1), Long.MAX_VALUE);
    return key;
  }

  /** The member has shown another token. */
  void update(MemberKey key, Optional<String> payload) {
    Entry known = members.get(key);
    if (known != null && !known.member.payload().equals(payload)) {
      put(known.member.withPayload(payload), known.lingersUntil);
    }
  }

  /**
   * A stream has ended.
   *
   * @param lingersUntil not before the time of the previous call
   */
  void leave(MemberKey key, long lingersUntil) {
    if (key.equals(MemberKey.ANONYMOUS)) {
      anonymous--;
      lingeringAnonymous.add(lingersUntil);
      return;
    }
    Member member = members.get(key).member;
    int left = member.streams() - 1;
    put(member.withStreams(left), left == 0 ? lingersUntil : Long.MAX_VALUE);
    if (left == 0) {
      lingering.add(new Lingering(key, lingersUntil));
    }
  }

  /** Removes those that have lingered long enough. */
  void expire(long now) {
    while (!lingeringAnonymous.isEmpty() && lingeringAnonymous.peek() <= now) {
      lingeringAnonymous.poll();
      version = versions.getAsLong();
    }
    while (!lingering.isEmpty() && lingering.peek().until <= now) {
      Lingering due = lingering.poll();
      Entry entry = members.get(due.key);
      if (entry != null && entry.lingersUntil == due.until) {
        remove(due.key, entry);
      }
    }
  }

  private void put(Member member, long lingersUntil) {
    Entry before = members.get(member.key());
    Long removed = before == null ? gone.remove(member.key()) : (Long) before.version;
    if (removed != null) {
      changes.remove(removed);
    }
    version = versions.getAsLong();
    changes.put(version, member.key());
    members.put(member.key(), new Entry(member, version, lingersUntil));
  }

  private void remove(MemberKey key, Entry entry) {
    members.remove(key);
    changes.remove(entry.version);
    version = versions.getAsLong();
    changes.put(version, key);
    gone.put(key, version);
    if (gone.size() > MAX_GONE) {
      Map.Entry<MemberKey, Long> oldest = gone.entrySet().iterator().next();
      floor = oldest.getValue();
      changes.remove(floor);
      gone.remove(oldest.getKey());
    }
  }

  /** Whether nobody is present. */
  boolean isEmpty() {
    return members.isEmpty() && anonymous() == 0;
  }

  /** The streams that count and have no token. */
  int anonymous() {
    return anonymous + lingeringAnonymous.size();
  }

  /** The number of the last change. */
  long version() {
    return version;
  }

  /** Who knows only what was before this version has to be told everything. */
  long floor() {
    return floor;
  }

  /** The changes after a version, by their versions. */
  NavigableMap<Long, MemberKey> changesAfter(long since) {
    return changes.tailMap(since, false);
  }

  /** The member; empty if it is gone. */
  Optional<Member> member(MemberKey key) {
    return Optional.ofNullable(members.get(key)).map(Entry::member);
  }

  /** All members, in no particular order. */
  Iterable<Member> members() {
    return () -> members.values().stream().map(Entry::member).iterator();
  }
}
