package io.tidings.event;

/**
 * What a client sent breaks a rule. Names the field and the rule, so that the client can be told
 * both; it is never the hub's own fault.
 */
public final class InvalidEvent extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final int NO_LINE = 0;

  private final String field;
  private final String rule;
  private final int line;

  /**
   * @param field the field as the client wrote it, for example {@code topic}
   * @param rule what it must be, for example {@code must not be empty}
   */
  public InvalidEvent(String field, String rule) {
    this(field, rule, NO_LINE);
  }

  private InvalidEvent(String field, String rule, int line) {
    super(line == NO_LINE ? field + ": " + rule : "line " + line + ": " + field + ": " + rule);
    this.field = field;
    this.rule = rule;
    this.line = line;
  }

  /** The same fault, found on the given line (from 1) of a batch. */
  public InvalidEvent atLine(int number) {
    return new InvalidEvent(field, rule, number);
  }

  public String field() {
    return field;
  }

  public String rule() {
    return rule;
  }

  /** The line of the batch, from 1; 0 where there was no batch. */
  public int line() {
    return line;
  }
}
