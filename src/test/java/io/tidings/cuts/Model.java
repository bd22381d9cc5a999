package io.tidings.cuts;

/** A way to order and deliver the events of three regions. */
interface Model {
  /** An event arrives at a hub in its region. */
  void publish(Event event);

  /** Checks what it promises, when everything has arrived. */
  void check(History history);
}
