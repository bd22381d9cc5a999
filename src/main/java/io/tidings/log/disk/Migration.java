package io.tidings.log.disk;

import io.tidings.log.EpochAncestors;
import io.tidings.log.LogRecord;
import io.tidings.log.Plural;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings a log's directory from format 1 to format 2, with positions, times and keys. The old files
 * stay, in a directory beside it. One thread, while no hub runs in the directory.
 */
public final class Migration {
  private static final Pattern META = Pattern.compile("format 1\nepoch (\\d{1,13})\n");
  private static final int RECORDS_A_WRITE = 1_000;

  private final LogDirectory from;
  private final LogDirectory to;
  private final long epoch;
  private final RecordEncoder encoder = new RecordEncoder();
  private long last;
  private long lastTime = Long.MIN_VALUE;
  private long records;

  private Migration(Directory from, Directory to, long epoch) {
    this.from = new LogDirectory(from);
    this.to = new LogDirectory(to);
    this.epoch = epoch;
  }

  /**
   * Migrates the log in the directory. Where it fails, the directory is as it was.
   *
   * @return what was done, in one line
   * @throws IOException in one line, where it can't be done
   */
  public static String run(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException("is not a directory");
    }
    Path old = sibling(directory, ".format1");
    Path fresh = sibling(directory, ".format2");
    long epoch = epoch(directory);
    if (Files.exists(old)) {
      throw new IOException(old + " is in the way: it is where the old files are moved to");
    }
    long migrated;
    try (LogLock held = LogLock.of(directory)) {
      remove(fresh);
      FileDirectory.make(fresh);
      var migration = new Migration(new FileDirectory(directory), new FileDirectory(fresh), epoch);
      migration.run();
      migrated = migration.records;
      Files.move(directory, old);
      Files.move(fresh, directory);
    }
    return Plural.entries(migrated) + " migrated; the old files are in " + old;
  }

  private static Path sibling(Path directory, String suffix) {
    return directory.resolveSibling(directory.toAbsolutePath().normalize().getFileName() + suffix);
  }

  private static long epoch(Path directory) throws IOException {
    Path meta = directory.resolve("meta");
    String text = Files.exists(meta) ? Files.readString(meta, StandardCharsets.US_ASCII) : "";
    Matcher form = META.matcher(text);
    if (form.matches()) {
      return Long.parseLong(form.group(1));
    } else if (text.startsWith("format ")) {
      throw new IOException("is not of format 1: " + text.lines().findFirst().orElse(""));
    }
    var files = new FileDirectory(directory);
    for (String name : new LogDirectory(files).segments()) {
      FormatOneReader segment = FormatOneReader.open(files, name);
      if (segment.whole()) {
        return segment.epoch();
      }
    }
    throw new IOException("has no log of format 1");
  }

  /** Removes what a migration that was interrupted has left. */
  private static void remove(Path directory) throws IOException {
    if (Files.exists(directory)) {
      var files = new FileDirectory(directory);
      for (String name : files.names()) {
        files.delete(name);
      }
      Files.delete(directory);
    }
  }

  private void run() throws IOException {
    List<String> names = from.segments();
    for (int i = 0; i < names.size(); i++) {
      FormatOneReader next =
          i + 1 < names.size() ? FormatOneReader.open(from.files(), names.get(i + 1)) : null;
      long limit = next != null && next.whole() ? next.previous() : Long.MAX_VALUE;
      migrate(names.get(i), limit, next == null);
    }
    copyReserved();
    to.identify(new LogDirectory.Identity(epoch, EpochAncestors.NONE));
  }

  private void migrate(String name, long limit, boolean newest) throws IOException {
    FormatOneReader old = FormatOneReader.open(from.files(), name);
    long first = Long.parseLong(name.substring(0, name.indexOf('.')));
    long previous = old.whole() ? old.previous() : records == 0 ? first - 1 : last;
    long previousTime = old.whole() ? old.previousTime() : lastTime;
    List<LogRecord> all = old.records(epoch, Math.max(previous, first - 1), limit);
    List<LogRecord> whole = newest ? complete(all) : all;
    Segment segment =
        Segment.create(to.files(), SegmentFormat.Header.of(epoch, first, previous, previousTime));
    for (int from = 0; from < whole.size(); from += RECORDS_A_WRITE) {
      List<LogRecord> some = whole.subList(from, Math.min(whole.size(), from + RECORDS_A_WRITE));
      encoder.encode(some);
      segment.write(encoder.bytes(segment.salt()));
      segment.added(some, encoder);
    }
    segment.force();
    if (!whole.isEmpty()) {
      segment.seal();
      LogRecord end = whole.get(whole.size() - 1);
      last = end.offset();
      lastTime = end.entry().time();
      records += whole.size();
    }
    segment.release();
  }

  /** Without a publication at the end that was not written to its end. */
  private static List<LogRecord> complete(List<LogRecord> records) {
    var complete = new ArrayList<>(records);
    while (!complete.isEmpty() && complete.get(complete.size() - 1).following() > 0) {
      complete.remove(complete.size() - 1);
    }
    return complete;
  }

  private void copyReserved() throws IOException {
    if (from.files().exists(ReservationFile.NAME)) {
      LogCopy.file(from.files(), ReservationFile.NAME, to.files(), Long.MAX_VALUE);
    }
  }
}
