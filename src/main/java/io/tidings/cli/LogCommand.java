package io.tidings.cli;

import io.tidings.event.Event;
import io.tidings.event.EventReader;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Plural;
import io.tidings.log.disk.DiskLog;
import io.tidings.log.disk.LogCopy;
import io.tidings.log.disk.LogFiles;
import io.tidings.log.disk.LogFiles.Summary;
import io.tidings.log.disk.Migration;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** {@code java -jar tidings.jar log}: looks into a log's directory, without a hub. */
public final class LogCommand {
  static final String HELP =
      """
      java -jar tidings.jar log [info | check | print | import | backup | restore | migrate] [options]

        info               what is in the log (the default)
        check              reads every record; damage is reported, and the status is 1
        print              the entries as NDJSON: {"position","time","topic","type","id","retry","data"}
        import [FILE]      appends NDJSON from the file, or from standard input; takes what print prints, and gives new
                           positions and times. Not while a hub runs in the directory
        backup TO          copies the log into the directory TO, also while a hub runs
        restore FROM       makes a log in --dir out of a backup. It begins a new epoch at the end of the copy: clients that
                           have received more get a gap
        migrate            brings a directory of format 1 to format 2, with positions, times and keys; the old files stay
                           beside it

        --dir DIR          the log's directory; default data
        --topic SELECTOR   print: only these topics, may be given again; * is one part, a last ** any rest
        --after ID         print: what comes after the entry with this id or position
        --limit N          print: at most so many

      Of a log in which a hub runs, what it has committed is read; what it adds afterwards is not.
      """;

  private static final int DAMAGED = 1;
  private static final int LOT = 1_000;
  private static final int TOPICS_TOLD = 10;
  private static final Set<String> WITH_PATH = Set.of("import", "backup", "restore");
  private static final Set<String> PRINTED_ONLY = Set.of("position", "time");

  private final PrintStream out;
  private String word = "info";
  private Path dir = Path.of("data");
  private String after = "";
  private long limit = Long.MAX_VALUE;
  private Optional<Path> file = Optional.empty();
  private final List<String> topics = new ArrayList<>();

  private LogCommand(PrintStream out) {
    this.out = out;
  }

  /**
   * @param arguments what follows the word log
   * @return the status to exit with
   * @throws IllegalArgumentException in one line, where an argument is not understood
   * @throws IOException in one line, where the directory can't be used
   */
  public static int run(List<String> arguments, PrintStream out)
      throws IOException, InterruptedException {
    var command = new LogCommand(out);
    command.parse(arguments);
    try {
      return command.run();
    } catch (IOException e) {
      throw new IOException(command.dir + ": " + e.getMessage(), e);
    }
  }

  private void parse(List<String> arguments) {
    boolean worded = false;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("--")) {
        if (worded && WITH_PATH.contains(word) && file.isEmpty()) {
          file = Optional.of(Path.of(argument));
        } else if (!worded) {
          word = argument;
          worded = true;
        } else {
          throw new IllegalArgumentException(argument + ": is not understood; see log --help");
        }
        continue;
      }
      if (argument.equals("--help")) {
        word = "help";
        return;
      }
      int equals = argument.indexOf('=');
      String option = equals < 0 ? argument : argument.substring(0, equals);
      if (equals < 0 && ++i == arguments.size()) {
        throw new IllegalArgumentException(option + ": must have a value after it");
      }
      set(option, equals < 0 ? arguments.get(i) : argument.substring(equals + 1));
    }
  }

  private void set(String option, String value) {
    switch (option) {
      case "--dir" -> dir = Path.of(value);
      case "--after" -> after = value;
      case "--topic" -> topics.add(value);
      case "--limit" -> {
        if (!value.matches("\\d{1,18}")) {
          throw new IllegalArgumentException("--limit " + value + ": must be a whole number");
        }
        limit = Long.parseLong(value);
      }
      default -> throw new IllegalArgumentException(option + ": is not an option; see log --help");
    }
  }

  private int run() throws IOException, InterruptedException {
    if (word.equals("help")) {
      out.print(HELP);
      return 0;
    }
    return switch (word) {
      case "import" -> importAll();
      case "backup" -> report(LogCopy.backup(dir, path("TO")));
      case "restore" -> report(LogCopy.restore(path("FROM"), dir));
      case "migrate" -> report(Migration.run(dir));
      default -> read();
    };
  }

  private int read() throws IOException {
    try (LogFiles log = LogFiles.open(dir)) {
      return switch (word) {
        case "info" -> info(log);
        case "check" -> check(log);
        case "print" -> print(log);
        default ->
            throw new IllegalArgumentException(
                "log " + word + ": must be info, check, print, import, backup, restore or migrate");
      };
    }
  }

  /** The directory that was named behind the command. */
  private Path path(String name) {
    return file.orElseThrow(
        () -> new IllegalArgumentException("log " + word + ": must have " + name + " after it"));
  }

  private int report(String done) {
    out.println(dir + ": " + done);
    return 0;
  }

  private int info(LogFiles log) throws IOException {
    Summary summary = log.summary();
    out.printf(
        Locale.ROOT,
        "%s: %s of %s in %s, %.1f MB; epoch %s%n",
        dir,
        Plural.entries(summary.entries()),
        Plural.of(summary.topics().size(), "topic", "topics"),
        Plural.segments(summary.segments()),
        summary.bytes() / 1e6,
        new Position(summary.epoch(), 0).toString().split("~")[0]);
    summary.oldest().ifPresent(entry -> tell("oldest", entry));
    summary.newest().ifPresent(entry -> tell("newest", entry));
    summary.topics().entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(TOPICS_TOLD)
        .forEach(topic -> out.printf(Locale.ROOT, "%,12d %s%n", topic.getValue(), topic.getKey()));
    if (summary.topics().size() > TOPICS_TOLD) {
      out.printf(Locale.ROOT, "%12s %,d more%n", "and", summary.topics().size() - TOPICS_TOLD);
    }
    return 0;
  }

  private void tell(String which, Entry entry) {
    String id = entry.event().id().isEmpty() ? "" : ", id " + entry.event().id();
    out.printf(
        "%s: %s at %s, topic %s%s%n",
        which, entry.position(), Instant.ofEpochMilli(entry.time()), entry.event().topic(), id);
  }

  private int check(LogFiles log) throws IOException {
    List<String> wrong = log.check();
    wrong.forEach(out::println);
    Summary summary = log.summary();
    out.printf(
        Locale.ROOT,
        "%s: whole: %s in %s; damaged: %s%n",
        dir,
        Plural.entries(summary.entries()),
        Plural.segments(summary.segments()),
        wrong.isEmpty() ? "none" : Plural.of(wrong.size(), "place", "places"));
    return wrong.isEmpty() ? 0 : DAMAGED;
  }

  private int print(LogFiles log) throws IOException {
    Filter what = topics.isEmpty() ? Filter.EVERYTHING : Filter.of(topics);
    Position from = log.start();
    if (!after.isEmpty()) {
      from = log.find(after).orElseThrow(() -> new IOException("has no entry " + after));
    }
    log.read(from, what, limit, entry -> out.println(json(entry)));
    out.flush();
    return 0;
  }

  private static String json(Entry entry) {
    Event event = entry.event();
    var json =
        new JsonObject()
            .put("position", entry.position().toString())
            .put("time", Instant.ofEpochMilli(entry.time()).toString())
            .put(
                "topic",
                event.topics().size() == 1 ? event.topic() : new JsonArray(event.topics()));
    if (!event.type().isEmpty()) {
      json.put("type", event.type());
    }
    if (!event.id().isEmpty()) {
      json.put("id", event.id());
    }
    if (event.retry() != Event.NO_RETRY) {
      json.put("retry", event.retry());
    }
    return json.put("data", event.data()).encode();
  }

  private int importAll() throws IOException, InterruptedException {
    // nothing is forgotten here: how much is kept, the hub knows
    Map<String, Object> settings =
        Map.of(
            "log.dir", dir.toString(),
            "log.keep.bytes", "0",
            "log.sync", "batch",
            "log.patience", "1m");
    EventLog log = DiskLog.open(Settings.of(settings).log(), InstantSource.system(), new Metrics());
    try (Reader from =
            file.isPresent()
                ? Files.newBufferedReader(file.get())
                : new java.io.InputStreamReader(System.in, StandardCharsets.UTF_8);
        var lines = new BufferedReader(from)) {
      long count = importLines(lines, log);
      out.printf("%s: %s added%n", dir, Plural.entries(count));
      return 0;
    } finally {
      await(log.close());
    }
  }

  private static long importLines(BufferedReader lines, EventLog log)
      throws IOException, InterruptedException {
    long count = 0;
    int number = 0;
    var lot = new ArrayList<Event>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (!line.isBlank()) {
        try {
          lot.addAll(EventReader.read(line, PRINTED_ONLY, event -> {}));
        } catch (InvalidEvent e) {
          await(log.append(lot));
          throw new IOException(
              "line "
                  + number
                  + " can't be imported, those before it were: "
                  + e.field()
                  + " "
                  + e.rule(),
              e);
        }
      }
      if (lot.size() >= LOT) {
        count += await(log.append(lot)).size();
        lot.clear();
      }
    }
    return count + await(log.append(lot)).size();
  }

  private static <T> T await(io.vertx.core.Future<T> future)
      throws IOException, InterruptedException {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }
}
