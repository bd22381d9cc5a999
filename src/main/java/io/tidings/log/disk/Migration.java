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
 * Migrates the directory of a log from format 1 to format 2; positions, times and keys are kept.
 * The old files are moved to a sibling directory. One thread, while no hub runs in the directory.
 */
public final class Migration {
  private static final Pattern META = Pattern.compile("format 1\nepoch (\\d{1,13})\n");
  private static final int RECORDS_PER_WRITE = 1_000;

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
   * Migrates the log in the directory. If that fails, the directory is unchanged.
   *
   * @return a summary of one line
   * @throws IOException with a message of one line
   */
  public static String run(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException("is not a directory");
    }
    Path old = sibling(directory, ".format1");
    Path fresh = sibling(directory, ".format2");
    long epoch = epoch(directory);
    if (Files.exists(old)) {
      throw new IOException(old + " exists; the old files would be moved there");
    }
    long migrated;
    try (LogLock held = LogLock.acquire(directory)) {
      remove(fresh);
      FileDirectory.createDirectories(fresh);
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
      if (segment.headerIntact()) {
        return segment.epoch();
      }
    }
    throw new IOException("has no log of format 1");
  }

  /** Deletes the files of an interrupted migration. */
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
      long limit = next != null && next.headerIntact() ? next.previous() : Long.MAX_VALUE;
      migrate(names.get(i), limit, next == null);
    }
    copyReservation();
    to.writeIdentity(new LogDirectory.Identity(epoch, EpochAncestors.NONE));
  }

  private void migrate(String name, long limit, boolean newest) throws IOException {
    FormatOneReader old = FormatOneReader.open(from.files(), name);
    long first = Long.parseLong(name.substring(0, name.indexOf('.')));
    long previous = old.headerIntact() ? old.previous() : records == 0 ? first - 1 : last;
    long previousTime = old.headerIntact() ? old.previousTime() : lastTime;
    List<LogRecord> all = old.records(epoch, Math.max(previous, first - 1), limit);
    List<LogRecord> migrated = newest ? complete(all) : all;
    Segment segment =
        Segment.create(to.files(), SegmentFormat.Header.of(epoch, first, previous, previousTime));
    for (int from = 0; from < migrated.size(); from += RECORDS_PER_WRITE) {
      List<LogRecord> group =
          migrated.subList(from, Math.min(migrated.size(), from + RECORDS_PER_WRITE));
      encoder.encode(group);
      segment.write(encoder.bytes(segment.file().header().salt()));
      segment.appended(group, encoder);
    }
    segment.file().force();
    if (!migrated.isEmpty()) {
      segment.seal();
      LogRecord end = migrated.get(migrated.size() - 1);
      last = end.offset();
      lastTime = end.entry().time();
      records += migrated.size();
    }
    segment.release();
  }

  /** The records without a publication at the end that was not written completely. */
  private static List<LogRecord> complete(List<LogRecord> records) {
    var complete = new ArrayList<>(records);
    while (!complete.isEmpty() && complete.get(complete.size() - 1).following() > 0) {
      complete.remove(complete.size() - 1);
    }
    return complete;
  }

  private void copyReservation() throws IOException {
    if (from.files().exists(ReservationFile.NAME)) {
      LogCopy.file(from.files(), ReservationFile.NAME, to.files(), Long.MAX_VALUE);
    }
  }
}
