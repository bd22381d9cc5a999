package io.tidings.log.disk;

import io.tidings.log.Plural;
import io.tidings.log.SequenceGap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Brings the segments of a directory into a state in which the log can go on, and says what it
 * found. What is whole stays; a publication that was not written to its end is cut off.
 */
final class Recovery {
  private final List<Segment> segments;
  private final List<String> found = new ArrayList<>();
  private boolean damagedEnd;
  private boolean leaveNewest;

  private Recovery(List<Segment> segments) {
    this.segments = List.copyOf(segments);
  }

  /**
   * @param segments all of them, the oldest first
   */
  static Recovery of(List<Segment> segments) throws IOException {
    var recovery = new Recovery(segments);
    if (!segments.isEmpty()) {
      recovery.mendEnd(recovery.newest());
    }
    recovery.countLosses();
    return recovery;
  }

  /** Whether records may be lost after the last one that is whole. */
  boolean damagedEnd() {
    return damagedEnd;
  }

  /** The offset of the last record that is whole, 0 for none. */
  long last() {
    return segments.isEmpty() ? 0 : newest().last();
  }

  /** The time of that record; the lowest number for none. */
  long lastTime() {
    return segments.isEmpty() ? Long.MIN_VALUE : newest().known().lastTime();
  }

  /** The newest of the segments that were there. */
  Segment newest() {
    return segments.get(segments.size() - 1);
  }

  /** Whether the newest segment can be written to again. */
  boolean goesOnIn(SegmentRollPolicy rolling) {
    return !segments.isEmpty()
        && !damagedEnd
        && !leaveNewest
        && !newest().headerDamaged()
        && rolling.roomy(newest());
  }

  /** The last offset that is lost for sure; 0 where nobody knows. */
  long lostUpTo() {
    return segments.isEmpty() ? 0 : newest().indexedLast();
  }

  /** What is there, in one line. */
  String report() throws IOException {
    long records = 0;
    long bytes = 0;
    for (Segment segment : segments) {
      records += segment.known().records();
      bytes += segment.size();
    }
    String all =
        String.format(
            Locale.ROOT,
            "%s in %s, %.1f MB",
            Plural.entries(records),
            Plural.segments(segments.size()),
            bytes / 1e6);
    return found.isEmpty() ? all : all + "; " + String.join("; ", found);
  }

  /**
   * Looks how the newest segment ends after its last whole record. With nothing, or less than the
   * record there says that it has, or zeros only: then a write did not come to its end, and its
   * publication goes. With anything else: that was a record once.
   */
  private void mendEnd(Segment newest) throws IOException {
    if (!newest.open()) {
      return; // it has an index: it ended in good order
    }
    long place = newest.known().length();
    long tail = newest.size() - place;
    SegmentReader reader = newest.rawReader();
    if (reader.wholeButForItsLength(place)) {
      newest.mendLength(place);
      found.add("mended the length of the last entry of " + newest.name());
    } else if (tail > 0 && !reader.cutShort(place) && !reader.zeros(place)) {
      damagedEnd = true;
      if (newest.complete() < place) { // a part of a publication is none
        newest.forgetIncomplete();
        cutOff(newest, newest.size() - newest.complete());
      }
      found.add("the last " + tail + " bytes of " + newest.name() + " are damaged");
    } else if (newest.complete() < newest.size()) {
      long cut = newest.size() - newest.complete();
      newest.forgetIncomplete();
      cutOff(newest, cut);
    }
    damagedEnd |= newest.indexedLast() > newest.last();
  }

  private void cutOff(Segment newest, long bytes) {
    try {
      newest.truncate();
      found.add("cut off " + bytes + " bytes of what had not been written to its end");
    } catch (IOException e) {
      leaveNewest = true; // the next segment says that they don't count
      found.add("could not cut off " + bytes + " bytes of what had not been written to its end");
    }
  }

  private void countLosses() {
    int lost = 0;
    long before = segments.isEmpty() ? 0 : segments.get(0).previous();
    for (Segment segment : segments) {
      if (segment.previous() != before) {
        lost++;
      }
      if (segment.headerDamaged()) {
        found.add("the header of " + segment.name() + " is damaged");
      }
      lost += (int) segment.known().gaps().stream().filter(SequenceGap::lost).count();
      before = segment.last();
    }
    if (lost > 0) {
      found.add("entries are lost in " + lost + " places, which streams are told as hub.gap");
    }
  }
}
