package io.tidings.log;

import io.tidings.event.Selection;
import java.util.List;
import java.util.Optional;

/**
 * Matches a selection with globs against the entries of a window. A scan holds the window's lock
 * only while it copies a slice of at most {@link #SLICE} entries. Belongs to one thread.
 */
final class GlobScan {
  /** The maximum number of entries that are scanned for one page. */
  static final int MAX_SCANNED = 20_000;

  /** The number of entries that are copied under the lock at once. */
  static final int SLICE = 1_024;

  private final Window window;
  private final Selection selection;

  GlobScan(Window window, Selection selection) {
    this.window = window;
    this.selection = selection;
  }

  /** Adds matching entries to the page. Returns false if the next entries were evicted. */
  boolean collect(PageBuilder page) {
    for (int scanned = 0; scanned < MAX_SCANNED && !page.isFull(); ) {
      Optional<List<Entry>> slice = window.sliceAfter(page);
      if (slice.isEmpty()) {
        return scanned > 0; // the rest was evicted meanwhile; the page ends before it
      } else if (slice.get().isEmpty()) {
        return true;
      }
      scanned += collect(slice.get(), page);
    }
    return true;
  }

  /** Returns the number of entries that were scanned. */
  private int collect(List<Entry> slice, PageBuilder page) {
    int scanned = 0;
    while (scanned < slice.size() && !page.isFull()) {
      Entry entry = slice.get(scanned++);
      if (selection.matches(entry.event())) {
        page.add(entry);
      } else {
        page.skip(entry);
      }
    }
    return scanned;
  }

  /** The newest entry that matches. */
  Optional<Entry> newest() {
    List<Entry> slice = window.sliceBefore(Long.MAX_VALUE);
    while (!slice.isEmpty()) {
      for (int i = slice.size() - 1; i >= 0; i--) {
        if (selection.matches(slice.get(i).event())) {
          return Optional.of(slice.get(i));
        }
      }
      slice = window.sliceBefore(slice.get(0).offset());
    }
    return Optional.empty();
  }
}
