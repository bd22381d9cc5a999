package io.tidings.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** All that one reader received, on whatever nodes. Written by one thread. */
final class ReaderHistory {
  private final String name;
  private final Predicate<String> topics;
  private final List<Delivery> deliveries = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();
  private final List<String> damages = new ArrayList<>();

  /** The id after which the reader begins; empty for the beginning of the log. */
  private String begin;

  /**
   * @param topics that it subscribed to
   * @param begin the id after which it began; empty for the beginning of the log
   */
  ReaderHistory(String name, Predicate<String> topics, String begin) {
    this.name = name;
    this.topics = topics;
    this.begin = begin;
  }

  synchronized void begin(String id) {
    begin = id;
  }

  synchronized void received(Delivery delivery) {
    deliveries.add(delivery);
  }

  /** The hub reported that entries are missing. */
  synchronized void gap(String detail) {
    gaps.add(detail);
  }

  /** An event arrived with other data than was published. */
  synchronized void damage(String detail) {
    damages.add(detail);
  }

  String name() {
    return name;
  }

  Predicate<String> topics() {
    return topics;
  }

  synchronized String begin() {
    return begin;
  }

  synchronized List<Delivery> deliveries() {
    return List.copyOf(deliveries);
  }

  synchronized List<String> gaps() {
    return List.copyOf(gaps);
  }

  synchronized List<String> damages() {
    return List.copyOf(damages);
  }
}
