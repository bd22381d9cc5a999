package io.tidings.fanout;

import io.tidings.event.Selection;

/**
 * What all subscribers of an audience have in common. Rights are in the selection, so streams that
 * receive the same events share an audience, whoever opened them.
 */
record AudienceKey(Selection selection, WireFormat wire, Traffic traffic) {
  /** Written out: that of a record is a chain of method handles, slow until it is compiled. */
  @Override
  public int hashCode() {
    return (selection.filter().hashCode() * 31 + wire.ordinal()) * 31 + traffic.ordinal();
  }
}
