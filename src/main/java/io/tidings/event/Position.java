package io.tidings.event;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A position in a log. Its text is an id to clients, opaque to them: the mark in eight characters,
 * a tilde, and the offset in at most thirteen characters, in base 36.
 *
 * @param epoch one life of a log, 0 to {@link #MAX_EPOCH}; positions of different epochs are not
 *     comparable
 * @param offset grows along the log, is never used twice, need not be dense; 0 is before the first
 *     entry
 * @param mark identifies the log's own positions, 0 to {@link #MAX_EPOCH}: the epoch in a log of a
 *     single hub; in a shared log each entry's own, so that two partitions of a cluster never give
 *     two entries one id; {@link #UNMARKED} for a position without an entry
 */
public record Position(long epoch, long offset, long mark) {
  private static final int RADIX = 36;
  private static final int EPOCH_DIGITS = 8;

  /** The greatest epoch: eight digits of base 36. */
  public static final long MAX_EPOCH = 2_821_109_907_455L;

  /** The mark of positions in a shared log at which there is no entry. */
  public static final long UNMARKED = 0;

  private static final Pattern FORM = Pattern.compile("([0-9a-z]{8})~([0-9a-z]{1,13})");
  private static final SecureRandom RANDOM = new SecureRandom();

  public Position {
    if (epoch < 0 || epoch > MAX_EPOCH || offset < 0 || mark < 0 || mark > MAX_EPOCH) {
      throw new IllegalArgumentException(
          "epoch " + epoch + ", offset " + offset + ", mark " + mark);
    }
  }

  /** A position in the log of a single hub. */
  public Position(long epoch, long offset) {
    this(epoch, offset, epoch);
  }

  /** Another position of the same epoch. */
  public Position at(long otherOffset) {
    return new Position(epoch, otherOffset, mark == epoch ? epoch : UNMARKED);
  }

  /** A new epoch: random, one of 2.8e12, so practically unique. */
  public static long newEpoch() {
    return RANDOM.nextLong(MAX_EPOCH + 1);
  }

  /**
   * Parses a position, with the mark in place of the epoch; empty if the text is not a position.
   */
  public static Optional<Position> parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    try {
      long epoch = Long.parseLong(form.group(1), RADIX);
      return Optional.of(new Position(epoch, Long.parseLong(form.group(2), RADIX)));
    } catch (NumberFormatException e) {
      return Optional.empty(); // thirteen digits can exceed a long
    }
  }

  @Override
  public String toString() {
    String digits = Long.toString(mark, RADIX);
    return "0".repeat(EPOCH_DIGITS - digits.length()) + digits + '~' + Long.toString(offset, RADIX);
  }
}
