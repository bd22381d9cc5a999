package io.tidings.log;

import java.util.List;

/**
 * The log of a node, as another node fetches it.
 *
 * @param ancestors the earlier epochs of a log that was restored
 * @param segments the oldest first
 */
public record LogParts(long epoch, EpochAncestors ancestors, List<SegmentPart> segments) {
  public LogParts {
    segments = List.copyOf(segments);
    for (int i = 1; i < segments.size(); i++) {
      if (segments.get(i).previous() < segments.get(i - 1).last()
          || segments.get(i).first() <= segments.get(i - 1).first()) {
        throw new IllegalArgumentException("segments overlap: " + segments.get(i));
      }
    }
  }

  /** The offset of the newest record; 0 for none. */
  public long last() {
    return segments.isEmpty() ? 0 : segments.get(segments.size() - 1).last();
  }
}
