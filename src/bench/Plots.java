import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Draws what was measured, as SVG. */
final class Plots {
  /** Colours that differ also for the colour-blind (Okabe and Ito). */
  private static final Map<String, String> COLOURS =
      Map.of(Servers.HUB, "#0072b2", Servers.NCHAN, "#d55e00", Servers.CENTRIFUGO, "#009e73", Servers.MERCURE, "#cc79a7", Servers.BETTER_SSE, "#e69f00", Servers.FLOOR, "#777777");

  private static final int LABELS = 470;
  private static final int WIDTH = 980;
  private static final int ROW = 26;

  private Plots() {}

  /** By how much the hub is better than each peer, a row for each case: a dot at the median of the rounds, a line from the worst to the best. */
  static void ratios(Results results, Path file) throws IOException {
    List<Loads.Case> cases = results.cases().stream().filter(one -> results.peers().stream().anyMatch(peer -> results.ratio(one, peer).isPresent())).toList();
    List<Results.Ratio> all = cases.stream().flatMap(one -> results.peers().stream().flatMap(peer -> results.ratio(one, peer).stream())).toList();
    var axis = new LogAxis(all.stream().flatMap(ratio -> Stream.of(ratio.worst(), ratio.best())).mapToDouble(Double::doubleValue), LABELS, WIDTH - 30);
    int bottom = 70 + cases.size() * ROW;
    var svg = new Svg(WIDTH, bottom + 45);
    svg.text(10, 24, "start", 15, "How many times the hub is better than each peer: dots are medians, lines from the worst round to the best");
    legend(svg, results.peers(), 48);
    for (double tick : axis.ticks()) {
      svg.line(axis.at(tick), 60, axis.at(tick), bottom, tick == 1 ? "#000" : "#ddd", tick == 1 ? 1.5 : 1);
      svg.text(axis.at(tick), bottom + 18, "middle", 12, number(tick));
    }
    svg.text(axis.at(1) + 8, bottom + 36, "start", 12, "the hub is better →");
    svg.text(axis.at(1) - 8, bottom + 36, "end", 12, "← the peer is better");
    for (int row = 0; row < cases.size(); row++) {
      double y = 70 + (row + 0.5) * ROW;
      svg.text(LABELS - 12, y + 4, "end", 12, cases.get(row).name().replace("`", ""));
      for (String peer : results.peers()) {
        results
            .ratio(cases.get(row), peer)
            .ifPresent(
                ratio -> {
                  svg.line(axis.at(ratio.worst()), y, axis.at(ratio.best()), y, COLOURS.get(peer), 3);
                  svg.dot(axis.at(ratio.median()), y, 5, COLOURS.get(peer), peer + ": " + ratio);
                });
      }
    }
    svg.write(file);
  }

  /** p50 and p99 by the rate of events. */
  static void latencies(LatencyCurves curves, Path file) throws IOException {
    List<LatencyCurves.Point> all = curves.servers().stream().flatMap(server -> curves.curve(server).stream()).toList();
    int bottom = 380;
    double fastest = all.stream().mapToDouble(LatencyCurves.Point::rate).max().orElse(1);
    var axis = new LogAxis(all.stream().flatMap(point -> Stream.of(point.p50(), point.p99())).mapToDouble(Double::doubleValue), bottom, 70);
    var svg = new Svg(WIDTH, bottom + 50);
    svg.text(10, 24, "start", 15, "From publish to receipt, 10,000 streams on 1,000 topics: p99 (line) and p50 (dashed), in ms, by events a second");
    legend(svg, curves.servers(), 48);
    for (double tick : axis.ticks()) {
      svg.line(60, axis.at(tick), WIDTH - 30, axis.at(tick), "#ddd", 1);
      svg.text(52, axis.at(tick) + 4, "end", 12, number(tick));
    }
    ToDoubleFunction<Double> x = rate -> 60 + rate / fastest * (WIDTH - 90);
    for (int rate : Loads.RATES) {
      svg.text(x.applyAsDouble((double) rate), bottom + 20, "middle", 12, String.format(Locale.ROOT, "%,d", rate));
    }
    for (String server : curves.servers()) {
      List<LatencyCurves.Point> curve = curves.curve(server);
      svg.path(curve.stream().map(point -> new double[] {x.applyAsDouble(point.rate()), axis.at(point.p99())}).toList(), COLOURS.get(server), "");
      svg.path(curve.stream().map(point -> new double[] {x.applyAsDouble(point.rate()), axis.at(point.p50())}).toList(), COLOURS.get(server), "6 4");
      curve.forEach(point -> svg.dot(x.applyAsDouble(point.rate()), axis.at(point.p99()), 4, COLOURS.get(server), String.format(Locale.ROOT, "%s at %,.0f/s: p50 %.2f ms, p99 %.2f ms", server, point.rate(), point.p50(), point.p99())));
    }
    svg.write(file);
  }

  private static void legend(Svg svg, List<String> servers, int y) {
    int x = 16;
    for (String server : servers) {
      svg.dot(x, y - 4, 5, COLOURS.get(server), server);
      String name = Servers.title(server);
      svg.text(x + 12, y, "start", 13, name);
      x += 40 + 8 * name.length();
    }
  }

  private static String number(double tick) {
    return tick >= 1 ? String.format(Locale.ROOT, "%.0f", tick) : ("" + tick);
  }

  /** An axis from a little below the least to a little above the greatest value, and over 1. */
  private static final class LogAxis {
    private static final double[] STEPS = {1, 2, 5};
    private final double low;
    private final double high;
    private final double from;
    private final double to;

    LogAxis(DoubleStream values, double from, double to) {
      var range = DoubleStream.concat(values, DoubleStream.of(0.5, 2)).summaryStatistics();
      this.low = range.getMin() / 1.1;
      this.high = range.getMax() * 1.1;
      this.from = from;
      this.to = to;
    }

    double at(double value) {
      return from + (to - from) * Math.log(value / low) / Math.log(high / low);
    }

    List<Double> ticks() {
      var ticks = new ArrayList<Double>();
      for (int power = -3; power < 6; power++) {
        for (double step : STEPS) {
          double tick = power < 0 ? step / Math.pow(10, -power) : step * Math.pow(10, power);
          if (tick >= low && tick <= high) {
            ticks.add(tick);
          }
        }
      }
      return ticks;
    }
  }

  /** A drawing on white, so that it can be read on a dark page too. */
  private static final class Svg {
    private final StringBuilder body = new StringBuilder();

    Svg(int width, int height) {
      body.append(format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n", width, height));
    }

    void text(double x, double y, String anchor, int size, String text) {
      body.append(format("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\" font-size=\"%d\">%s</text>%n", x, y, anchor, size, escaped(text)));
    }

    void line(double x1, double y1, double x2, double y2, String colour, double width) {
      body.append(format("<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\" stroke-width=\"%.1f\"/>%n", x1, y1, x2, y2, colour, width));
    }

    void dot(double x, double y, int radius, String colour, String title) {
      body.append(format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"><title>%s</title></circle>%n", x, y, radius, colour, escaped(title)));
    }

    void path(List<double[]> points, String colour, String dashes) {
      body.append("<path fill=\"none\" d=\"");
      for (int i = 0; i < points.size(); i++) {
        body.append(format("%s%.1f %.1f", i == 0 ? "M" : "L", points.get(i)[0], points.get(i)[1]));
      }
      body.append(format("\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>%n", colour, dashes));
    }

    void write(Path file) throws IOException {
      Files.writeString(file, body + "</svg>\n");
    }

    private static String format(String format, Object... values) {
      return String.format(Locale.ROOT, format, values);
    }

    private static String escaped(String text) {
      return text.replace("&", "&amp;").replace("<", "&lt;");
    }
  }
}
