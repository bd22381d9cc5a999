package io.tidings.log.disk;

import io.tidings.log.Plural;
import io.tidings.log.SequenceGap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Brings the segments of a directory into a state in which records can be appended, and reports
 * what it found. Intact records stay; a publication that was not written completely is cut off. One
 * thread, when the log is opened.
 */
final class Recovery {
  private final List<Segment> segments;
  private final List<String> findings = new ArrayList<>();
  private boolean tailDamaged;
  private boolean tailNotCutOff;

  private Recovery(List<Segment> segments) {
    this.segments = List.copyOf(segments);
  }

  /**
   * Repairs the segments.
   *
   * @param segments all of them, the oldest first
   */
  static Recovery of(List<Segment> segments) throws IOException {
    var recovery = new Recovery(segments);
    if (!segments.isEmpty()) {
      recovery.repairTail(recovery.newest());
    }
    recovery.countLosses();
    return recovery;
  }

  /** Whether records may be lost after the last intact one. */
  boolean tailDamaged() {
    return tailDamaged;
  }

  /** The offset of the last intact record; 0 for none. */
  long last() {
    return segments.isEmpty() ? 0 : newest().last();
  }

  /**
   * The lowest offset that may be used next. An empty newest segment begins past the last record,
   * and no record may come before a segment's first offset.
   */
  long nextOffset() {
    return segments.isEmpty() ? 1 : Math.max(last() + 1, newest().first());
  }

  /** The time of that record; {@link Long#MIN_VALUE} for none. */
  long lastTime() {
    return segments.isEmpty() ? Long.MIN_VALUE : newest().contents().lastTime();
  }

  /** The newest of the existing segments. */
  Segment newest() {
    return segments.get(segments.size() - 1);
  }

  /** Whether the newest segment can be appended to again. */
  boolean canAppendToNewest(SegmentRollPolicy rollPolicy) {
    return !segments.isEmpty()
        && !tailDamaged
        && !tailNotCutOff
        && !newest().file().headerDamaged()
        && rollPolicy.hasRoom(newest());
  }

  /** The last offset that is known to be lost; 0 or less if there is none. */
  long lostUpTo() {
    return segments.isEmpty() ? 0 : newest().lastIndexed();
  }

  /** The size of the log and the findings, in one line. */
  String report() throws IOException {
    long records = 0;
    long bytes = 0;
    for (Segment segment : segments) {
      records += segment.contents().records();
      bytes += segment.file().size();
    }
    String size =
        String.format(
            Locale.ROOT,
            "%s in %s, %.1f MB",
            Plural.entries(records),
            Plural.segments(segments.size()),
            bytes / 1e6);
    return findings.isEmpty() ? size : size + "; " + String.join("; ", findings);
  }

  private void repairTail(Segment newest) throws IOException {
    if (!newest.indexInMemory()) {
      return; // it has an index file: the previous process shut down cleanly
    }
    var repair = new SegmentRepair(newest);
    switch (repair.tail()) {
      case NONE -> {}
      case LENGTH_DAMAGED -> {
        repair.restoreLength();
        findings.add("restored the length of the last entry of " + newest.name());
      }
      case DAMAGED -> {
        tailDamaged = true;
        long damaged = newest.file().size() - newest.contents().length();
        if (newest.completeLength() < newest.contents().length()) {
          cutOff(newest, repair); // a publication counts as a whole or not at all
        }
        findings.add("the last " + damaged + " bytes of " + newest.name() + " are damaged");
      }
      case INCOMPLETE -> cutOff(newest, repair);
    }
    tailDamaged |= newest.lastIndexed() > newest.last();
  }

  /**
   * Cuts off an incomplete publication and what follows it. That is forced in every configuration,
   * since its publisher may publish it again: then it must not reappear after a power cut.
   *
   * @throws IOException if the tail is damaged and can't be cut off
   */
  private void cutOff(Segment newest, SegmentRepair repair) throws IOException {
    long size = newest.file().size() - newest.completeLength();
    String bytes = size + " bytes that had not been written completely";
    repair.dropIncomplete();
    try {
      newest.truncate();
      newest.file().force();
      findings.add("cut off " + bytes);
    } catch (IOException e) {
      if (tailDamaged) { // the next segment names all offsets before it as lost, and excludes none
        throw new IOException(
            "could not cut off " + bytes + " from " + newest.name() + ": " + e.getMessage(), e);
      }
      tailNotCutOff = true; // the header of the next segment excludes them
      findings.add("could not cut off " + bytes);
    }
  }

  private void countLosses() {
    int losses = 0;
    long last = segments.isEmpty() ? 0 : segments.get(0).previous();
    for (Segment segment : segments) {
      if (segment.previous() != last) {
        losses++;
      }
      if (segment.file().headerDamaged()) {
        findings.add("the header of " + segment.name() + " is damaged");
      }
      losses += (int) segment.contents().gaps().stream().filter(SequenceGap::lost).count();
      last = segment.last();
    }
    if (losses > 0) {
      findings.add("entries are lost in " + losses + " places, reported to streams as hub.gap");
    }
  }
}
