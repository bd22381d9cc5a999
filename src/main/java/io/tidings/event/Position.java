package io.tidings.event;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A place in a log. Its text, the mark in eight characters, a tilde and the offset in at most
 * thirteen more, all of {@code 0-9a-z}, is what clients know as an id; only the hub reads anything
 * in it.
 *
 * @param epoch one life of a log, 0 to {@link #MAX_EPOCH}; positions of different epochs have
 *     nothing to do with each other
 * @param offset grows along the log, is never used twice, need not be dense; 0 is before the first
 *     entry
 * @param mark by which a log knows its own places again, 0 to {@link #MAX_EPOCH}: the epoch, where
 *     one hub alone has the log; in one that many share the entry's own, so that two halves of a
 *     cluster that could not hear each other never give two entries one id; {@link #UNMARKED} for a
 *     place without an entry
 */
public record Position(long epoch, long offset, long mark) {
  private static final int RADIX = 36;
  private static final int EPOCH_DIGITS = 8;

  /** The greatest epoch: eight digits of base 36. */
  public static final long MAX_EPOCH = 2_821_109_907_455L;

  /** The mark of places in a shared log that are no entry's. */
  public static final long UNMARKED = 0;

  private static final Pattern FORM = Pattern.compile("([0-9a-z]{8})~([0-9a-z]{1,13})");
  private static final SecureRandom RANDOM = new SecureRandom();

  public Position {
    if (epoch < 0 || epoch > MAX_EPOCH || offset < 0 || mark < 0 || mark > MAX_EPOCH) {
      throw new IllegalArgumentException(
          "epoch " + epoch + ", offset " + offset + ", mark " + mark);
    }
  }

  /** A place in a log that one hub alone has. */
  public Position(long epoch, long offset) {
    this(epoch, offset, epoch);
  }

  /** Another place of the same log's life. */
  public Position at(long otherOffset) {
    return new Position(epoch, otherOffset, mark == epoch ? epoch : UNMARKED);
  }

  /** An epoch that no log has had: chosen at random, one of 2.8 million millions. */
  public static long newEpoch() {
    return RANDOM.nextLong(MAX_EPOCH + 1);
  }

  /**
   * The position that the text names, with the mark for its epoch; nothing where it has not the
   * form of one.
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
      return Optional.empty(); // thirteen digits can say more than a long holds
    }
  }

  @Override
  public String toString() {
    String digits = Long.toString(mark, RADIX);
    return "0".repeat(EPOCH_DIGITS - digits.length()) + digits + '~' + Long.toString(offset, RADIX);
  }
}
