package io.tidings.dashboard;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The plotted statistics of one second: a row of numbers in the order of {@link #COLUMNS}, NaN for
 * a value that is missing.
 *
 * @param cells the numbers; the caller must not write to them afterwards
 */
record StatsSample(double[] cells) {
  private static final List<Column> TABLE =
      List.of(
          new Column("time", stats -> stats.getInstant("time").toEpochMilli()),
          of("in"),
          of("out"),
          of("bytesIn"),
          of("bytesOut"),
          of("streams"),
          of("lagging"),
          of("p50"),
          of("p99"),
          internal("in"),
          internal("out"));

  /** The names of the cells; the first is the time in milliseconds since 1970. */
  static final List<String> COLUMNS = TABLE.stream().map(Column::name).toList();

  StatsSample {
    if (cells.length != COLUMNS.size()) {
      throw new IllegalArgumentException(cells.length + " cells");
    }
  }

  /** The sample of {@link ClusterStats}. */
  static StatsSample of(JsonObject stats) {
    return new StatsSample(
        TABLE.stream().mapToDouble(column -> column.of.applyAsDouble(stats)).toArray());
  }

  long millis() {
    return (long) cells[0];
  }

  /** The row as JSON: the time is an integer, and NaN is null. */
  JsonArray toJson() {
    var row = new JsonArray().add(millis());
    for (int i = 1; i < cells.length; i++) {
      row.add(Double.isNaN(cells[i]) ? null : (Object) cells[i]);
    }
    return row;
  }

  private static Column of(String name) {
    return new Column(name, stats -> number(stats, name));
  }

  /** A column of the hub's own traffic. */
  private static Column internal(String name) {
    return new Column(
        "internal." + name, stats -> number(stats.getJsonObject(ClusterStats.INTERNAL), name));
  }

  private static double number(JsonObject from, String name) {
    Double number = from.getDouble(name);
    return number == null ? Double.NaN : number;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StatsSample sample && Arrays.equals(cells, sample.cells);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(cells);
  }

  @Override
  public String toString() {
    return toJson().encode();
  }

  private record Column(String name, ToDoubleFunction<JsonObject> of) {}
}
