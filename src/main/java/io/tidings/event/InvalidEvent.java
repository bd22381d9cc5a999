package io.tidings.event;

/**
 * A client's input breaks a rule: its field and that rule, which are reported to the client. Never
 * the hub's own fault. Not final for a rule whose breach has another status than 400.
 */
public class InvalidEvent extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final int NO_LINE = 0;

  private final String field;
  private final String rule;
  private final int line;

  /**
   * @param field the field's name in the request, for example {@code topic}
   * @param rule the rule, for example {@code must not be empty}
   */
  public InvalidEvent(String field, String rule) {
    this(field, rule, NO_LINE);
  }

  /**
   * @param line of the batch, counted from 1; 0 without a batch
   */
  protected InvalidEvent(String field, String rule, int line) {
    super(line == NO_LINE ? field + ": " + rule : "line " + line + ": " + field + ": " + rule);
    this.field = field;
    this.rule = rule;
    this.line = line;
  }

  /** The same error, on the given line of a batch, counted from 1. */
  public InvalidEvent atLine(int number) {
    return new InvalidEvent(field, rule, number);
  }

  public final String field() {
    return field;
  }

  public final String rule() {
    return rule;
  }

  /** The line of the batch, counted from 1; 0 without a batch. */
  public final int line() {
    return line;
  }
}
