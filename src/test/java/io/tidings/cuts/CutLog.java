package io.tidings.cuts;

import java.util.ArrayList;
import java.util.List;

/**
 * The cuts that one node knows, and the order that they define: cut by cut, in a cut shard by
 * shard, in a shard as stored. Both directions are computed from the cuts alone: which event of
 * which shard has an offset (to merge, and to resume after a Last-Event-ID), and which offset an
 * event has (for the publisher's answer).
 */
final class CutLog {
  private final List<Cut> cuts = new ArrayList<>();

  /**
   * An event of a shard.
   *
   * @param shard its number
   * @param index of the event in the shard's log
   */
  record Place(int shard, long index) {}

  /** The number of the cut that comes next. */
  long next() {
    return cuts.size();
  }

  /** How many events are in the order. */
  long end() {
    return last().end();
  }

  /**
   * Adds a cut; one that is there already changes nothing.
   *
   * @return whether it was new
   * @throws IllegalArgumentException if one is missing before it, or it takes something back
   */
  boolean add(Cut cut) {
    if (cut.number() < next()) {
      return false;
    }
    if (cut.number() > next()) {
      throw new IllegalArgumentException("cut " + next() + " is missing before " + cut.number());
    }
    Cut last = last();
    for (int shard = 0; shard < last.shards(); shard++) {
      if (cut.length(shard) < last.length(shard)) {
        throw new IllegalArgumentException("cut " + cut.number() + " is behind the one before it");
      }
    }
    cuts.add(cut);
    return true;
  }

  /**
   * Finds the event with an offset.
   *
   * @throws IndexOutOfBoundsException if no cut has it
   */
  Place locate(long offset) {
    if (offset < 0 || offset >= end()) {
      throw new IndexOutOfBoundsException("offset " + offset + " of " + end());
    }
    int low = 0;
    int high = cuts.size() - 1;
    while (low < high) { // the first cut that ends beyond the offset
      int middle = (low + high) >>> 1;
      if (cuts.get(middle).end() > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    Cut before = before(low);
    long rest = offset - before.end();
    for (int shard = 0; ; shard++) {
      long grown = cuts.get(low).length(shard) - before.length(shard);
      if (rest < grown) {
        return new Place(shard, before.length(shard) + rest);
      }
      rest -= grown;
    }
  }

  /**
   * The offset of an event.
   *
   * @throws IndexOutOfBoundsException if no cut has it
   */
  long offset(Place place) {
    int low = 0;
    int high = cuts.size();
    while (low < high) { // the first cut that has it
      int middle = (low + high) >>> 1;
      if (cuts.get(middle).length(place.shard()) > place.index()) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    Cut cut = cuts.get(low);
    Cut before = before(low);
    long offset = before.end() + place.index() - before.length(place.shard());
    for (int shard = 0; shard < place.shard(); shard++) {
      offset += cut.length(shard) - before.length(shard);
    }
    return offset;
  }

  private Cut before(int index) {
    return index == 0 ? Cut.NONE : cuts.get(index - 1);
  }

  private Cut last() {
    return before(cuts.size());
  }
}
