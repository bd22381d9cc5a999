package io.tidings.cli;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import io.tidings.log.Plural;
import io.tidings.log.disk.LogCopy;
import io.tidings.log.disk.LogFiles;
import io.tidings.log.disk.LogFiles.Summary;
import io.tidings.log.disk.Migration;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code java -jar tidings.jar log}: inspects and maintains a log's directory without a hub. */
public final class LogCommand {
  static final String HELP =
      """
      java -jar tidings.jar log [COMMAND] [options]

        info               summarizes the log (the default)
        check              reads every record; reports damage and then exits with status 1
        print              prints entries as NDJSON: {"position","time","topic","type","id","retry","private","data"}
        import [FILE]      appends NDJSON, as print writes it, from the file or from standard input; events get new
                           positions and times. No hub may be running in the directory; not for a cluster's node
        backup TO          copies the log to the directory TO; a hub may be running
        restore FROM       creates a log in --dir from a backup. A new epoch begins at the end of the copy: clients
                           that received later events get a gap
        migrate            converts a directory of format 1 to format 2, with positions, times and keys; the old files
                           are kept beside it
        to-cluster         prepares the directory of a single node, while no hub runs in it, to be copied to all nodes of
                           a new cluster: its log continues there, with all ids and keys

        --dir DIR          the log's directory; default data
        --topic SELECTOR   print: only these topics; may be repeated; * matches one part, a final ** any number of parts
        --after ID         print: only entries after the one with this id or position
        --limit N          print: at most N entries
        --once TIME        to-cluster: the node's setting log.once; default 10m

      While a hub is running, these commands read what it had committed when they began. A directory of a cluster's node
      has the same log as the other nodes', as far as that node has it.
      """;

  private static final int DAMAGED = 1;
  private static final int MAX_TOPICS = 10;

  private final LogOptions options;
  private final PrintStream out;

  private LogCommand(LogOptions options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /**
   * @param arguments the arguments after the word log
   * @return the exit status
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   * @throws IOException with a message of one line if the directory can't be used
   */
  public static int run(List<String> arguments, PrintStream out)
      throws IOException, InterruptedException {
    LogOptions options = LogOptions.parse(arguments);
    try {
      return new LogCommand(options, out).run();
    } catch (IOException e) {
      throw new IOException(options.dir() + ": " + e.getMessage(), e);
    }
  }

  private int run() throws IOException, InterruptedException {
    return switch (options.command()) {
      case LogOptions.HELP -> {
        out.print(HELP);
        yield 0;
      }
      case "import" -> importLines();
      case "backup" -> done(LogCopy.backup(options.dir(), options.requiredPath("TO")));
      case "restore" -> done(LogCopy.restore(options.requiredPath("FROM"), options.dir()));
      case "migrate" -> done(Migration.run(options.dir()));
      case "to-cluster" -> done(LogToCluster.run(options.dir(), options.once()));
      default -> read();
    };
  }

  private int read() throws IOException {
    try (LogFiles log = LogFiles.open(options.dir())) {
      return switch (options.command()) {
        case "info" -> info(log);
        case "check" -> check(log);
        case "print" -> print(log);
        default ->
            throw new IllegalArgumentException(
                "log "
                    + options.command()
                    + ": must be info, check, print, import, backup, restore, migrate or to-cluster");
      };
    }
  }

  private int done(String result) {
    out.println(options.dir() + ": " + result);
    return 0;
  }

  private int info(LogFiles log) throws IOException {
    Summary summary = log.summary();
    out.printf(
        Locale.ROOT,
        "%s: %s of %s in %s, %.1f MB; epoch %s%n",
        options.dir(),
        Plural.entries(summary.entries()),
        Plural.of(summary.topics().size(), "topic", "topics"),
        Plural.segments(summary.segments()),
        summary.bytes() / 1e6,
        new Position(summary.epoch(), 0).toString().split("~")[0]);
    if (LogFiles.isVoters(options.dir())) {
      out.println("the log of a cluster, as far as this node has it");
    }
    summary.oldest().ifPresent(entry -> printEntry("oldest", entry));
    summary.newest().ifPresent(entry -> printEntry("newest", entry));
    summary.topics().entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(MAX_TOPICS)
        .forEach(topic -> out.printf(Locale.ROOT, "%,12d %s%n", topic.getValue(), topic.getKey()));
    if (summary.topics().size() > MAX_TOPICS) {
      out.printf(Locale.ROOT, "%12s %,d more%n", "and", summary.topics().size() - MAX_TOPICS);
    }
    return 0;
  }

  private void printEntry(String label, Entry entry) {
    String id = entry.event().id().isEmpty() ? "" : ", id " + entry.event().id();
    out.printf(
        "%s: %s at %s, topic %s%s%s%n",
        label,
        entry.position(),
        Instant.ofEpochMilli(entry.time()),
        entry.event().topic(),
        id,
        entry.event().isPrivate() ? ", private" : "");
  }

  private int check(LogFiles log) throws IOException {
    List<String> damages = log.check();
    damages.forEach(out::println);
    Summary summary = log.summary();
    out.printf(
        Locale.ROOT,
        "%s: whole: %s in %s; damaged: %s%n",
        options.dir(),
        Plural.entries(summary.entries()),
        Plural.segments(summary.segments()),
        damages.isEmpty() ? "none" : Plural.of(damages.size(), "place", "places"));
    return damages.isEmpty() ? 0 : DAMAGED;
  }

  private int print(LogFiles log) throws IOException {
    Selection selection =
        options.topics().isEmpty()
            ? Selection.EVERYTHING
            : Selection.all(Filter.of(options.topics()));
    Position from = log.start();
    String after = options.after();
    if (!after.isEmpty()) {
      from = log.find(after).orElseThrow(() -> new IOException("has no entry " + after));
    }
    log.read(from, selection, options.limit(), record -> out.println(json(record)));
    out.flush();
    return 0;
  }

  private static String json(LogRecord record) {
    Entry entry = record.entry();
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
      if (!record.scope().isEmpty()) {
        json.put("scope", record.scope());
      }
    }
    if (event.retry() != Event.NO_RETRY) {
      json.put("retry", event.retry());
    }
    if (event.isPrivate()) {
      json.put(Visibility.MARK, true);
    }
    return json.put("data", event.data()).encode();
  }

  private int importLines() throws IOException, InterruptedException {
    try (BufferedReader lines =
        options.path().isPresent()
            ? Files.newBufferedReader(options.path().get())
            : new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      return done(Plural.entries(LogImport.run(options.dir(), lines)) + " added");
    }
  }
}
