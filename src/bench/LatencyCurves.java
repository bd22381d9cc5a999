import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** The latency of each server at rising rates. */
final class LatencyCurves {
  private final Map<String, Map<Integer, List<Point>>> points = new LinkedHashMap<>();

  /**
   * A point of a curve.
   *
   * @param rate events that were published a second, which is less than was asked for if the server could not keep up
   */
  record Point(double rate, double p50, double p99) {}

  /**
   * Adds what one round measured.
   *
   * @param asked how many events a second were to be published
   */
  void add(Server server, int asked, double rate, double p50, double p99) {
    points.computeIfAbsent(server.name(), name -> new TreeMap<>()).computeIfAbsent(asked, added -> new ArrayList<>()).add(new Point(rate, p50, p99));
  }

  List<String> servers() {
    return List.copyOf(points.keySet());
  }

  /** The medians of the rounds, up to the rate at which it could not keep up in one of them. */
  List<Point> curve(String server) {
    int rounds = points.get(server).values().stream().mapToInt(List::size).max().orElse(0);
    return points.get(server).entrySet().stream()
        .filter(rate -> rate.getValue().size() == rounds && rate.getValue().stream().allMatch(point -> point.rate > Loads.KEEPS_UP * rate.getKey()))
        .map(rate -> median(rate.getValue()))
        .toList();
  }

  private static Point median(List<Point> rounds) {
    return new Point(median(rounds, Point::rate), median(rounds, Point::p50), median(rounds, Point::p99));
  }

  private static double median(List<Point> rounds, ToDoubleFunction<Point> figure) {
    return Results.median(rounds.stream().mapToDouble(figure).boxed().toList());
  }
}
