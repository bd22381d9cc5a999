package io.tidings.fanout;

/**
 * A queue whose elements hold its links. So nothing is allocated and nothing can fail when an
 * element is added or removed, and both take constant time: what waits in it is never lost for lack
 * of memory. Not thread-safe.
 */
final class LinkedQueue<E extends LinkedQueue.Element<E>> {
  private E first;
  private E last;
  private int size;

  /** Something that waits in one such queue at most. */
  abstract static class Element<E extends Element<E>> {
    private LinkedQueue<E> queue;
    private E previous;
    private E next;
  }

  /**
   * Adds an element at the end, out of the queue in which it has waited until now; if that is this
   * one, it keeps its place.
   */
  void add(E element) {
    Element<E> links = element;
    if (links.queue == this) {
      return;
    } else if (links.queue != null) {
      links.queue.remove(element);
    }
    links.queue = this;
    links.previous = last;
    if (last == null) {
      first = element;
    } else {
      ((Element<E>) last).next = element;
    }
    last = element;
    size++;
  }

  /** Removes an element if it is in this queue. */
  void remove(E element) {
    Element<E> links = element;
    if (links.queue != this) {
      return;
    }
    Element<E> before = links.previous;
    Element<E> after = links.next;
    if (before == null) {
      first = links.next;
    } else {
      before.next = links.next;
    }
    if (after == null) {
      last = links.previous;
    } else {
      after.previous = links.previous;
    }
    links.queue = null;
    links.previous = null;
    links.next = null;
    size--;
  }

  /** The element that waits longest; null if there is none. */
  E first() {
    return first;
  }

  /** Removes and returns the element that waits longest; null if there is none. */
  E poll() {
    E element = first;
    if (element != null) {
      remove(element);
    }
    return element;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }
}
