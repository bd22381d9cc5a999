package io.tidings.chaos;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** What all clients of a run saw; nothing else is known of it. Used by all clients' threads. */
final class History {
  private final Queue<Publication> publications = new ConcurrentLinkedQueue<>();
  private final Queue<ReaderHistory> readers = new ConcurrentLinkedQueue<>();
  private final ConcurrentSkipListMap<Integer, List<Delivery>> replays =
      new ConcurrentSkipListMap<>();
  private final RightsHistory rights = new RightsHistory();
  private final VotersHistory voters = new VotersHistory();
  private final ConcurrentMap<String, String> texts = new ConcurrentHashMap<>();

  Publication add(Publication publication) {
    publications.add(publication);
    return publication;
  }

  ReaderHistory add(ReaderHistory reader) {
    readers.add(reader);
    return reader;
  }

  /** All that a node has from the beginning of its log, after everything has ended. */
  void replayed(int node, List<Delivery> entries) {
    replays.put(node, entries);
  }

  List<Publication> publications() {
    return List.copyOf(publications);
  }

  List<ReaderHistory> readers() {
    return List.copyOf(readers);
  }

  ConcurrentSkipListMap<Integer, List<Delivery>> replays() {
    return replays;
  }

  RightsHistory rights() {
    return rights;
  }

  VotersHistory voters() {
    return voters;
  }

  /** A delivery whose texts are kept once, since every reader has them. */
  Delivery delivery(String event, String topic, String id) {
    return new Delivery(once(event), once(topic), once(id));
  }

  private String once(String text) {
    String before = texts.putIfAbsent(text, text);
    return before == null ? text : before;
  }
}
