package io.tidings.event;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A place in a log. Its text, eight characters, a tilde and at most thirteen more, all of {@code
 * 0-9a-z}, is what clients know as an id; only the hub reads anything in it.
 *
 * @param epoch one life of a log, 0 to {@link #MAX_EPOCH}; positions of different epochs have
 *     nothing to do with each other
 * @param offset grows along the log, is never used twice, need not be dense; 0 is before the first
 *     entry
 */
public record Position(long epoch, long offset) {
  private static final int RADIX = 36;
  private static final int EPOCH_DIGITS = 8;

  /** The greatest epoch: eight digits of base 36. */
  public static final long MAX_EPOCH = 2_821_109_907_455L;

  private static final Pattern FORM = Pattern.compile("([0-9a-z]{8})~([0-9a-z]{1,13})");
  private static final SecureRandom RANDOM = new SecureRandom();

  public Position {
    if (epoch < 0 || epoch > MAX_EPOCH || offset < 0) {
      throw new IllegalArgumentException("epoch " + epoch + ", offset " + offset);
    }
  }

  /** An epoch that no log has had: chosen at random, one of 2.8 million millions. */
  public static long newEpoch() {
    return RANDOM.nextLong(MAX_EPOCH + 1);
  }

  /** The position that the text names; nothing where it has not the form of one. */
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
    String digits = Long.toString(epoch, RADIX);
    return "0".repeat(EPOCH_DIGITS - digits.length()) + digits + '~' + Long.toString(offset, RADIX);
  }
}
