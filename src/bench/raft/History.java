package raft;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** Compares what publishers were told with what every node has applied; knows nothing of the engines. */
final class History {
  private History() {}

  /** One line: events, acknowledged, lost, twice, and whether all nodes have the same. */
  static String check(List<Path> nodes, List<Path> publishers) throws IOException {
    var faults = new ArrayList<String>();
    var sums = new ArrayList<String>();
    long lost = 0;
    long twice = 0;
    long acknowledged = 0;
    for (Path node : nodes) {
      var applied = new HashMap<Integer, BitSet>();
      var sum = new CRC32C();
      long[] counts = read(node.resolve("applied"), applied, sum);
      twice += counts[1];
      sums.add(counts[0] + " events of CRC " + Long.toHexString(sum.getValue()));
      long[] acks = compare(publishers, applied);
      acknowledged = acks[0];
      if (acks[1] > 0) {
        faults.add(node.getFileName() + " lacks " + acks[1]);
      }
      lost = Math.max(lost, acks[1]);
    }
    if (sums.stream().distinct().count() > 1) {
      faults.add("NOT EQUAL: " + sums);
    }
    return "acknowledged " + acknowledged + ", lost " + lost + ", twice " + twice + (faults.isEmpty() ? ", all equal: " + sums.get(0) : " " + faults);
  }

  private static long[] read(Path file, Map<Integer, BitSet> applied, CRC32C sum) throws IOException {
    long events = 0;
    long twice = 0;
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
      while (true) {
        int length;
        try {
          in.readLong();
          length = in.readInt();
        } catch (EOFException e) {
          return new long[] {events, twice};
        }
        var command = new byte[length];
        in.readFully(command);
        sum.update(command);
        var buffer = ByteBuffer.wrap(command);
        while (buffer.hasRemaining()) {
          Event event = Event.read(buffer);
          BitSet numbers = applied.computeIfAbsent(event.publisher(), publisher -> new BitSet());
          if (numbers.get((int) event.number())) {
            twice++;
          }
          numbers.set((int) event.number());
          events++;
        }
      }
    }
  }

  private static long[] compare(List<Path> publishers, Map<Integer, BitSet> applied) throws IOException {
    long acknowledged = 0;
    long lost = 0;
    for (Path node : publishers) {
      try (var files = Files.newDirectoryStream(node, "acknowledged-*")) {
        for (Path file : files) {
          int publisher = Integer.parseInt(file.getFileName().toString().substring("acknowledged-".length()));
          BitSet numbers = applied.getOrDefault(publisher, new BitSet());
          var acks = ByteBuffer.wrap(Files.readAllBytes(file));
          while (acks.remaining() >= 2 * Long.BYTES) {
            int from = (int) acks.getLong();
            int count = (int) acks.getLong();
            acknowledged += count;
            lost += count - numbers.get(from, from + count).cardinality();
          }
        }
      }
    }
    return new long[] {acknowledged, lost};
  }
}
