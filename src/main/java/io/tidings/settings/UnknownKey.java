package io.tidings.settings;

import java.io.StringReader;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * The error for an unknown key: its file and line, and the most similar known key. Never its value,
 * which may be a secret.
 */
final class UnknownKey {
  /** A key is similar if at most one in this many of its letters differs. */
  private static final int LETTERS_PER_ERROR = 3;

  /** Keys of earlier versions, with those that replaced them. */
  private static final Map<String, String> MOVED =
      Map.of(
          "cluster.dns", "cluster.hazelcast.dns",
          "cluster.silence", "cluster.hazelcast.silence",
          "cluster.bus.port", "cluster.hazelcast.eventbus");

  private UnknownKey() {}

  /**
   * @param file the file's name
   * @param yaml the file's content
   * @param key dotted
   */
  static InvalidSetting inFile(String file, String yaml, String key, Set<String> known) {
    String place = line(yaml, key).map(line -> file + ", line " + line).orElse(file);
    return new InvalidSetting(place + ": " + key + " is not a setting" + hint(key, known));
  }

  /**
   * @param name of an environment variable
   */
  static InvalidSetting inEnvironment(String name, Set<String> known) {
    return new InvalidSetting(name + ": is not a setting" + hint(name, known));
  }

  /** What replaced the key, or the most similar known one, as a hint; empty if there is none. */
  private static String hint(String key, Set<String> known) {
    String dotted = key.replaceFirst("^TIDINGS_", "").replace('_', '.').toLowerCase(Locale.ROOT);
    if (MOVED.containsKey(dotted)) {
      return "; it is now " + MOVED.get(dotted);
    }
    return known.stream()
        .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
        .filter(
            candidate -> distance(key, candidate) <= Math.max(1, key.length() / LETTERS_PER_ERROR))
        .map(candidate -> "; the nearest is " + candidate)
        .orElse("");
  }

  /** The Levenshtein distance. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }

  private static Optional<Integer> line(String yaml, String key) {
    return line(new Yaml().compose(new StringReader(yaml)), "", key);
  }

  private static Optional<Integer> line(Node node, String prefix, String key) {
    if (!(node instanceof MappingNode mapping)) {
      return Optional.empty();
    }
    for (NodeTuple pair : mapping.getValue()) {
      String name = prefix + ((ScalarNode) pair.getKeyNode()).getValue();
      if (name.equals(key)) {
        return Optional.of(pair.getKeyNode().getStartMark().getLine() + 1);
      }
      if (key.startsWith(name + ".")) {
        return line(pair.getValueNode(), name + ".", key);
      }
    }
    return Optional.empty();
  }
}
