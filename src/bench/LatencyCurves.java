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

  /** The medians of the rounds, in the order of the rates. */
  List<Point> curve(String server) {
    return points.get(server).values().stream().map(rounds -> new Point(median(rounds, Point::rate), median(rounds, Point::p50), median(rounds, Point::p99))).toList();
  }

  private static double median(List<Point> rounds, ToDoubleFunction<Point> figure) {
    return Results.median(rounds.stream().mapToDouble(figure).boxed().toList());
  }
}
