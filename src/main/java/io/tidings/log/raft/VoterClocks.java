package io.tidings.log.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The clocks of the voters as they have reported them, and the time that a majority of them has
 * reached: a leader whose clock is ahead makes nobody forget a revocation. A function of the
 * reports alone. Confined to the thread that applies.
 *
 * <p>A report is a time that has passed; an old one is only lower than the clock is by now. So a
 * voter that is down holds the time back as one whose clock is behind does: not at all, as long as
 * a majority reports.
 */
final class VoterClocks {
  /** A voter is forgotten that did not report while the others did so often: it may have left. */
  private static final int FORGOTTEN_AFTER = 64;

  private final Map<String, Report> reports = new TreeMap<>();
  private long count;

  /**
   * What a voter has reported last.
   *
   * @param voters how many there are, as it knows
   * @param number of the report
   */
  private record Report(long clock, int voters, long number) {}

  /** A voter has reported its clock. */
  void report(Command.ReportClock report) {
    count++;
    reports.put(report.voter(), new Report(report.clock(), report.voters(), count));
    reports.values().removeIf(one -> count - one.number >= FORGOTTEN_AFTER);
  }

  /** The time that the clocks of a majority have reached; empty until a majority has reported. */
  Optional<Instant> reached() {
    int voters = reports.values().stream().mapToInt(Report::voters).max().orElse(0);
    return reports.values().stream()
        .map(Report::clock)
        .sorted(Comparator.reverseOrder())
        .skip(voters / 2)
        .findFirst()
        .map(Instant::ofEpochMilli);
  }

  /** Forgets all reports. */
  void clear() {
    reports.clear();
    count = 0;
  }

  /** Writes them; equal ones have equal bytes. */
  void write(DataOutput to) throws IOException {
    to.writeLong(count);
    to.writeInt(reports.size());
    for (Map.Entry<String, Report> each : reports.entrySet()) {
      Report report = each.getValue();
      to.writeUTF(each.getKey());
      to.writeLong(report.clock);
      to.writeInt(report.voters);
      to.writeLong(report.number);
    }
  }

  static VoterClocks read(DataInput from) throws IOException {
    var clocks = new VoterClocks();
    clocks.count = from.readLong();
    for (int left = from.readInt(); left > 0; left--) {
      clocks.reports.put(
          from.readUTF(), new Report(from.readLong(), from.readInt(), from.readLong()));
    }
    return clocks;
  }
}
