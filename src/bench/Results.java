import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The figures of all cases, a figure for each server and round; and the table of them. */
final class Results {
  /** By case, server and round. */
  private final Map<Loads.Case, Map<String, Map<Integer, Double>>> figures = new LinkedHashMap<>();

  private int round;

  /**
   * By how much the hub is better than a peer; above 1 it is.
   *
   * @param median of the rounds; of two, the geometric mean, so that it does not depend on which server is asked about
   * @param worst round for the hub
   * @param best round for the hub
   */
  record Ratio(double median, double worst, double best) {
    @Override
    public String toString() {
      String range = worst == best ? "" : String.format(Locale.ROOT, " (%.2f to %.2f)", worst, best);
      return String.format(Locale.ROOT, "%.2f", median) + range;
    }
  }

  /** What is added from now on is of the next round. */
  void nextRound() {
    round++;
  }

  /** Adds a figure of this round. */
  void add(Loads.Case one, Server server, double figure) {
    figures.computeIfAbsent(one, added -> new LinkedHashMap<>()).computeIfAbsent(server.name(), name -> new TreeMap<>()).put(round, figure);
  }

  /** The cases, in the order in which they were measured. */
  List<Loads.Case> cases() {
    return List.copyOf(figures.keySet());
  }

  /** Those beside the hub, the one that all cases have first. */
  List<String> peers() {
    var peers = new ArrayList<String>();
    figures.values().forEach(servers -> servers.keySet().stream().filter(name -> !name.equals(Servers.HUB) && !peers.contains(name)).forEach(peers::add));
    if (peers.remove(Servers.FLOOR)) {
      peers.add(Servers.FLOOR);
    }
    return peers;
  }

  /** By how much the hub is better than the peer, from the rounds in which both have a figure; empty if there is none. */
  Optional<Ratio> ratio(Loads.Case one, String peer) {
    Map<Integer, Double> ours = figures.get(one).getOrDefault(Servers.HUB, Map.of());
    Map<Integer, Double> theirs = figures.get(one).getOrDefault(peer, Map.of());
    List<Double> logarithms =
        ours.keySet().stream()
            .filter(theirs::containsKey)
            .map(common -> Math.log(ours.get(common) / theirs.get(common)) * (one.more() ? 1 : -1))
            .filter(Double::isFinite)
            .sorted()
            .toList();
    return logarithms.isEmpty()
        ? Optional.empty()
        : Optional.of(new Ratio(Math.exp(median(logarithms)), Math.exp(logarithms.get(0)), Math.exp(logarithms.get(logarithms.size() - 1))));
  }

  private double median(Loads.Case one, String server) {
    return median(List.copyOf(figures.get(one).get(server).values()));
  }

  /** The table: medians of the rounds, and ratios with the worst and the best round. */
  String table() {
    List<String> peers = peers();
    var table = new StringBuilder("| | Tidings");
    peers.forEach(peer -> table.append(" | ").append(Servers.title(peer)).append(" | ratio"));
    table.append(" |\n| --- | ---:").append(" | ---: | ---:".repeat(peers.size())).append(" |\n");
    for (Loads.Case one : cases()) {
      String cells =
          peers.stream()
              .map(peer -> ratio(one, peer).map(ratio -> text(median(one, peer), one.unit()) + " | " + ratio).orElse(" | "))
              .collect(Collectors.joining(" | "));
      table.append("| ").append(one.name()).append(" | ").append(text(median(one, Servers.HUB), one.unit())).append(" | ").append(cells).append(" |\n");
    }
    return table.toString();
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private static String text(double value, String unit) {
    String number = String.format(Locale.ROOT, value >= 1_000 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    return unit.isEmpty() ? number : number + " " + unit;
  }
}
