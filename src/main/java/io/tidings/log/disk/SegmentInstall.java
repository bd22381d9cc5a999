package io.tidings.log.disk;

import io.tidings.log.EpochAncestors;
import io.tidings.log.FetchedState;
import io.tidings.log.LogParts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Replaces the end of a node's log by the staged segments. A file says that this is to be done and
 * how far it is: {@code ready} until the own records that do not stay are removed, {@code cut}
 * until the staged segments have the names of the log's, and until the one who decided it is done
 * too. Each step can be repeated if the process or the power ends within it. One thread.
 */
final class SegmentInstall {
  private static final String READY = "ready";
  private static final String CUT = "cut";
  private static final List<String> DECISIONS = List.of(READY, CUT);

  private final Directory files;
  private final SuffixedDirectory staged;
  private final LogDirectory own;

  SegmentInstall(Directory files, SuffixedDirectory staged) {
    this.files = files;
    this.staged = staged;
    this.own = new LogDirectory(files);
  }

  void decide(FetchedState state) throws IOException {
    String unfinished = READY + Directory.TEMPORARY;
    staged.writeForced(unfinished, encode(state).getBytes(StandardCharsets.US_ASCII));
    staged.rename(unfinished, READY);
    files.force();
  }

  Optional<FetchedState> decided() throws IOException {
    for (String name : DECISIONS) {
      if (staged.exists(name)) {
        return Optional.of(decode(new String(staged.read(name), StandardCharsets.US_ASCII)));
      }
    }
    return Optional.empty();
  }

  void install(FetchedState state) throws IOException {
    if (staged.exists(READY)) {
      cut(files, state.keep());
      files.delete(ReservationFile.NAME); // a single node's
      files.force();
      staged.rename(READY, CUT);
      files.force();
    }
    for (String name : new LogDirectory(staged).segments()) {
      String index = SegmentFormat.indexName(LogDirectory.first(name));
      if (staged.exists(index)) {
        files.rename(staged.suffixed(index), index);
      }
      files.rename(staged.suffixed(name), name);
    }
    own.writeIdentity(new LogDirectory.Identity(state.log().epoch(), state.log().ancestors()));
  }

  /**
   * Removes what is staged: the state after the decision, which is of no use without it, and all
   * else before.
   */
  void clear() throws IOException {
    for (String name : staged.names()) {
      if (!DECISIONS.contains(name) && !name.equals(SegmentStage.STATE)) {
        staged.delete(name);
      }
    }
    files.force();
    for (String name : DECISIONS) {
      staged.delete(name);
    }
    files.force();
    staged.delete(SegmentStage.STATE);
  }

  /**
   * Removes all records after the offset, or all if it is negative, the newest first; no segment
   * stays that has none of the others. A power cut may bring back segments while the last that
   * stays is whole.
   */
  static void cut(Directory files, long last) throws IOException {
    var directory = new LogDirectory(files);
    List<String> names = directory.segments();
    for (int i = names.size() - 1; i >= 0; i--) {
      Optional<SegmentFormat.Header> header = directory.header(names.get(i));
      boolean keeps =
          header.isPresent()
              ? header.get().previous() < last
              : LogDirectory.first(names.get(i)) <= last;
      if (keeps) {
        files.force();
        new ReplicaDirectory(directory).removeAfter(last);
        break;
      }
      files.delete(SegmentFormat.indexName(LogDirectory.first(names.get(i))));
      files.delete(names.get(i));
    }
    files.force();
  }

  private static String encode(FetchedState state) {
    var text = new StringBuilder("epoch " + state.log().epoch() + "\n");
    state
        .log()
        .ancestors()
        .lastOffsets()
        .forEach((old, last) -> text.append("ancestor " + old + " " + last + "\n"));
    text.append("keep " + state.keep() + "\n");
    text.append("state " + state.term() + " " + state.index() + "\n");
    text.append("voters " + Base64.getEncoder().encodeToString(state.voters()) + "\n");
    return text.toString();
  }

  private static FetchedState decode(String text) {
    Map<Long, Long> ancestors = new LinkedHashMap<>();
    Map<String, String[]> lines = new LinkedHashMap<>();
    for (String line : text.split("\n")) {
      String[] words = line.split(" ");
      if (words[0].equals("ancestor")) {
        ancestors.put(Long.parseLong(words[1]), Long.parseLong(words[2]));
      } else {
        lines.put(words[0], words);
      }
    }
    String[] voters = lines.get("voters");
    return new FetchedState(
        new LogParts(number(lines, "epoch", 1), new EpochAncestors(ancestors), List.of()),
        number(lines, "keep", 1),
        number(lines, "state", 1),
        number(lines, "state", 2),
        voters.length > 1 ? Base64.getDecoder().decode(voters[1]) : new byte[0]);
  }

  private static long number(Map<String, String[]> lines, String name, int word) {
    return Long.parseLong(lines.get(name)[word]);
  }
}
