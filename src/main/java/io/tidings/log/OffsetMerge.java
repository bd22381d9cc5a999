package io.tidings.log;

import java.util.List;

/**
 * Merges several ascending lists into one ascending sequence without duplicates, with a binary heap
 * of the lists by their next number. Not thread-safe.
 */
public final class OffsetMerge {
  private final List<? extends OffsetList> lists;
  private final int[] heap;
  private final int[] index;
  private final long[] next;
  private int size;
  private int list;
  private int row;
  private long number;

  /**
   * @param from the lowest number of the result
   */
  public OffsetMerge(List<? extends OffsetList> lists, long from) {
    this.lists = lists;
    this.heap = new int[lists.size()];
    this.index = new int[lists.size()];
    this.next = new long[lists.size()];
    for (int i = 0; i < heap.length; i++) {
      index[i] = lists.get(i).ceiling(from);
      if (index[i] < lists.get(i).size()) {
        next[i] = lists.get(i).get(index[i]);
        heap[size] = i;
        up(size++);
      }
    }
  }

  /** Advances to the next number; false if there is none. */
  public boolean advance() {
    if (size == 0) {
      return false;
    }
    list = heap[0];
    row = index[list];
    number = next[list];
    while (size > 0 && next[heap[0]] == number) {
      advanceTop();
    }
    return true;
  }

  /** The current number. */
  public long number() {
    return number;
  }

  /** The index of a list that contains the current number. */
  public int list() {
    return list;
  }

  /** The index of the current number in {@link #list}. */
  public int row() {
    return row;
  }

  private void advanceTop() {
    int top = heap[0];
    if (++index[top] < lists.get(top).size()) {
      next[top] = lists.get(top).get(index[top]);
    } else {
      heap[0] = heap[--size];
    }
    down();
  }

  private void up(int from) {
    for (int i = from; i > 0 && next[heap[i]] < next[heap[(i - 1) / 2]]; i = (i - 1) / 2) {
      swap(i, (i - 1) / 2);
    }
  }

  private void down() {
    int i = 0;
    while (true) {
      int least = i;
      for (int child = 2 * i + 1; child <= 2 * i + 2 && child < size; child++) {
        least = next[heap[child]] < next[heap[least]] ? child : least;
      }
      if (least == i) {
        return;
      }
      swap(i, least);
      i = least;
    }
  }

  private void swap(int a, int b) {
    int list = heap[a];
    heap[a] = heap[b];
    heap[b] = list;
  }
}
